"""No more e-mail: the page behind the link in each, and what a mail program calls by itself (RFC 8058)."""

from __future__ import annotations

import aiohttp_jinja2
from aiohttp import web

from channels import limits
from channels.addresses import address_of
from channels.keys import LIMITS, LOG
from channels.page_answer import NOT_INDEXED, gone
from channels.page_context import context_of, language_of


async def ask(request: web.Request) -> web.Response:
    """GET /mail/stop/TOKEN: changes nothing, for programs follow links too."""
    await request.app[LIMITS].check(limits.LINKS_FROM, address_of(request))
    return page(request, "ask") if request.app[LOG].mails.ours(request.match_info["token"]) else gone(request)


async def stop(request: web.Request) -> web.Response:
    """POST /mail/stop/TOKEN: also one click in a mail program, which names no page and follows no other address."""
    return await wish(request, "stopped")


async def start(request: web.Request) -> web.Response:
    """POST /mail/start/TOKEN: the citizen changed their mind."""
    return await wish(request, "started")


async def wish(request: web.Request, done: str) -> web.Response:
    await request.app[LIMITS].check(limits.LINKS_FROM, address_of(request))
    known = await request.app[LOG].mails.stop(request.match_info["token"], again=done == "started")
    return page(request, done) if known else gone(request)


def page(request: web.Request, done: str) -> web.Response:
    context = {**context_of(request, language_of(request, None)), "token": request.match_info["token"], "done": done}
    response = aiohttp_jinja2.render_template("mail_stop.html", request, context)
    response.headers.update(NOT_INDEXED)
    return response


def routes() -> list[web.RouteDef]:
    return [web.get("/mail/stop/{token}", ask), web.post("/mail/stop/{token}", stop), web.post("/mail/start/{token}", start)]
