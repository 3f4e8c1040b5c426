"""The service teams' door: read what citizens said, what the assistant made of it and what became of it."""

from __future__ import annotations

from pathlib import Path

import yaml
from aiohttp import web

from console import alerts, auth, desk, live, routes, single_sign_on, static
from console.access import add_routes, prove_caller
from console.errors import answer_errors
from console.forms import LARGEST_FILES, check_forms
from console.gate import GATE, Gate
from console.navigation import sections
from console.pages import (
    account,
    api_page,
    audit,
    conversations,
    examples,
    handovers,
    inbox,
    measures,
    models,
    partners,
    people,
    privacy,
    privacy_rules,
    requests,
    second_factor,
    teach,
    teachings,
    views,
)
from console.pages import desk as desk_page
from console.parts import CLOCK, COUNCIL, LOG, SETTINGS
from console.render import set_up
from console.routes import Access, Route, get
from console.safety import add_headers
from engagement.log import EngagementLog
from hearback import serving
from hearback.clock import Clock
from hearback.metrics_page import Page, count
from hearback.settings import ROOT, Settings

METRICS = web.AppKey("metrics", Page)
PROFILE = ROOT / "data" / "council" / "profile.yml"
FAMILIES = (
    inbox,
    desk_page,
    conversations,
    views,
    handovers,
    requests,
    partners,
    measures,
    teach,
    examples,
    teachings,
    models,
    people,
    audit,
    privacy,
    privacy_rules,
    account,
    second_factor,
    api_page,
)


def make_app(settings: Settings, log: EngagementLog, clock: Clock) -> web.Application:
    """The console. The log is lent: whoever opened it closes it."""
    app = web.Application(
        middlewares=[count, serving.hurry, answer_errors, prove_caller, alerts.look_out, check_forms],
        client_max_size=LARGEST_FILES,
        handler_args=serving.HANDLING,
    )
    app[LOG], app[CLOCK], app[COUNCIL] = log, clock, council_name(PROFILE)
    app[SETTINGS], app[METRICS] = settings, Page(settings, log.waits.depths)
    app[static.ASSETS] = static.Assets(static.FOLDER)
    app[GATE], app[alerts.ALERTS], app[teachings.TRAINING] = Gate(), alerts.Alerts(), teachings.Running()
    desk.set_up(app)
    live.set_up(app, log)
    set_up(app)
    add_routes(app, all_routes())
    single_sign_on.set_up(app)
    app.on_startup.append(app[GATE].prepare)
    app.on_cleanup.append(teachings.end)
    app.on_response_prepare.append(add_headers)
    return app


def all_routes() -> list[Route]:
    return [*OWN, *auth.ROUTES, *single_sign_on.ROUTES, *(route for family in FAMILIES for route in family.ROUTES)]


def scopes_of(role: str) -> list[str]:
    """What an API token of somebody in this role can be made for."""
    return routes.scopes_of(role, all_routes())


def council_name(profile: Path) -> str:
    """The council's name from its profile; empty where there is none."""
    try:
        read = yaml.safe_load(profile.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    return str(read.get("name", "")) if isinstance(read, dict) else ""


async def health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def metrics(request: web.Request) -> web.Response:
    return await request.app[METRICS].show(request)


async def first_page(request: web.Request) -> web.Response:
    """On to the first section that the caller may read."""
    raise web.HTTPSeeOther(sections(request)[0][0])


OWN = (
    Route(method="GET", path="/health", handler=health, access=Access.OPEN),
    Route(method="GET", path="/metrics", handler=metrics, access=Access.OPEN),
    Route(method="GET", path="/static/{path:.+}", handler=static.serve, access=Access.OPEN),
    get("/", first_page),
)
