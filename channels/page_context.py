"""What the templates of our own pages are given: the council's words in the citizen's language, and the conversation as it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from channels.access import OWN, origin_of, same_origin
from channels.calls import Refused
from channels.chat_config import chat_config
from channels.keys import CLOCK, SETTINGS
from engagement.values import Conversation, Message
from hearback import dates, profile
from hearback.chat_look import chat_look

LANGUAGE_COOKIE = "hearback_language"
LANGUAGE_AGE = 365 * 24 * 3600
UNSAID = {"id": 0, "by": "", "photos": [], "choices": [], "at": "", "time": "", "day": None}  # what not every message has


def language_of(request: web.Request, conversation: Conversation | None) -> str:
    """What the citizen chose, else how their conversation goes, else the first of ours that their browser asks for."""
    look = chat_look()
    asked = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")]
    wishes = [request.query.get("language"), request.cookies.get(LANGUAGE_COOKIE), conversation and conversation.language, *asked]
    return next((wish for wish in wishes if wish in look.languages), look.offered(None))


def keep_language(request: web.Request, response: web.StreamResponse, language: str) -> None:
    secure = request.app[SETTINGS].public_url.startswith("https://")
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=LANGUAGE_AGE, httponly=True, samesite="Lax", secure=secure, path="/")


def context_of(request: web.Request, language: str) -> dict[str, Any]:
    """What every page needs. `say(word, …)` is one of the council's words in `chat.yml`."""
    config = chat_config(request.app[CLOCK], language)
    return {
        **{name: config[name] for name in ("name", "phone", "open", "language", "languages", "limits")},
        "council": profile.council(),
        "hours": config["opening_hours"],
        "direction": chat_look().languages[config["language"]]["direction"],
        "megabytes": config["limits"]["photo_bytes"] // 2**20,
        "say": sayer(config["language"]),
        "greeting": config["greeting"],
        "errors": {},
        "given": {},
    }


def sayer(language: str) -> Callable[..., str]:
    look = chat_look()
    words = {**look.words[language], **look.page[language]}
    return lambda word, **values: words[word].format(**values)


def shown(said: Sequence[Message], language: str, now: datetime) -> list[dict[str, Any]]:
    """Messages as the templates show them; the first of each day names it, unless all are of today."""
    say, today, before = sayer(language), dates.local(now).date(), dates.local(now).date()
    near = {today: say("today"), today - timedelta(days=1): say("yesterday")}
    lines = []
    for one in said:
        day = dates.local(one.created_at).date()
        named = None if day == before else near.get(day) or dates.full_day(day, language)
        lines.append({**UNSAID, **one.public(), "time": dates.hour(one.created_at, language), "day": named})
        before = day
    return lines


def refuse_other_sites(request: web.Request) -> None:
    if not same_origin(request) or origin_of(request) != OWN:
        raise Refused(403, "utter_refused_elsewhere")


def see_other(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})
