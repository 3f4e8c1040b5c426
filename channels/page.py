"""The chat as a page: plain forms that work without JavaScript. Where there is JavaScript, the widget takes the page over."""

from __future__ import annotations

import uuid
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from channels import photos
from channels.access import begin, forget_cookie, known, set_cookie
from channels.calls import LONGEST_TEXT, Refused
from channels.keys import CLOCK, LOG
from channels.page_context import UNSAID, context_of, keep_language, language_of, refuse_other_sites, see_other, shown
from channels.page_form import Form, read_form
from channels.taking import PERSON, checked, take, wait_for_answer
from channels.web import every_message
from engagement.values import GONE, Conversation

WAIT = 8.0
OF_PHOTO = ("utter_refused_photo_", "utter_refused_photos_")  # how refusals begin that belong to the photo's field


async def show(request: web.Request) -> web.Response:
    """GET /chat"""
    conversation = await known(request)
    response = await page(request, conversation)
    if request.query.get("language"):
        keep_language(request, response, language_of(request, conversation))
    return response


async def page(
    request: web.Request,
    conversation: Conversation | None,
    *,
    errors: dict[str, str] | None = None,
    draft: str = "",
    given: dict[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    """The conversation; `errors` by the id of the field that they belong to, `draft` and `given` what the citizen had filled in."""
    language = language_of(request, conversation)
    context: dict[str, Any] = {
        **context_of(request, language),
        "state": "open",
        "rated": False,
        "unanswered": False,
        "by_text": False,
        "by": None,
    }
    said = await every_message(request, conversation) if conversation else []
    if conversation:
        state = await request.app[LOG].chats.state(conversation.id)
        context |= {"state": state.state, "rated": state.rated, "by": state.by, "by_text": conversation.channel == "sms"}
        context["unanswered"] = bool(said) and said[-1].author == "citizen" and state.state != "ended"
    context |= {
        "begun": conversation is not None,
        "messages": shown(said, language, request.app[CLOCK].now()) or [{**UNSAID, "author": "bot", **context["greeting"]}],
        "last_id": said[-1].id if said else 0,
        "errors": errors or {},
        "draft": draft,
        "given": given or {},
        "client_id": uuid.uuid4().hex,
    }
    return aiohttp_jinja2.render_template("chat.html", request, context, status=status)


async def post(request: web.Request) -> web.Response:
    """POST /chat: a message, a choice or a photo; answers with the page again."""
    refuse_other_sites(request)
    form, conversation, token = await read_form(request), await known(request), None
    language = language_of(request, conversation)
    try:
        # What the first page of the council offers begins a new chat where the last one has ended.
        if conversation is None or (form.get("choice").startswith("start-") and conversation.state in ("ended", *GONE)):
            token, conversation, _ = await begin(request, language)
        await say(request, conversation, form)
    except Refused as refused:
        field = "photo" if refused.says.startswith(OF_PHOTO) else "text"
        errors = {field: refused.sentence(language)}
        response = await page(request, conversation, errors=errors, draft=form.get("text"), status=refused.status)
    else:
        response = see_other("/chat#latest")
    if token:
        set_cookie(request, response, token)
    return response


async def say(request: web.Request, conversation: Conversation, form: Form) -> None:
    """Write down what the form says and wait a little for the answer. Who asks for a person has their draft sent first."""
    if form.long:
        raise Refused(413, "utter_refused_long", most=LONGEST_TEXT)
    if form.large:
        raise photos.too_large()
    text, choice = form.get("text").replace("\r\n", "\n"), form.get("choice") or None
    kept: list[str] = []
    if choice in (None, PERSON) and (text.strip() or form.photo):
        if text.strip():
            checked(text)
        if form.photo:
            await photos.may_add(request, conversation)
            kept = [(await photos.keep(request, conversation, form.photo)).id]
        received = await take(request.app, conversation, text=text, choice=None, photos=kept, client_id=form.get("client_id") or None)
    elif choice is None:
        checked(text)
    if choice:
        identity = None if kept or text.strip() else form.get("client_id") or None
        received = await take(request.app, conversation, text=None, choice=choice, client_id=identity)
    await wait_for_answer(request.app, conversation, received, WAIT)


async def leave(request: web.Request) -> web.Response:
    """POST /chat/leave and /chat/new: forget this chat in this browser, for a shared computer or a new chat."""
    refuse_other_sites(request)
    response = see_other("/chat")
    forget_cookie(request, response)
    return response


def routes() -> list[web.RouteDef]:
    return [web.get("/chat", show), web.post("/chat", post), web.post("/chat/leave", leave), web.post("/chat/new", leave)]
