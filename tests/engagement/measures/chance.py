"""Cities made up by chance, written straight into the tables."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from engagement.measures.registry import MEASURES, Sheet, reckon
from engagement.measures.values import Period
from engagement.tables import conversations, handovers, messages, metadata, outcomes, ratings, requests, tasks

BEGIN, NOW = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
CHANNELS, SERVICES, PARTNERS = ("web", "sms"), ("POTHOLE", "TREE", None), ("Highways", None)
MOMENTS = st.integers(0, 270 * 24).map(lambda hours: BEGIN + timedelta(hours=hours))
PENCE = st.integers(0, 30_000).map(lambda tenths: tenths / 10)
Rows = list[tuple[Any, dict[str, Any]]]


@st.composite
def cities(draw: Callable[..., Any]) -> Rows:
    rows: Rows = []
    for number in range(draw(st.integers(0, 5))):
        rows += _conversation(draw, number)
    return rows


def _conversation(draw: Callable[..., Any], number: int) -> Rows:
    at, channel, own = draw(MOMENTS), draw(st.sampled_from(CHANNELS)), f"c{number}"
    costs = {name: draw(PENCE) for name in ("cost_texts", "cost_turns", "cost_staff", "cost_overhead")}
    wrote, over = draw(st.booleans()), draw(st.booleans())
    rows: Rows = [
        (conversations, {
            "id": own, "channel": channel, "state": "open", "created_at": at, "updated_at": at,
            "contact_id": draw(st.sampled_from((1, 2, None))),
            "contacted_at": at if wrote else None, "ended_at": at if over else None, **costs,
        }),
    ]  # fmt: skip
    if over and draw(st.booleans()):
        rows.append((ratings, {"conversation_id": own, "score": draw(st.integers(1, 5)), "created_at": at}))
    for place in range(draw(st.integers(0, 2))):
        rows += _message(draw, number * 10 + place, own, channel, at)
    for place in range(draw(st.integers(0, 3))):
        rows += _outcome(draw, number * 10 + place, own, channel, at + timedelta(days=place))
    for place in range(draw(st.integers(0, 2))):
        rows += _task(draw, number * 10 + place, own, channel, at)
    return rows


def _message(draw: Callable[..., Any], number: int, own: str, channel: str, at: datetime) -> Rows:
    intent = draw(st.sampled_from(("report_problem", "nlu_fallback", None)))
    rows: Rows = [
        (messages, {
            "id": number + 1, "conversation_id": own, "channel": channel, "author": draw(st.sampled_from(("citizen", "bot"))),
            "text": "x", "state": "answered", "intent": intent, "confidence": draw(st.sampled_from((0.25, 0.875))) if intent else None,
            "payload": draw(st.sampled_from((None, None, "/affirm"))), "attempts": 0, "page": 0, "created_at": at, "state_at": at,
        }),
    ]  # fmt: skip
    return rows


def _outcome(draw: Callable[..., Any], number: int, own: str, channel: str, at: datetime) -> Rows:
    service, key = draw(st.sampled_from(SERVICES)), f"k{number}"
    declared = draw(st.sampled_from(("done", "done", "not_ours", None)))
    said = draw(st.sampled_from(("fixed", "partly", "not_fixed", "not_mine", None))) if declared == "done" else None
    later = draw(MOMENTS)
    of_request = draw(st.booleans())
    rows: Rows = []
    if of_request:
        rows.append((requests, {
            "id": number + 1, "key": key, "conversation_id": own, "service_code": service or "TREE", "service_name": "x",
            "report": {}, "state": "sent",
            "repeat_of": draw(st.sampled_from((1, None))), "created_at": at, "updated_at": at, "updates": False, "attempts": 0,
        }))  # fmt: skip
    rows.append((outcomes, {
        "key": key, "subject": "request" if of_request else "support", "request_id": number + 1 if of_request else None,
        "conversation_id": own,
        "channel": channel, "task": "x", "service_code": service, "partner": draw(st.sampled_from(PARTNERS)), "declared": declared,
        "declared_at": at if declared else None, "handled_at": at, "confirmed": said, "confirmed_at": max(at, later) if said else None,
        "asked_at": at if draw(st.booleans()) else None, "fee": draw(st.one_of(st.none(), PENCE)), "state": "open",
        "created_at": at, "updated_at": at,
    }))  # fmt: skip
    return rows


def _task(draw: Callable[..., Any], number: int, own: str, channel: str, at: datetime) -> Rows:
    end, step = (
        draw(st.sampled_from(("completed", "elsewhere", "cancelled", "handed_over", None))),
        draw(st.sampled_from(("where", "photo"))),
    )
    rows: Rows = [
        (tasks, {
            "id": number + 1, "key": f"t{number}", "conversation_id": own, "channel": channel, "task": "report", "step": step,
            "steps": step,
            "end": end,
            "service_code": draw(st.sampled_from(SERVICES)), "started_at": at, "stepped_at": at, "ended_at": at if end else None,
        }),
    ]  # fmt: skip
    if end == "handed_over" and draw(st.booleans()):
        closed = {"state": "closed", "minutes": 1.0, "created_at": at, "closed_at": at, "reason": "x", "priority": 0}
        rows.append((handovers, {"key": f"h{number}", "conversation_id": own, **closed}))
    return rows


def reckoned(connection: Connection, rows: Rows, period: Period) -> dict[str, Any]:
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
    for table, row in rows:
        connection.execute(insert(table).values(**row))
    return {name: reckon(one, Sheet(connection, period)) for name, one in MEASURES.items()}


BY_CHANCE = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
