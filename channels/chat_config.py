"""What the widget and the page show beside the conversation: GET /api/chat/config."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from aiohttp import web

from channels.calls import LONGEST_TEXT
from channels.keys import CLOCK
from channels.taking import MOST_PHOTOS
from engagement import pictures
from hearback import profile
from hearback.chat_look import chat_look
from hearback.clock import Clock
from hearback.opening_hours import opening_hours

KEPT = "public, max-age=60"
LIMITS = {"text": LONGEST_TEXT, "photo_bytes": pictures.LARGEST, "photo_types": list(pictures.ACCEPTED), "photos": MOST_PHOTOS}


def chat_config(clock: Clock, wanted: str | None) -> dict[str, Any]:
    """As docs/web_chat.md says, in the wanted language where the chat offers it."""
    look, council = chat_look(), profile.council()
    language = look.offered(wanted)
    greeting = look.greetings[language]
    choices = [{"id": start_id(place), "title": choice.title} for place, choice in enumerate(greeting.choices)]
    return {
        "name": profile.name(language),
        "assistant": council["assistant"],
        "phone": council["phone"],
        "opening_hours": profile.hours(language),
        "open": opening_hours().is_open(clock.now()),
        "privacy": council["privacy"],
        "greeting": {"text": greeting.text, "choices": choices},
        "language": language,
        "languages": [{"code": code, **how} for code, how in look.languages.items()],
        "colours": look.colours,
        "limits": LIMITS,
        "map": look.map,
        "words": look.words[language],
    }


def start_id(place: int) -> str:
    """The id of a greeting's choice before there is a conversation: its place."""
    return f"start-{place}"


def kept(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """An answer that may be kept for a minute; 304 to whoever has it already."""
    etag = hashlib.sha256(body).hexdigest()[:16]
    headers = {"Cache-Control": KEPT, "ETag": f'"{etag}"'}
    if any(one.value in (etag, "*") for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)


async def config(request: web.Request) -> web.Response:
    """GET /api/chat/config?language=cy"""
    told = chat_config(request.app[CLOCK], request.query.get("language"))
    return kept(request, orjson.dumps(told), "application/json")


COLOURS = """:root {{ --accent: {accent}; --on-accent: {on_accent}; }}
@media (prefers-color-scheme: dark) {{ :root {{ --accent: {accent_dark}; --on-accent: {on_accent_dark}; }} }}
"""


async def colours(request: web.Request) -> web.Response:
    """GET /chat/colours.css: the council's colours for our own pages."""
    return kept(request, COLOURS.format(**chat_look().colours).encode(), "text/css")


def routes() -> list[web.RouteDef]:
    return [web.get("/api/chat/config", config), web.get("/chat/colours.css", colours)]
