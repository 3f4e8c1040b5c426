"""Runs an aiohttp application as a process of ours."""

from __future__ import annotations

import asyncio
import errno
import gc
import sys
from collections.abc import Awaitable, Callable

import uvloop
from aiohttp import web

from hearback import logs

# Longer than proxies keep a line to us that nobody uses (nginx and the clouds' balancers: 60 s); aiohttp would wait an hour.
IDLE = 75.0
BODY_WITHIN = 120.0  # seconds for a whole body: a photo of 10 MB over a slow phone takes 80
# Nobody who calls us packs what they send: unpacking it would only serve those whose kilobytes become gigabytes.
# `lingering_time`: how long the rest of a body that was refused is read, so that the caller gets to see the answer.
HANDLING = {"auto_decompress": False, "lingering_time": 5.0}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def hurry(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Hang up on a caller who sends a body drop by drop. Who sends no whole head is left after IDLE seconds."""
    if not request.can_read_body:
        return await handler(request)
    timer = asyncio.get_running_loop().call_later(BODY_WITHIN, _hang_up, request)
    try:
        return await handler(request)
    finally:
        timer.cancel()


def _hang_up(request: web.Request) -> None:
    if not request.content.is_eof() and request.transport is not None:
        request.transport.abort()


async def put_aside(app: web.Application) -> None:
    """What is there at the start stays to the end: who looks for garbage later, with everybody waiting, need not go through it again.

    https://docs.python.org/3/library/gc.html#gc.freeze"""
    gc.collect()
    gc.freeze()


def serve(app: web.Application, *, host: str, port: int, setting: str, process: str, form: str = "text") -> None:
    """Serve until SIGTERM; a taken port ends the process with one sentence and status 2."""
    logs.set_up(process, form=form)
    app.on_startup.append(put_aside)
    try:
        web.run_app(
            app, loop=uvloop.new_event_loop(), host=host, port=port, access_log=None, print=None, shutdown_timeout=2, keepalive_timeout=IDLE
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"{setting} is {port}, and another program uses that port: stop it or set another port.", file=sys.stderr)  # noqa: T201
        sys.exit(2)
