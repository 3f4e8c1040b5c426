"""The web chat's door: chats and their messages, as JSON."""

from __future__ import annotations

import math

from aiohttp import web

from channels import access, transcript
from channels.access import conversation_of
from channels.calls import LONGEST_TEXT, Refused, json_body, json_response
from channels.keys import ERASER, LOG, SIGNALS
from channels.taking import take, wait_for_answer
from engagement.values import Conversation, Message

LONGEST_WAIT = 20.0


async def start(request: web.Request) -> web.Response:
    """POST /api/chat/sessions {language?}: a new conversation; its token comes back in the body and in a cookie."""
    body = await json_body(request) if request.can_read_body else {}
    token, conversation, said = await access.begin(request, body.get("language"))
    told = {"token": token, "conversation": conversation.id, "messages": [message.public() for message in said]}
    response = json_response(told, status=201)
    access.set_cookie(request, response, token)
    return response


async def state(request: web.Request) -> web.Response:
    """GET /api/chat/session"""
    conversation = await conversation_of(request)
    return json_response((await request.app[LOG].chats.state(conversation.id)).public())


async def erase(request: web.Request) -> web.Response:
    """DELETE /api/chat/session: the conversation's words and photos are deleted; requests that were sent stay in the back office.

    202 with the chat's state where a legal hold keeps it for now: what that means was said in the chat.
    """
    conversation = await conversation_of(request)
    if not await request.app[ERASER].erase(conversation.id):
        return json_response((await request.app[LOG].chats.state(conversation.id)).public(), status=202)
    response = web.Response(status=204)
    access.forget_cookie(request, response)
    return response


async def send(request: web.Request) -> web.Response:
    """POST /api/chat/messages {text | choice | location | photos, client_id}: 202 {id}, or with ?wait=SECONDS 200 {id, messages}."""
    conversation = await conversation_of(request)
    body = await json_body(request)
    wait = seconds(request.query.get("wait"))
    given = {name: body.get(name) for name in ("text", "choice", "location", "photos", "client_id")}
    received = await take(request.app, conversation, **given)
    answers = await wait_for_answer(request.app, conversation, received, wait) if wait is not None else None
    if answers is None:
        return json_response({"id": received.id}, status=202)
    return json_response({"id": received.id, "messages": [message.public() for message in answers]})


def seconds(given: str | None) -> float | None:
    if given is None:
        return None
    try:
        wanted = float(given)
    except ValueError:
        wanted = math.nan
    if math.isnan(wanted):
        raise Refused(400, "wait must be a number of seconds, at most 20.")
    return min(max(wanted, 0.0), LONGEST_WAIT)


async def messages(request: web.Request) -> web.Response:
    """GET /api/chat/messages?after=ID"""
    conversation = await conversation_of(request)
    said = await request.app[LOG].messages(conversation.id, after=after(request.query.get("after")))
    return json_response({"messages": [message.public() for message in said]})


def after(given: str | None) -> int:
    if not given:
        return 0
    if not (given.isascii() and given.isdigit()) or len(given) > 15:
        raise Refused(400, "after must be the id of a message.")
    return int(given)


async def end(request: web.Request) -> web.Response:
    """POST /api/chat/end: nothing can be sent to the chat any more; what was said can still be read."""
    conversation = await conversation_of(request)
    await request.app[LOG].chats.end(conversation.id)
    request.app[SIGNALS].ring(conversation.id)
    return json_response({"state": "ended"})


async def rate(request: web.Request) -> web.Response:
    """POST /api/chat/rating {score, words?}: 204; again replaces it."""
    conversation = await conversation_of(request)
    body = await json_body(request)
    score, words = body.get("score"), body.get("words")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise Refused(422, "score must be a whole number from 1 to 5.")
    if words is not None and not isinstance(words, str):
        raise Refused(422, "words must be a text.")
    words = (words or "").strip().replace("\x00", "")
    if len(words) > LONGEST_TEXT:
        raise Refused(413, "utter_refused_long", most=LONGEST_TEXT)
    await request.app[LOG].chats.rate(conversation.id, score, words or None)
    request.app[SIGNALS].ring(conversation.id)
    return web.Response(status=204)


async def written(request: web.Request) -> web.Response:
    """GET /api/chat/transcript: the conversation as a text file."""
    conversation = await conversation_of(request)
    text = transcript.of(await every_message(request, conversation), conversation.language)
    return web.Response(text=text, headers={"Content-Disposition": 'attachment; filename="chat.txt"'})


async def every_message(request: web.Request, conversation: Conversation) -> list[Message]:
    said: list[Message] = []
    while more := await request.app[LOG].messages(conversation.id, after=said[-1].id if said else 0):
        said += more
    return said


def routes() -> list[web.RouteDef]:
    return [
        web.post("/api/chat/sessions", start),
        web.get("/api/chat/session", state),
        web.delete("/api/chat/session", erase),
        web.post("/api/chat/messages", send),
        web.get("/api/chat/messages", messages),
        web.post("/api/chat/end", end),
        web.post("/api/chat/rating", rate),
        web.get("/api/chat/transcript", written),
    ]
