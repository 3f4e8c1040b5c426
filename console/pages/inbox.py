"""The inbox: who waits, whom I talk with, whom colleagues talk with, and all of it as it happens."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from aiohttp import web

from console import desk
from console.answers import as_json
from console.forms import field
from console.live import LIVE, Window
from console.parts import caller, log
from console.query import BadQuery
from console.render import page
from console.routes import AGENTS, get, post, shown
from engagement.desk_values import Colleague, InLine
from hearback import dates
from hearback.teams import teams

CONVERSATION = re.compile(r"[0-9A-Za-z_-]{1,32}")
ALL = "all"
HEARTBEAT, CHECKED = 15.0, 30.0  # real seconds between two signs of life, and between two looks at the session
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
PROMISED = ("answer_by", "acknowledge_by", "act_by")


async def inbox(request: web.Request) -> web.Response:
    """GET /inbox?team=KEY: that it was read is written down first, for it shows citizens' words."""
    colleague, lists = await _lists(request)
    await log(request).desk.here(colleague.id)
    await log(request).staff.note(caller(request).person, "read_inbox", None, {"conversations": sum(len(one) for one in lists.values())})
    return page(request, "inbox.html", **lists, **await _around(request, colleague))


async def lists(request: web.Request) -> web.Response:
    """GET /inbox/lists: the lists alone, for an inbox that is open."""
    colleague, found = await _lists(request)
    return page(request, "inbox_lists.html", **found, **await _around(request, colleague))


async def as_data(request: web.Request) -> web.Response:
    colleague, found = await _lists(request)
    await log(request).staff.note(caller(request).person, "read_inbox", None, {"by": "api"})
    around = await _around(request, colleague)
    shaped = {name: [_shape(one) for one in rows] for name, rows in found.items()}
    return as_json({**shaped, "team": around["chosen"], "there": around["there"], "away": around["away"]})


async def presence(request: web.Request) -> web.StreamResponse:
    """POST /inbox/presence {away}: "I am away", or back."""
    away = await field(request, "away") == "yes"
    person = caller(request).person
    await log(request).desk.set_away(person.id, away)
    await log(request).staff.note(person, "went_away" if away else "came_back", None)
    raise web.HTTPSeeOther("/inbox")


async def events(request: web.Request) -> web.StreamResponse:
    """GET /events/inbox?conversation=ID: `inbox` {waiting} and `conversation` {latest, state} as they change; resumes by itself."""
    who, conversation = caller(request), request.query.get("conversation") or None
    if conversation is not None and not CONVERSATION.fullmatch(conversation):
        raise BadQuery("conversation must be the id of a conversation.")
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    window = request.app[LIVE].join(conversation)
    try:
        await _tell(request, response, window, who.person.id, who.token or "", request.headers.get("Last-Event-ID", ""))
    except ConnectionResetError:
        pass  # the page was left
    finally:
        request.app[LIVE].leave(window)
    return response


async def _tell(request: web.Request, response: web.StreamResponse, window: Window, person: int, token: str, told: str) -> None:
    live, book, of = request.app[LIVE], log(request).desk, hashlib.sha256(token.encode()).hexdigest()
    checked, stood = 0.0, None
    while not live.closed:
        if time.monotonic() - checked >= CHECKED:
            checked = time.monotonic()
            if not await book.signed_in(of):
                await response.write(b"event: signed_out\ndata: {}\n\n")
                return
            await book.here(person, conversation_id=window.conversation)
        try:
            async with asyncio.timeout(HEARTBEAT):
                await window.bell.wait()
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        window.bell.clear()
        if window.pulse is None:
            continue
        pulse = window.pulse
        if pulse.mark != told:
            told = pulse.mark
            await response.write(b'id: %s\nevent: inbox\ndata: {"waiting": %d}\n\n' % (told.encode(), pulse.waiting))
        now = pulse.latest.get(window.conversation or "")
        if now is not None and now != stood:
            stood = now
            await response.write(b'event: conversation\ndata: {"latest": %d, "state": "%s"}\n\n' % (now[0], now[1].encode()))


async def _lists(request: web.Request) -> tuple[Colleague, dict[str, Any]]:
    book, colleague = log(request).desk, await desk.me(request)
    chosen = _team(request, colleague)
    waiting, held = await book.waiting(chosen), await book.with_colleagues()
    return colleague, {
        "danger": [one for one in waiting if one.reason == "report_danger"],
        "waiting": [one for one in waiting if one.reason != "report_danger"],
        "mine": [one for one in held if one.claim and one.claim.staff_id == colleague.id],
        "others": [one for one in held if one.claim and one.claim.staff_id != colleague.id],
    }


def _team(request: web.Request, colleague: Colleague) -> Sequence[str]:
    """The teams to show: the one that was chosen, else the caller's own; none are all."""
    wanted = request.query.get("team", "").strip()
    if wanted and wanted != ALL and wanted not in teams().all:
        raise BadQuery(f"team must be one of {', '.join((ALL, *teams().all))}.")
    return () if wanted == ALL else (wanted,) if wanted else colleague.teams


async def _around(request: web.Request, colleague: Colleague) -> dict[str, Any]:
    book, now = log(request).desk, log(request).desk.now()
    chosen = request.query.get("team", "").strip()
    return {
        "chosen": chosen or (",".join(colleague.teams) if colleague.teams else ALL), "team_chosen": chosen,
        "teams": [(one.key, one.name()) for one in teams().all.values()],
        "team_names": {one.key: one.name() for one in teams().all.values()}, "own_teams": colleague.teams,
        "there": await book.there(), "away": await book.is_away(colleague.id), "promised": promised_day,
        "open_teams": {one.key for one in teams().all.values() if one.is_open(now)}, "first_team": teams().of(None).key,
    }  # fmt: skip


def promised(one: InLine) -> str | None:
    """The first day by which an answer was promised, as ISO 8601."""
    days = [str((one.details or {})[name]) for name in PROMISED if (one.details or {}).get(name)]
    return min(days) if days else None


def promised_day(one: InLine) -> str:
    """The same in words: "Friday 11 December"; empty where none was promised."""
    day = promised(one)
    return dates.day(date.fromisoformat(day[:10])) if day else ""


def _shape(one: InLine) -> dict[str, Any]:
    names = ("conversation_id", "channel", "language", "state", "since", "reason", "team", "priority", "first_words", "last_words")
    return {
        **{name: getattr(one, name) for name in (*names, "last_at", "unanswered", "call")},
        "answer_by": promised(one), "with": desk.claim_shape(one.claim),
    }  # fmt: skip


ROUTES = (
    *shown("/inbox", inbox, as_data, AGENTS, scope="conversations"),
    get("/inbox/lists", lists, AGENTS),
    post("/inbox/presence", presence, AGENTS),
    get("/events/inbox", events, AGENTS),
)
