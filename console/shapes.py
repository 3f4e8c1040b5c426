"""What the console shows of the log, the same for its pages and its API. Moments stay moments here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engagement.log import EngagementLog
from engagement.review import Listed
from engagement.values import Message, RequestUpdate
from hearback.personal import masked

_REQUEST = (
    "id", "conversation_id", "reference", "service_code", "service_name", "channel", "state", "status", "status_notes",
    "agency_responsible", "service_notice", "error", "created_at", "updated_at", "expected_at", "declared_at", "told_at", "progress",
    "detailed_status", "linked_to",
)  # fmt: skip
ROUND = (
    "round", "declared", "declared_at", "handled_at", "handled_by", "confirmed", "confirmed_at", "state", "asked_at", "remedy",
    "remedy_reference", "act_by", "settled_at", "fee",
)  # fmt: skip
_OUTCOME = ("id", "subject", "request_id", "reference", "service_name", "partner", "contractor")
_EVENT = ("at", "fact", "value", "given", "notes", "source", "channel")
_REPORT = ("description", "address", "lat", "long", "attributes", "media_url")
_HANDOVER = ("id", "reason", "priority", "state", "created_at", "closed_at", "minutes", "note")
_UPDATE = ("reference", "kind", "words", "state", "created_at")
_MANY = 500


def listed(one: Listed) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(one).items()}


def message(one: Message) -> dict[str, Any]:
    """A message with what the assistant understood; `picked` says that the citizen chose one of the offered answers."""
    understood = one.understanding or {}
    return {
        "id": one.id, "author": one.author, "text": one.text, "state": one.state, "intent": one.intent, "confidence": one.confidence,
        "entities": _list(understood, "entities"), "services": _list(understood, "services"), "actions": _list(understood, "actions"),
        "choices": [{"id": choice.id, "title": choice.title} for choice in one.choices], "at": one.created_at, "segments": one.segments,
        "error": one.error, "reply_to": one.reply_to, "intents": _list(understood, "intents"), "form": understood.get("form"),
        "picked": one.payload is not None, "media": list(one.media), "page": one.page, "cost": one.cost,
        "step": _step(understood), "calls": [call for call in _list(understood, "calls") if isinstance(call, dict)],
        **({"by": one.by} if one.by else {}), **({"trace": one.trace} if one.trace else {}),
    }  # fmt: skip


def request(row: dict[str, Any], *, whole: bool = False) -> dict[str, Any]:
    """A request raised with the back office; `whole` adds what was sent. `outcome` is its latest round, with all of them in it."""
    shape = {name: row[name] for name in _REQUEST}
    rounds = [{name: one[name] for name in ROUND} for one in row["rounds"]]
    latest = row["rounds"][-1] if rounds else {}
    shape |= {"partner": latest.get("partner"), "contractor": latest.get("contractor"), "cost": round(row["cost"], 2)}
    shape["outcome"] = {**rounds[-1], "rounds": rounds} if rounds else None
    if whole:
        sent = {name: row["report"][name] for name in _REPORT if row["report"].get(name) not in (None, "", [], {})}
        shape["report"] = masked(sent)
    return shape


def whole_request(row: dict[str, Any], *, words: bool) -> dict[str, Any]:
    """A request with each round's history; citizens' and staff's `words` where the caller may read them."""
    shape = request(row, whole=words)
    rounds = []
    for one in row["rounds"]:
        events = [{name: event[name] for name in _EVENT if words or name != "notes"} for event in one["events"]]
        about = handover({**one["handover"], "username": None, "contact": None}) if one["handover"] and words else None
        rounds.append(
            {**{name: one[name] for name in ROUND}, "events": events, "handover": about, **({"words": one["words"]} if words else {})}
        )
    if not words:
        del shape["conversation_id"]
    updates = [{name: one[name] for name in _UPDATE if words or name != "words"} for one in row["updates"]]
    return {**shape, "rounds": rounds, "updates": updates}


