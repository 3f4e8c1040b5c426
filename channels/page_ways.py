"""What citizens can do with their chat without JavaScript: end, rate, save, print or delete it, go on by text, in another language."""

from __future__ import annotations

from typing import Any

import aiohttp_jinja2
from aiohttp import web

from channels import transcript
from channels.access import forget_cookie, known
from channels.calls import LONGEST_TEXT, Refused
from channels.keys import CLOCK, ERASER, LOG, SIGNALS
from channels.page import WAIT, page
from channels.page_context import context_of, keep_language, language_of, refuse_other_sites, sayer, see_other, shown
from channels.page_form import read_form
from channels.taking import take, wait_for_answer
from channels.web import every_message
from engagement.values import Conversation
from hearback.chat_look import chat_look

SCORES = ("1", "2", "3", "4", "5")


async def chat_of(request: web.Request) -> Conversation:
    """The citizen's conversation; who has none is taken to the chat's beginning."""
    if request.method == "POST":
        refuse_other_sites(request)
    if conversation := await known(request):
        return conversation
    raise web.HTTPSeeOther("/chat")


def rendered(request: web.Request, template: str, conversation: Conversation | None, *, status: int = 200, **more: Any) -> web.Response:
    context = context_of(request, language_of(request, conversation)) | more
    return aiohttp_jinja2.render_template(template, request, context, status=status)


async def confirm_end(request: web.Request) -> web.Response:
    """GET /chat/end"""
    return rendered(request, "chat_confirm.html", await chat_of(request), what="end")


async def end(request: web.Request) -> web.Response:
    """POST /chat/end"""
    conversation = await chat_of(request)
    await request.app[LOG].chats.end(conversation.id)
    request.app[SIGNALS].ring(conversation.id)
    return see_other("/chat#ended")


async def rate(request: web.Request) -> web.Response:
    """POST /chat/rating: how satisfied the citizen was, once the chat has ended."""
    conversation, form = await chat_of(request), await read_form(request)
    say, score, words = sayer(language_of(request, conversation)), form.get("score"), form.get("words").strip().replace("\x00", "")
    errors = {}
    if score not in SCORES:
        errors["score"] = say("rating_none")
    if form.long or len(words) > LONGEST_TEXT:
        errors["words"] = say("too_long", limit=LONGEST_TEXT, count=len(words))
    if errors:
        return await page(request, conversation, errors=errors, given=form.fields, status=422)
    await request.app[LOG].chats.rate(conversation.id, int(score), words or None)
    request.app[SIGNALS].ring(conversation.id)
    return see_other("/chat#ended")


async def confirm_delete(request: web.Request) -> web.Response:
    """GET /chat/delete"""
    return rendered(request, "chat_confirm.html", await chat_of(request), what="delete")


async def delete(request: web.Request) -> web.Response:
    """POST /chat/delete"""
    conversation = await chat_of(request)
    if not await request.app[ERASER].erase(conversation.id):
        return see_other("/chat")  # it says there why it is kept for now
    response = see_other("/chat/deleted")
    forget_cookie(request, response)
    return response


async def deleted(request: web.Request) -> web.Response:
    """GET /chat/deleted"""
    return rendered(request, "chat_deleted.html", None)


async def save(request: web.Request) -> web.Response:
    """GET /chat/transcript: the conversation as a text file."""
    conversation = await chat_of(request)
    text = transcript.of(await every_message(request, conversation), language_of(request, conversation))
    return web.Response(text=text, headers={"Content-Disposition": 'attachment; filename="chat.txt"'})


async def show_to_print(request: web.Request) -> web.Response:
    """GET /chat/print: the conversation without its forms."""
    conversation = await chat_of(request)
    said = await every_message(request, conversation)
    lines = shown(said, language_of(request, conversation), request.app[CLOCK].now())
    return rendered(request, "chat_print.html", conversation, messages=lines)


async def speak(request: web.Request) -> web.Response:
    """POST /chat/language: show the chat in another language, and ask the assistant to speak it."""
    refuse_other_sites(request)
    conversation, form = await known(request), await read_form(request)
    language = chat_look().offered(form.get("language"))
    if conversation and conversation.state in ("open", "waiting") and conversation.language != language:
        wish = chat_look().languages[language]["name"]
        try:
            received = await take(request.app, conversation, text=wish, choice=None, client_id=None)
            await wait_for_answer(request.app, conversation, received, WAIT)
        except Refused as refused:
            return await page(request, conversation, errors={"text": refused.sentence(language)}, status=refused.status)
    response = see_other("/chat#latest" if conversation else "/chat")
    keep_language(request, response, language)
    return response


def routes() -> list[web.RouteDef]:
    return [
        web.get("/chat/end", confirm_end),
        web.post("/chat/end", end),
        web.post("/chat/rating", rate),
        web.get("/chat/delete", confirm_delete),
        web.post("/chat/delete", delete),
        web.get("/chat/deleted", deleted),
        web.get("/chat/transcript", save),
        web.get("/chat/print", show_to_print),
        web.post("/chat/language", speak),
    ]
