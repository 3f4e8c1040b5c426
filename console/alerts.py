"""Dangers that citizens reported stand on top of every page until a colleague has closed them."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from console.access import may, route_of
from console.parts import CALLER, CLOCK, log
from console.routes import Access
from engagement.dangers import Danger
from engagement.database import LogUnavailable

LOOK_EVERY = timedelta(seconds=2)  # of the real clock: fifty people who click ask the log once
DANGER = web.RequestKey("danger", Danger)


class Alerts:
    """What was seen last, and when."""

    def __init__(self) -> None:
        self.seen: Danger | None = None
        self.at: datetime | None = None


ALERTS = web.AppKey("alerts", Alerts)


@web.middleware
async def look_out(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give pages the danger that waits, where the caller may read the conversation. A log that does not answer stops no page."""
    route = route_of(request)
    if route is not None and route.access is Access.STAFF and CALLER in request and may(request, "/conversations"):
        try:
            found = await _danger(request)
        except LogUnavailable:
            found = None
        if found:
            request[DANGER] = found
    try:
        return await handler(request)
    finally:
        if request.method == "POST":
            request.app[ALERTS].at = None  # what a colleague does to it shows on the page that they see next


async def _danger(request: web.Request) -> Danger | None:
    alerts, clock = request.app[ALERTS], request.app[CLOCK]
    now = clock.now()
    if alerts.at is None or now - alerts.at >= clock.lease(LOOK_EVERY):
        alerts.at = now
        alerts.seen = await log(request).dangers.open()
    return alerts.seen
