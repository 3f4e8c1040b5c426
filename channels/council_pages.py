"""The council's pages around the chat: the first one, and what the law asks us to say about the chat."""

from __future__ import annotations

import aiohttp_jinja2
from aiohttp import web

from channels.chat_config import start_id
from channels.page_context import context_of
from hearback.chat_look import chat_look


async def council(request: web.Request) -> web.Response:
    """GET /: a council page with the chat on it."""
    return rendered(request, "council.html")


async def accessibility(request: web.Request) -> web.Response:
    """GET /accessibility: the statement under the Public Sector Bodies Accessibility Regulations 2018."""
    return rendered(request, "accessibility.html")


async def privacy_notice(request: web.Request) -> web.Response:
    """GET /privacy-notice: what happens with what citizens write in the chat."""
    return rendered(request, "privacy_notice.html")


async def about_assistant(request: web.Request) -> web.Response:
    """GET /about-assistant: a record in the manner of the Algorithmic Transparency Recording Standard."""
    return rendered(request, "about_assistant.html")


def rendered(request: web.Request, template: str) -> web.Response:
    """These pages are written in English."""
    look = chat_look()
    choices = look.greetings[look.offered("en")].choices
    return aiohttp_jinja2.render_template(template, request, context_of(request, "en") | {"choices": choices, "start_id": start_id})


def routes() -> list[web.RouteDef]:
    return [
        web.get("/", council),
        web.get("/accessibility", accessibility),
        web.get("/privacy-notice", privacy_notice),
        web.get("/about-assistant", about_assistant),
    ]
