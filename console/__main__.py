"""`python -m console`: the service teams' door on HEARBACK_CONSOLE_PORT."""

from __future__ import annotations

import sys

from aiohttp import web

from console.app import make_app
from engagement.database import Database
from engagement.log import EngagementLog
from hearback import private, serving
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.settings import Settings, SettingsError


def main() -> None:
    try:
        settings = Settings.from_environ()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    private.only_ours(settings.home)
    clock = shared_clock(settings.home, settings.time_scale)
    log = EngagementLog(Database(settings.database_url), clock, load_keys(settings.home))

    async def close(app: web.Application) -> None:
        await log.close()

    app = make_app(settings, log, clock)
    app.on_cleanup.append(close)
    serving.serve(
        app, host=settings.host, port=settings.console_port, setting="HEARBACK_CONSOLE_PORT", process="console", form=settings.log_format
    )


if __name__ == "__main__":
    main()
