"""`python -m backoffice.sandbox`: run the pretend council."""

from __future__ import annotations

import errno
import sys

from aiohttp import web

from backoffice.sandbox.app import make_app
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.settings import Settings, SettingsError


def main() -> int:
    try:
        settings = Settings.from_environ()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    app = make_app(settings, load_keys(settings.home), shared_clock(settings.home, settings.time_scale))
    try:
        web.run_app(app, host=settings.host, port=settings.sandbox_port, access_log=None, print=None, shutdown_timeout=0.1)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.stderr.write(f"Port {settings.sandbox_port} is in use: set HEARBACK_SANDBOX_PORT to another.\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
