"""The service teams' door: read what citizens said, what the assistant made of it and what became of it."""

from __future__ import annotations

from pathlib import Path

import yaml
from aiohttp import web

from console import auth, desk, live, static
from console.access import add_routes, prove_caller
from console.errors import answer_errors
from console.forms import LARGEST_FILES, check_forms
from console.navigation import sections
from console.pages import account, conversations, handovers, inbox, measures, requests
from console.pages import desk as desk_page
from console.parts import CLOCK, COUNCIL, LOG, SETTINGS
from console.render import set_up
from console.routes import Access, Route, get
from console.safety import add_headers
from engagement.log import EngagementLog
from hearback.clock import Clock
from hearback.settings import ROOT, Settings

PROFILE = ROOT / "data" / "council" / "profile.yml"
FAMILIES = (inbox, desk_page, conversations, handovers, requests, measures, account)


def make_app(settings: Settings, log: EngagementLog, clock: Clock) -> web.Application:
    """The console. The log is lent: whoever opened it closes it."""
    app = web.Application(middlewares=[answer_errors, prove_caller, check_forms], client_max_size=LARGEST_FILES)
    app[LOG], app[CLOCK], app[COUNCIL] = log, clock, council_name(PROFILE)
    app[SETTINGS] = settings
    desk.set_up(app)
    live.set_up(app, log)
    app[static.ASSETS] = static.Assets(static.FOLDER)
    app[auth.GATE] = auth.Gate()
    set_up(app)
    add_routes(app, [*OWN, *auth.ROUTES, *(route for family in FAMILIES for route in family.ROUTES)])
    app.on_startup.append(app[auth.GATE].prepare)
    app.on_response_prepare.append(add_headers)
    return app


def council_name(profile: Path) -> str:
    """The council's name from its profile; empty where there is none."""
    try:
        read = yaml.safe_load(profile.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    return str(read.get("name", "")) if isinstance(read, dict) else ""


async def health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def first_page(request: web.Request) -> web.Response:
    """On to the first section that the caller may read."""
    raise web.HTTPSeeOther(sections(request)[0][0])


OWN = (
    Route(method="GET", path="/health", handler=health, access=Access.OPEN),
    Route(method="GET", path="/static/{path:.+}", handler=static.serve, access=Access.OPEN),
    get("/", first_page),
)
