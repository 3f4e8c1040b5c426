"""The web chat's live line: server-sent events. A window that only listens costs no query and no timer of its own."""

from __future__ import annotations

import asyncio
import time

import orjson
from aiohttp import web

from channels import access, limits
from channels.keys import LOG, SIGNALS
from channels.signals import Listener, Signals
from channels.web import after
from engagement.chats import ChatState
from engagement.log import EngagementLog
from engagement.values import GONE

HEARTBEAT = 20.0
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def events(request: web.Request) -> web.StreamResponse:
    """GET /api/chat/events: `message`, `typing` and `state` as they happen; resumes after Last-Event-ID."""
    opened = await access.opened(request)
    latest = after(request.headers.get("Last-Event-ID") or request.query.get("after"))
    signals = request.app[SIGNALS]
    if signals.listening(opened.conversation.id) >= limits.MOST_STREAMS:
        raise limits.TooMuch(60)
    response = web.StreamResponse(headers=HEADERS)
    access.hand_out(request, response)
    await response.prepare(request)
    listener = signals.join(opened.conversation.id)
    try:
        await tell(response, request.app[LOG], signals, listener, latest, until=opened.expires_at.timestamp())
    finally:
        signals.leave(listener)
    return response


async def tell(
    response: web.StreamResponse, log: EngagementLog, signals: Signals, listener: Listener, latest: int, *, until: float
) -> None:
    """Write what happens in the listener's conversation until it is erased, the token is too old, or nobody reads any more."""
    told: ChatState | None = None
    typing = False
    listener.ring()
    while not listener.closed and time.time() < until:
        if not await listener.woken():
            await response.write(b": still here\n\n")
            continue
        if listener.take_news():
            state, said = await log.news(listener.name, after=latest)
            if state != told:
                told = state
                await response.write(event("state", state.public()))
            for message in said:
                latest = message.id
                await response.write(event("message", message.public(), id=message.id))
            if state.state in GONE:
                return
            if len(said) == log.AT_ONCE:
                listener.ring()
        if typing != signals.is_typing(listener.name):
            typing = not typing
            await response.write(event("typing", {"typing": typing}))


def event(kind: str, body: object, *, id: int | None = None) -> bytes:
    numbered = b"id: %d\n" % id if id is not None else b""
    return numbered + b"event: %s\ndata: %s\n\n" % (kind.encode(), orjson.dumps(body))


async def keep_alive(signals: Signals) -> None:
    """The one clock of all open lines: proxies and browsers give up a line on which nothing comes."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        signals.tick()


def routes() -> list[web.RouteDef]:
    return [web.get("/api/chat/events", events)]
