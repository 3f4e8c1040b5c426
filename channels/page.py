"""The chat as a page: plain forms that work without JavaScript, and a small script that makes it live where there is."""

from __future__ import annotations

import uuid
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from channels import words
from channels.access import COOKIE, begin, hand_out, known, same_origin, set_cookie
from channels.calls import LONGEST_TEXT, Refused, spoken
from channels.keys import LOG
from channels.taking import take, wait_for_answer
from engagement.values import Conversation, Message
from hearback import profile

WAIT = 8.0
LONGEST_FORM = 32 * 1024


async def show(request: web.Request) -> web.Response:
    """GET /chat"""
    conversation = await known(request)
    response = await page(request, conversation)
    hand_out(request, response)
    return response


async def page(
    request: web.Request, conversation: Conversation | None, *, error: str | None = None, draft: str = "", status: int = 200
) -> web.Response:
    said = await request.app[LOG].messages(conversation.id, limit=500) if conversation else []
    context: dict[str, Any] = {
        "council": profile.council(),
        "messages": [shown(message) for message in said] or [shown_greeting()],
        "waiting": bool(said) and said[-1].author == "citizen",
        "error": error,
        "draft": draft,
        "client_id": uuid.uuid4().hex,
        "longest": LONGEST_TEXT,
        "last_id": said[-1].id if said else 0,
    }
    return aiohttp_jinja2.render_template("chat.html", request, context, status=status)


def shown(message: Message) -> dict[str, Any]:
    return {"sent": message.author == "citizen", **message.public(), "moment": message.created_at}


def shown_greeting() -> dict[str, Any]:
    """The greeting before there is a conversation: its choices are known by their place."""
    greeting = words.greeting()
    choices = [{"id": f"start-{place}", "title": choice.title} for place, choice in enumerate(greeting.choices)]
    return {"sent": False, "id": 0, "author": "bot", "text": greeting.text, "choices": choices, "at": "", "moment": None}


async def post(request: web.Request) -> web.Response:
    """POST /chat: a form without JavaScript; answers with the page again."""
    if not same_origin(request):
        raise web.HTTPForbidden(text="This request came from another site.")
    if (request.content_length or 0) > LONGEST_FORM:
        return await page(
            request, await known(request), error=f"Your message is too long. Send at most {LONGEST_TEXT} characters.", status=413
        )
    form = await request.post()
    conversation, token = await known(request), None
    text, choice = form.get("text"), form.get("choice")
    if conversation is None:
        token, conversation, _ = await begin(request)
    try:
        received = await take(request.app, conversation, text=text, choice=choice, client_id=form.get("client_id") or None)
    except Refused as refused:
        response = await page(request, conversation, error=refused.sentence(spoken(request)), draft=str(text or ""), status=refused.status)
    else:
        await wait_for_answer(request.app, conversation, received, WAIT)
        response = web.Response(status=303, headers={"Location": "/chat#latest"})
    hand_out(request, response)
    if token:
        set_cookie(request, response, token)
    return response


async def leave(request: web.Request) -> web.Response:
    """POST /chat/leave: forget this chat in this browser, for a shared computer."""
    if not same_origin(request):
        raise web.HTTPForbidden(text="This request came from another site.")
    response = web.Response(status=303, headers={"Location": "/chat"})
    response.del_cookie(COOKIE, path="/")
    return response


@aiohttp_jinja2.template("council.html")
async def council(request: web.Request) -> dict[str, Any]:
    """GET /: a council page with the way into the chat."""
    return {"council": profile.council()}


def routes() -> list[web.RouteDef]:
    return [web.get("/", council), web.get("/chat", show), web.post("/chat", post), web.post("/chat/leave", leave)]
