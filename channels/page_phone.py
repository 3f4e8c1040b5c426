"""Going on by text message without JavaScript: the number, then the code."""

from __future__ import annotations

from aiohttp import web

from channels.calls import Refused
from channels.page_context import language_of, sayer, see_other
from channels.page_form import read_form
from channels.page_ways import chat_of, rendered
from channels.phone_code import MINUTES, prove, send_code

ENDING = 3  # digits of the number that are shown


async def ask_number(request: web.Request) -> web.Response:
    """GET /chat/phone"""
    return rendered(request, "chat_phone.html", await chat_of(request), ending=None)


async def number(request: web.Request) -> web.Response:
    """POST /chat/phone {phone}: a code goes to it, and the page asks for the code."""
    conversation, form = await chat_of(request), await read_form(request)
    language, errors, ending = language_of(request, conversation), {}, None
    if not form.get("phone").strip():
        errors = {"phone": sayer(language)("phone_empty")}
    else:
        try:
            ending = await send_code(request, conversation, form.get("phone"))
        except Refused as refused:
            errors = {"phone": refused.sentence(language)}
    status = 422 if errors else 200
    given = {"phone": form.get("phone")}
    return rendered(request, "chat_phone.html", conversation, status=status, ending=ending, minutes=MINUTES, errors=errors, given=given)


async def code(request: web.Request) -> web.Response:
    """POST /chat/phone/code {code}: from now on the conversation goes on by text."""
    conversation, form = await chat_of(request), await read_form(request)
    say, ending = sayer(language_of(request, conversation)), form.get("ending")
    if not (ending.isascii() and ending.isdigit() and len(ending) == ENDING):
        return see_other("/chat/phone")
    error = None if form.get("code").strip() else say("code_empty")
    try:
        if not error:
            await prove(request.app, conversation, form.get("code"))
            return see_other("/chat#by-text")
    except Refused as refused:
        error = refused.sentence(language_of(request, conversation))
    return rendered(
        request, "chat_phone.html", conversation, status=422, ending=ending, minutes=MINUTES, errors={"code": error}, given={}
    )  # fmt: skip


async def code_again(request: web.Request) -> web.Response:
    """GET /chat/phone/code: who comes here by the browser's history begins with the number."""
    return see_other("/chat/phone")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/chat/phone", ask_number),
        web.post("/chat/phone", number),
        web.get("/chat/phone/code", code_again),
        web.post("/chat/phone/code", code),
    ]
