"""The service teams' door: read what citizens said, what the assistant made of it and what became of it."""

from __future__ import annotations

from pathlib import Path

import yaml
from aiohttp import web

from console import api, auth, static
from console.access import check_declared, prove_caller
from console.errors import answer_errors
from console.forms import LARGEST, check_forms
from console.pages import account, conversations, handovers, measures, requests
from console.parts import CLOCK, COUNCIL, LOG
from console.render import set_up
from console.safety import add_headers
from engagement.log import EngagementLog
from hearback.clock import Clock
from hearback.settings import ROOT, Settings

PROFILE = ROOT / "data" / "council" / "profile.yml"
ONE = r"/{id:[0-9A-Za-z_-]{1,32}}"


def make_app(settings: Settings, log: EngagementLog, clock: Clock) -> web.Application:
    """The console. The log is lent: whoever opened it closes it."""
    app = web.Application(middlewares=[answer_errors, prove_caller, check_forms], client_max_size=LARGEST)
    app[LOG], app[CLOCK], app[COUNCIL] = log, clock, council_name(PROFILE)
    app[static.ASSETS] = static.Assets(static.FOLDER)
    app[auth.GATE] = auth.Gate()
    set_up(app)
    app.add_routes(
        [
            web.get("/health", health),
            web.get("/static/{path:.+}", static.serve),
            web.get("/sign-in", auth.sign_in_page),
            web.post("/sign-in", auth.sign_in),
            web.post("/sign-out", auth.sign_out),
            web.get("/", first_page),
            web.get("/conversations", conversations.conversations),
            web.get(f"/conversations{ONE}", conversations.conversation),
            web.post(f"/conversations{ONE}/phone", conversations.show_phone),
            web.get("/requests", requests.requests),
            web.get("/measures", measures.measures),
            web.get("/measures/{name:[a-z_]{1,40}}", measures.measure),
            web.post(r"/handovers/{id:[1-9]\d{0,8}}/close", handovers.close),
            web.get("/account", account.account),
            web.post("/account/password", account.change_password),
            web.post("/account/tokens", account.make_token),
            web.post("/account/tokens/withdraw", account.withdraw_token),
            web.get("/api/conversations", api.conversations),
            web.get("/api/conversations.csv", api.conversations_csv),
            web.get(f"/api/conversations{ONE}", api.conversation),
            web.get("/api/requests", api.requests),
            web.get("/api/requests.csv", api.requests_csv),
            web.get("/api/measures", measures.as_data),
            web.get("/api/measures.csv", measures.as_table),
        ]
    )
    check_declared(app)
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
    raise web.HTTPSeeOther("/conversations")
