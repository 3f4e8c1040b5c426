"""What the desk shows of a conversation: whose it is, what its colleague may do, replies to begin from."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from console import shapes
from console.parts import CALLER, LOG, SETTINGS, caller, log
from console.routes import AGENTS
from engagement.desk_values import Claim, Colleague
from engagement.pictures import Pictures
from engagement.values import Conversation, Reply
from hearback import profile, responses, sms_text
from hearback.bells import Bell
from hearback.keys import load_keys
from hearback.teams import Team, replies, teams

LONGEST_TEXT, LONGEST_WHATSAPP, MOST_PARTS = 2000, 1500, 6
EARLIER = 5  # claims that are over and shown


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A form of the desk that could not be taken: the field's id, what is wrong with it, and what stood in the form."""

    field: str
    problem: str
    draft: str = ""
    about: str = ""


BELL = web.AppKey("bell", Bell)
PICTURES = web.AppKey("pictures", Pictures)
TROUBLE = web.RequestKey("trouble", Trouble)


def set_up(app: web.Application) -> None:
    """Give the application its bell and the photo store."""
    settings = app[SETTINGS]
    app[BELL] = Bell(settings, load_keys(settings.home))
    app[PICTURES] = Pictures(app[LOG], settings.home)
    app.on_cleanup.append(_close)


async def _close(app: web.Application) -> None:
    await app[BELL].close()
    app[PICTURES].close()


async def me(request: web.Request) -> Colleague:
    """The caller, as citizens read them."""
    return await log(request).desk.colleague(caller(request).person.id)


async def about(request: web.Request, found: dict[str, Any]) -> dict[str, Any] | None:
    """What templates/desk.html shows of a conversation {id, requests?}; None for who does not talk with citizens."""
    if CALLER not in request or caller(request).person.role not in AGENTS:
        return None
    desk, colleague = log(request).desk, await me(request)
    conversation = await log(request).conversation(found["id"])
    had = await desk.of_conversation(found["id"])
    claim = next((one for one in had if one.ended_at is None), None)
    mine = claim is not None and claim.staff_id == colleague.id
    if mine:
        await desk.here(colleague.id, conversation_id=found["id"])
    trouble = request.get(TROUBLE)
    lines = await desk.last_lines(found["id"])
    canned = _canned(request, found, conversation, colleague)
    picked = request.query.get("reply", "")
    return {
        "claim": claim, "mine": mine, "name": colleague.name, "state": conversation.state, "channel": conversation.channel,
        "earlier": [one for one in had if one.ended_at is not None][:EARLIER], "team": teams().of(claim.team if claim else None).name(),
        "teams": [(one.key, one.name()) for one in teams().all.values() if claim is None or one.key != claim.team],
        "team_names": {one.key: one.name() for one in teams().all.values()},
        "stopped": await desk.stopped(found["id"]), "form": secrets.token_hex(16), "canned": canned,
        "lines": [shapes.message(one) for one in lines], "seen": lines[-1].id if lines else 0,
        "draft": trouble.draft if trouble else next((text for id, _, text in canned if id == picked), ""),
        "trouble": trouble, "unsaid": await desk.unsaid(found["id"]) if claim else [],
        "before": staff_text(conversation, colleague.name, "") if conversation.channel != "web" else "", "most": LONGEST_TEXT,
        "minutes": claim and log(request).desk.minutes(claim), "taken": "taken" in request.query, "done": request.query.get("done", ""),
    }  # fmt: skip


def _canned(request: web.Request, found: dict[str, Any], conversation: Conversation, colleague: Colleague) -> list[tuple[str, str, str]]:
    """(id, title, text in the citizen's language) of the replies that fit."""
    language = conversation.language
    references = [one["reference"] for one in found.get("requests", ()) if one["reference"]]
    values = {
        "name": colleague.name, "reference": references[-1] if references else "", "council": profile.name(language),
        "phone": profile.council()["phone"], "hours": profile.hours(language),
    }  # fmt: skip
    texts = [(one, one.text(language, values)) for one in replies()]
    return [(one.id, one.title, text) for one, text in texts if text is not None]


def staff_text(conversation: Conversation, name: str, text: str) -> str:
    """A colleague's words as they are sent: by text message their name stands before them."""
    if conversation.channel == "web":
        return text
    named = responses.text(
        "utter_staff_text", conversation.channel, conversation.language, name=name, council=profile.name(conversation.language), text=text
    )
    return sms_text.plain(named) if conversation.channel == "sms" else named


def too_long(conversation: Conversation, text: str) -> bool:
    """Whether a reply takes more than may be sent at once."""
    if conversation.channel == "sms":
        return sms_text.segments(text) > MOST_PARTS
    return len(text) > (LONGEST_WHATSAPP if conversation.channel == "whatsapp" else LONGEST_TEXT)


def line(response: str, conversation: Conversation, name: str, team: Team) -> Reply:
    """What the citizen reads when somebody comes or goes."""
    language = conversation.language
    given = {"name": name, "team": team.name(language), "council": profile.name(language)}
    return Reply(text=responses.text(response, conversation.channel, language, **given), author="system")


def claim_shape(claim: Claim | None) -> dict[str, Any] | None:
    """As the API shows it."""
    if claim is None:
        return None
    return {name: getattr(claim, name) for name in ("name", "team", "claimed_at", "quiet", "ended_at", "ended", "result", "minutes")}
