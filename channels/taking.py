"""What a citizen may send, checked and written down: a text, a choice, a location, photos."""

from __future__ import annotations

import asyncio
import re
import uuid
from typing import Any

from aiohttp import web

from channels import limits, metrics, words
from channels.calls import LONGEST_TEXT, Refused
from channels.keys import INBOX, LIMITS, LOG, SETTINGS, SIGNALS
from channels.signals import pause
from engagement import pictures
from engagement.chats import ChatOver
from engagement.inbound import TooManyWaiting
from engagement.photos import PhotoGone
from engagement.values import GONE, Choice, Conversation, InboundMessage, Message, Received

STALE_OFFERS = 50
MOST_PHOTOS = 3
PERSON = "person"  # the choice that is always on offer
OF_GREETING = re.compile(r"start-(\d)")  # a choice of the greeting, which is shown before there is a chat


async def take(
    app: web.Application,
    conversation: Conversation,
    *,
    text: object,
    choice: object,
    client_id: object,
    location: object = None,
    photos: object = None,
) -> Received:
    """Check a citizen's message and write it down."""
    if conversation.state in ("ended", *GONE):
        raise Refused(409, "utter_refused_ended")
    identity, payload, point = client_uuid(client_id), None, point_of(location)
    media = await media_of(app, conversation, photos)
    if choice is not None:
        picked = await offered_choice(app, conversation, choice)
        text, payload = picked.title, picked.payload
    elif (point or media) and text in (None, ""):
        response = "utter_photo_shared" if media else "utter_location_shared"
        text, payload = words.say(response, "web", conversation.language).text, words.SHARED
    await app[LIMITS].check(limits.MESSAGES, conversation.id)
    inbound = InboundMessage(
        channel="web", provider_id=f"{conversation.id}:{identity}", text=checked(text), payload=payload, location=point, media=media,
        conversation_id=conversation.id,
    )  # fmt: skip
    try:
        received = await app[LOG].receive(inbound, most_waiting=limits.MOST_WAITING)
        metrics.message_came(received, inbound.channel)
    except PhotoGone:
        raise Refused(422, "utter_refused_photo_gone") from None
    except ChatOver:
        raise Refused(409, "utter_refused_ended") from None
    except TooManyWaiting:
        raise Refused(429, "utter_refused_waiting", retry_after=2) from None
    app[INBOX].wake(conversation.id)  # a repeat too: where the log broke off in its commit, nobody was woken
    if received.new:
        app[SIGNALS].ring(conversation.id)  # the citizen's other tabs show it too
    return received


def checked(text: object) -> str:
    if not isinstance(text, str):
        raise Refused(422, "Send a text or a choice, photos or a location.")
    text = text.strip().replace("\x00", "")
    if not text:
        raise Refused(422, "utter_refused_empty")
    if len(text) > LONGEST_TEXT:
        raise Refused(413, "utter_refused_long", most=LONGEST_TEXT)
    return text


async def offered_choice(app: web.Application, conversation: Conversation, choice: object) -> Choice:
    """The choice under this id. One of an older question counts only where it names what it answers."""
    if choice == PERSON:
        return Choice(id=PERSON, title=words.say("utter_choice_person", "web", conversation.language).text, payload="/talk_to_person")
    offers = await app[LOG].offered(conversation.id, look_back=STALE_OFFERS)
    if offers and isinstance(choice, str) and (of_greeting := OF_GREETING.fullmatch(choice)) and int(of_greeting[1]) < len(offers[-1]):
        choice = offers[-1][int(of_greeting[1])].id
    for age, offer in enumerate(offers):
        for one in offer:
            if one.id == choice:
                return one if age == 0 or "{" in one.payload else Choice(id=one.id, title=one.title, payload="")
    raise Refused(422, "utter_refused_choice")


async def media_of(app: web.Application, conversation: Conversation, photos: object) -> tuple[dict[str, Any], ...]:
    """The named photos as a message carries them."""
    if photos in (None, []):
        return ()
    if not isinstance(photos, list) or not all(isinstance(one, str) for one in photos) or len(set(photos)) < len(photos):
        raise Refused(422, "photos must be a list of the ids of different photos.")
    if len(photos) > MOST_PHOTOS:
        raise Refused(422, "utter_refused_photos_many", most=MOST_PHOTOS)
    try:
        found = await app[LOG].photos.of(conversation.id, photos)
    except PhotoGone:
        raise Refused(422, "utter_refused_photo_gone") from None
    return tuple(pictures.medium(one, app[SETTINGS].public_url) for one in found)


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
