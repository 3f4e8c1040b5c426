"""Runs an aiohttp application as a process of ours."""

from __future__ import annotations

import errno
import sys

import uvloop
from aiohttp import web

from hearback import logs


def serve(app: web.Application, *, host: str, port: int, setting: str, process: str, form: str = "text") -> None:
    """Serve until SIGTERM; a taken port ends the process with one sentence and status 2."""
    logs.set_up(process, form=form)
    try:
        web.run_app(
            app, loop=uvloop.new_event_loop(), host=host, port=port, access_log=None, print=None, handle_signals=True, shutdown_timeout=2
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"{setting} is {port}, and another program uses that port: stop it or set another port.", file=sys.stderr)  # noqa: T201
        sys.exit(2)