def handover(row: dict[str, Any]) -> dict[str, Any]:
    """`details` is what the citizen left for the team; `contact` where they wish to be reached, masked."""
    details = masked({name: value for name, value in (row["details"] or {}).items() if value})
    return {**masked({name: row[name] for name in _HANDOVER}), "claimed_by": row["username"], "contact": row["contact"], "details": details}


def outcome(row: dict[str, Any]) -> dict[str, Any]:
    """Something that was done for the citizen, one round of it, with everything that was heard of it."""
    return {
        **{name: row[name] for name in (*_OUTCOME, *ROUND)},
        "events": [_event(event) for event in row["events"]],
    }


def _event(row: dict[str, Any]) -> dict[str, Any]:
    """What was heard of an outcome; a citizen's own words are masked, the council's may name its own number."""
    return {name: masked(row[name]) if row["source"] == "citizen" else row[name] for name in _EVENT}


def cost(parts: dict[str, float]) -> dict[str, float]:
    """Pence, rounded once at the end."""
    return {**{name: round(pence, 2) for name, pence in parts.items()}, "total": round(sum(parts.values()), 2)}


def update(one: RequestUpdate) -> dict[str, Any]:
    """What the citizen said of a request later."""
    shown: dict[str, Any] = masked({name: getattr(one, name) for name in _UPDATE})
    return shown


async def conversation(log: EngagementLog, conversation_id: str) -> dict[str, Any] | None:
    """A conversation whole: its line in the list, each message, its requests, updates, hand-overs, e-mails and notes."""
    one = await log.review.conversation(conversation_id)
    if one is None:
        return None
    return {**listed(one), "messages": await _lines(log, one.id, await _messages(log, one.id)), **await _beside(log, one.id)}


async def conversation_page(
    log: EngagementLog, conversation_id: str, *, before: int | None = None, after: int | None = None
) -> dict[str, Any] | None:
    """A conversation with some of its messages, the latest unless others are asked for. `count` is how many it has; `earlier` and
    `later` whether there are more."""
    one = await log.review.conversation(conversation_id)
    if one is None:
        return None
    lines = await log.review.lines(conversation_id, before=before, after=after)
    shown = {"messages": await _lines(log, one.id, lines.messages), "count": one.messages, "earlier": lines.earlier, "later": lines.later}
    return {**listed(one), **shown, **await _beside(log, one.id)}


async def _lines(log: EngagementLog, conversation_id: str, lines: Sequence[Message]) -> list[dict[str, Any]]:
    """Messages, each with the example that was made of it."""
    taught = await log.teaching.of_conversation(conversation_id)
    return [{**message(line), "example": taught.get(line.id)} for line in lines]


async def _beside(log: EngagementLog, conversation_id: str) -> dict[str, Any]:
    return {
        "requests": [request(row, whole=True) for row in await log.review.requests_of(conversation_id)],
        "handovers": [handover(row) for row in await log.review.handovers(conversation_id)],
        "updates": [update(row) for row in await log.updates.of_conversation(conversation_id)],
        "outcomes": [outcome(row) for row in await log.review.outcomes(conversation_id)],
        "cost": cost(await log.review.costs(conversation_id)),
        "mails": await log.mails.of_conversation(conversation_id),
        "notes": await log.review.notes(conversation_id),
    }


async def _messages(log: EngagementLog, conversation_id: str) -> list[Message]:
    found: list[Message] = []
    while len(more := await log.messages(conversation_id, after=found[-1].id if found else 0, limit=_MANY)) == _MANY:
        found += more
    return found + more


def _step(understood: dict[str, Any]) -> str | None:
    """The question that the citizen was asked in this turn."""
    asked = [one.get("step") for one in _list(understood, "journal") if isinstance(one, dict) and one.get("did") == "asked"]
    return asked[-1] if asked and isinstance(asked[-1], str) else None


def _list(understood: dict[str, Any], name: str) -> list[Any]:
    value = understood.get(name)
    return value if isinstance(value, list) else []
