"""The web chat door: JSON and server-sent events."""

from __future__ import annotations

import asyncio
import math
import uuid
from typing import Any

import orjson
from aiohttp import web

from channels import words
from channels.keys import INBOX, LOG, SETTINGS, SIGNALS
from channels.signals import pause
from engagement.log import UnknownConversation
from engagement.values import Choice, Conversation, InboundMessage, Message, Received

COOKIE = "hearback_chat"
COOKIE_AGE = 30 * 24 * 3600
LONGEST_TEXT = 2000
LONGEST_BODY = 32 * 1024
LONGEST_WAIT = 20.0
HEARTBEAT = 20.0
STALE_OFFERS = 50
SHARED = "/inform"  # what a location without words says to the assistant


class Refused(Exception):
    """The request cannot be done; `sentence` says what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def token_of(request: web.Request) -> tuple[str, bool]:
    """The chat's token and whether it came in the cookie."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and given:
        return given.strip(), False
    return request.cookies.get(COOKIE, ""), True


async def conversation_of(request: web.Request) -> Conversation:
    """The conversation that the caller's token stands for."""
    token, by_cookie = token_of(request)
    if by_cookie and request.method != "GET" and not same_origin(request):
        raise Refused(403, "This request came from another site.")
    try:
        return await request.app[LOG].conversation_of_token(token)
    except UnknownConversation:
        raise Refused(401, "There is no chat under this token. Start a new one with POST /api/chat/sessions.") from None


def same_origin(request: web.Request) -> bool:
    """Browsers say where a request comes from; one that says nothing is no browser of today and carries no cookie of ours by accident."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin in {request.app[SETTINGS].public_url, f"{request.scheme}://{request.host}"}


def set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    secure = request.app[SETTINGS].public_url.startswith("https://")
    response.set_cookie(COOKIE, token, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=secure, path="/")


async def json_body(request: web.Request) -> dict[str, Any]:
    body = await request.content.read(LONGEST_BODY + 1)
    while not request.content.at_eof() and len(body) <= LONGEST_BODY:
        body += await request.content.read(LONGEST_BODY)
    if len(body) > LONGEST_BODY:
        raise Refused(413, f"The message is too long. Send at most {LONGEST_TEXT} characters.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Refused(400, "The body must be a JSON object.")
    return value


async def start(request: web.Request) -> web.Response:
    """POST /api/chat/sessions: a new conversation; its token comes back in the body and in a cookie."""
    token, conversation, said = await request.app[LOG].start_web_conversation(words.greeting())
    body = {"token": token, "conversation": conversation.id, "messages": [message.public() for message in said]}
    response = json_response(body, status=201)
    set_cookie(request, response, token)
    return response


async def send(request: web.Request) -> web.Response:
    """POST /api/chat/messages {text | choice | location, client_id}: 202 {id}, or with ?wait=SECONDS 200 {id, messages} once answered."""
    conversation = await conversation_of(request)
    body = await json_body(request)
    wait = seconds(request.query.get("wait"))
    given = {name: body.get(name) for name in ("text", "choice", "location", "client_id")}
    received = await take(request.app, conversation, **given)
    if wait is None:
        return json_response({"id": received.id}, status=202)
    answers = await wait_for_answer(request.app, conversation, received, wait)
    if answers is None:
        return json_response({"id": received.id}, status=202)
    return json_response({"id": received.id, "messages": [message.public() for message in answers]})


async def take(
    app: web.Application, conversation: Conversation, *, text: object, choice: object, client_id: object, location: object = None
) -> Received:
    """Check a citizen's message, choice or shared location and write it down."""
    identity = client_uuid(client_id)
    payload, point = None, point_of(location)
    if choice is not None:
        picked = await offered_choice(app, conversation, choice)
        text, payload = picked.title, picked.payload
    elif point and text in (None, ""):
        text, payload = words.say("utter_location_shared", "web").text, SHARED
    if not isinstance(text, str):
        raise Refused(422, "Send a text or a choice, or share a location.")
    text = text.strip().replace("\x00", "")
    if not text:
        raise Refused(422, "The message is empty. Write something, then send it.")
    if len(text) > LONGEST_TEXT:
        raise Refused(413, f"The message is too long. Send at most {LONGEST_TEXT} characters; yours has {len(text)}.")
    received = await app[LOG].receive(
        InboundMessage(
            channel="web",
            provider_id=f"{conversation.id}:{identity}",
            text=text,
            payload=payload,
            location=point,
            conversation_id=conversation.id,
        )  # fmt: skip
    )
    if received.new:
        app[INBOX].wake(conversation.id)
        app[SIGNALS].ring(conversation.id)  # the citizen's other tabs show it too
    return received


async def offered_choice(app: web.Application, conversation: Conversation, choice: object) -> Choice:
    """The choice under this id. One of an older question counts only where it names what it answers."""
    offers = await app[LOG].offered(conversation.id, look_back=STALE_OFFERS)
    for age, offer in enumerate(offers):
        for one in offer:
            if one.id == choice:
                return one if age == 0 or "{" in one.payload else Choice(id=one.id, title=one.title, payload="")
    raise Refused(422, "This choice was not offered in this chat.")


def point_of(given: object) -> dict[str, float] | None:
    """A shared location {lat, long} in degrees, to about a metre."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise Refused(422, "location must be {lat, long}.")
    return {name: degrees(name, given.get(name), most) for name, most in (("lat", 90), ("long", 180))}


def degrees(name: str, given: object, most: int) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool) and abs(given) <= most:
        return round(float(given), 5)
    raise Refused(422, f"location.{name} must be a number from -{most} to {most}.")


def client_uuid(given: object) -> str:
    if given is None:
        return uuid.uuid4().hex
    try:
        return uuid.UUID(str(given)).hex
    except ValueError:
        raise Refused(422, "client_id must be a UUID.") from None


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


async def wait_for_answer(app: web.Application, conversation: Conversation, received: Received, wait: float) -> list[Message] | None:
    """The replies to a message as soon as there are any, or None when the time is over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    async with app[SIGNALS].listen(conversation.id) as bell:
        if received.new:
            await pause(bell, wait)  # it cannot have been answered yet
        while True:
            bell.clear()
            answers = await app[LOG].answers_to(received.id)
            if answers is not None or loop.time() >= until:
                return answers
            await pause(bell, until - loop.time())


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


async def events(request: web.Request) -> web.StreamResponse:
    """GET /api/chat/events: each message as a server-sent event; resumes after Last-Event-ID."""
    conversation = await conversation_of(request)
    latest = after(request.headers.get("Last-Event-ID") or request.query.get("after"))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    async with request.app[SIGNALS].listen(conversation.id) as bell:
        while True:
            bell.clear()
            for message in await request.app[LOG].messages(conversation.id, after=latest):
                latest = message.id
                await response.write(b"id: %d\nevent: message\ndata: %s\n\n" % (message.id, orjson.dumps(message.public())))
            while not await pause(bell, HEARTBEAT):
                await response.write(b": still here\n\n")


def json_response(body: Any, *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def routes() -> list[web.RouteDef]:
    return [
        web.post("/api/chat/sessions", start),
        web.post("/api/chat/messages", send),
        web.get("/api/chat/messages", messages),
        web.get("/api/chat/events", events),
    ]
