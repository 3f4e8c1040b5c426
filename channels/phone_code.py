"""Going on by text message with what was begun in the web chat, after proving the number with a code."""

from __future__ import annotations

import re

from aiohttp import web

from channels import limits, numbers, words
from channels.access import conversation_of
from channels.addresses import address_of
from channels.calls import Refused, json_body, json_response
from channels.keys import LIMITS, LOG, SIGNALS, TWILIO
from engagement.chats import ChatOver
from engagement.codes import LASTS, CodeRefused
from engagement.values import Conversation, Reply
from hearback import profile
from hearback.phones import mobile

MINUTES = round(LASTS.total_seconds() / 60)


async def send_code(request: web.Request, conversation: Conversation, written: object) -> str:
    """Text a code to the number as the citizen wrote it; returns its last three digits. Raises Refused with a sentence."""
    app, language, council = request.app, conversation.language, profile.council()
    number = mobile(written, council["texts"]["countries"]) if isinstance(written, str) else None
    if number is None or numbers.refused(number, ours=frozenset({app[TWILIO].sender})):
        raise Refused(422, "utter_code_no_mobile")
    await app[LIMITS].check(limits.CODES_FROM, address_of(request))

    def text(code: str) -> Reply:
        return words.say("utter_phone_code", "sms", language, code=code, council=council["name"], minutes=str(MINUTES))

    try:
        await app[LOG].codes.send(conversation.id, number, text)
    except ChatOver:
        raise Refused(409, "utter_refused_ended") from None
    except CodeRefused as refused:
        raise Refused(429, refused.response, phone=council["phone"]) from None
    app[SIGNALS].ring("outbox")
    return number[-3:]


async def prove(app: web.Application, conversation: Conversation, given: object) -> str:
    """Take the code; from now on the conversation goes on by text, beginning with the latest question. Returns the number's last digits."""
    code = re.sub(r"\D", "", given) if isinstance(given, str) else ""
    try:
        ending = await app[LOG].codes.prove(conversation.id, code) if len(code) == 6 else None
    except ChatOver:
        raise Refused(409, "utter_refused_ended") from None
    if ending is None:
        raise Refused(422, "utter_code_wrong")
    moved = await app[LOG].conversation(conversation.id)
    linked = words.say("utter_phone_linked", "sms", conversation.language)
    latest = await app[LOG].latest_question(conversation.id)
    await app[LOG].tell(moved, Reply(text=f"{linked.text}\n\n{latest.text}", choices=latest.choices) if latest else linked)
    app[SIGNALS].ring(conversation.id)
    app[SIGNALS].ring("outbox")
    return ending


async def phone(request: web.Request) -> web.Response:
    """POST /api/chat/phone {phone}: 202 {ending, minutes}"""
    conversation, body = await conversation_of(request), await json_body(request)
    return json_response({"ending": await send_code(request, conversation, body.get("phone")), "minutes": MINUTES}, status=202)


async def code(request: web.Request) -> web.Response:
    """POST /api/chat/phone/code {code}: 200 {ending}"""
    conversation, body = await conversation_of(request), await json_body(request)
    return json_response({"ending": await prove(request.app, conversation, body.get("code"))})


def routes() -> list[web.RouteDef]:
    return [web.post("/api/chat/phone", phone), web.post("/api/chat/phone/code", code)]
