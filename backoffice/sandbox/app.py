"""The pretend council as one web application."""

from __future__ import annotations

from aiohttp import web

from backoffice.sandbox import bins, control, gazetteer, hsds, open311, page, partner, phone
from backoffice.sandbox import clock as clock_control
from backoffice.sandbox.council import open_council
from backoffice.sandbox.faults import FAULTS, spoil_bins
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.settings import Settings


def make_app(settings: Settings, keys: Keys, clock: Clock) -> web.Application:
    """Open311, HSDS, bins, a gazetteer, a phone and a page; all state is in `settings.home / "sandbox"`."""
    council = open_council(settings, clock)
    app = web.Application(middlewares=[spoil_bins])
    app[FAULTS] = council.faults
    for part in (page, partner, open311, control):
        app.add_routes(part.routes(council))
    app.add_routes(clock_control.routes(council, settings.home))
    for other in (hsds, bins, gazetteer, phone):
        app.add_routes(other.routes(settings, keys, clock))

    async def close(_app: web.Application) -> None:
        council.store.close()

    app.on_cleanup.append(close)
    return app
