"""What holds for every measure, whatever the city: nothing counts twice, names do not matter, parts make up the whole."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert

from engagement.log import EngagementLog
from engagement.measures.registry import MEASURES, Part, Sheet, reckon
from engagement.measures.values import Days, Period
from engagement.tables import conversations, handovers, metadata, outcomes, ratings, requests, tasks
from engagement.values import InboundMessage, Notice

DOCS = Path(__file__).parents[3] / "docs" / "measures.md"
BEGIN, NOW = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def numbers(found: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [
            (by, one.name, one.counted.numerator, one.counted.denominator, one.counted.value)
            for by, parts in all_.by.items()
            for one in parts
        ]
        for name, all_ in found.items()
    }


async def test_news_that_come_again_change_nothing(city: Any, log: EngagementLog) -> None:
    conversation = await city.text("+447700900001")
    reference = await city.request(conversation)
    notice = Notice(reference=reference, source="push", update_id="u1", word="done", at=city.time.at)
    await log.watch.noticed([notice])
    await city.says(reference, "not_fixed")
    before = numbers(await log.measures.measured())
    again = InboundMessage(channel="sms", provider_id="SM1", text="hello", sender="+447700900001", received_by="+441632960000")
    city.time.move(minutes=1)
    for _ in range(3):
        await log.receive(again)
        await log.watch.noticed([notice, notice])
        await log.outcomes.answer((await city.outcome(reference)).id, "not_fixed", key=f"turn{city.number}", channel="sms")
    assert numbers(await log.measures.measured()) == before


async def test_every_measure_can_be_asked_of_nothing(log: EngagementLog) -> None:
    found = await log.measures.measured()
    assert set(found) == set(MEASURES)
    assert all(one.whole.counted.value is None and one.whole.counted.denominator == 0 for one in found.values())


async def test_erasing_a_conversation_leaves_every_count_and_cost(city: Any, log: EngagementLog) -> None:
    done = [{"task": "report_problem", "did": did, "step": "where", "end": "completed"} for did in ("begun", "asked", "ended")]
    conversation = await city.text("+447700900001", *done)
    reference = await city.request(conversation, lat=51.5, long=-0.1)
    await city.done(reference)
    await city.says(reference, "not_fixed")
    city.time.move(days=3)
    await city.request(await city.text("+447700900002"), lat=51.5, long=-0.1)
    before = numbers(await log.measures.measured())
    await log.erasures.begin(conversation)
    assert await log.erasures.finish(conversation)
    after = numbers(await log.measures.measured())
    assert before.pop("returning_citizens") != after.pop("returning_citizens")  # we do not know this number again
    assert after == before


def test_each_measure_has_an_answer_that_was_worked_out_by_hand() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*_measures.py"))
    assert {name for name in MEASURES if f"def test_{name}(" not in tests} == set()


def test_the_documentation_defines_the_measures_that_there_are() -> None:
    sections = re.split(r"^### ", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    defined = {section.split("\n", 1)[0].strip().strip("`"): section for section in sections}
    assert set(defined) == set(MEASURES)
    for name, section in defined.items():
        assert MEASURES[name].sentence in section, f"{name}: the sentence is another"
        for said in ("Numerator", "Denominator", "Left out", "From", "Split by", "Who looks at it"):
            assert f"**{said}**" in section, f"{name} does not say: {said}"
        split = re.search(r"\*\*Split by\*\* ([a-z, ]+)", section)
        assert split and split[1].strip().split(", ") == list(MEASURES[name].by), name


# Cities made up by chance, written straight into the tables.

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
    for place in range(draw(st.integers(0, 3))):
        rows += _outcome(draw, number * 10 + place, own, channel, at + timedelta(days=place))
    for place in range(draw(st.integers(0, 2))):
        rows += _task(draw, number * 10 + place, own, channel, at)
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


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def reckoned(connection: Connection, rows: Rows, period: Period) -> dict[str, Any]:
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
    for table, row in rows:
        connection.execute(insert(table).values(**row))
    return {name: reckon(one, Sheet(connection, period)) for name, one in MEASURES.items()}


def exact(part: Part) -> tuple[Any, Any]:
    """Its numbers before they are rounded for the screen."""
    counted: Any = part.counted
    if isinstance(counted, Days):
        return counted.hours.total(), sum(hours * count for hours, count in counted.hours.items())
    return getattr(counted, "pence", counted.numerator), getattr(counted, "count", counted.denominator)


BY_CHANCE = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@BY_CHANCE
@given(rows=cities())
def test_parts_add_up_to_the_whole(connection: Connection, rows: Rows) -> None:
    for name, found in reckoned(connection, rows, Period(now=NOW)).items():
        for by, parts in found.by.items():
            added = tuple(sum((exact(one)[place] for one in parts), Fraction()) for place in (0, 1))
            assert added == exact(found.whole), (name, by)


@BY_CHANCE
@given(rows=cities(), middle=MOMENTS)
def test_two_periods_that_meet_make_up_both(connection: Connection, rows: Rows, middle: datetime) -> None:
    whole = reckoned(connection, rows, Period(now=NOW))
    early, late = (reckoned(connection, rows, Period(now=NOW, **half)) for half in ({"end": middle}, {"start": middle}))
    for name in set(whole) - {"returning_citizens"}:  # who comes once in each comes twice in both
        added = tuple(exact(early[name].whole)[place] + exact(late[name].whole)[place] for place in (0, 1))
        assert added == exact(whole[name].whole), name


@BY_CHANCE
@given(rows=cities())
def test_other_names_for_channels_give_the_same_numbers_under_these_names(connection: Connection, rows: Rows) -> None:
    other = {"web": "sms", "sms": "web"}
    swapped = [(table, {**row, "channel": other[row["channel"]]} if "channel" in row else row) for table, row in rows]
    before, after = (reckoned(connection, some, Period(now=NOW)) for some in (rows, swapped))
    for name in set(before) - {"user_satisfaction"}:  # web chats alone are asked
        assert exact(before[name].whole) == exact(after[name].whole)
        if "channel" in before[name].by:
            here = {other[str(one.name)]: (exact(one), one.rank) for one in before[name].by["channel"]}
            assert here == {str(one.name): (exact(one), one.rank) for one in after[name].by["channel"]}, name


@BY_CHANCE
@given(rows=cities())
def test_shares_lie_in_their_interval_and_no_part_below_ten_has_a_rank(connection: Connection, rows: Rows) -> None:
    for found in reckoned(connection, rows, Period(now=NOW)).values():
        for one in (found.whole, *(part for parts in found.by.values() for part in parts)):
            low, high = one.counted.interval
            assert one.counted.enough == (exact(one)[1] >= 10 if not isinstance(one.counted, Days) else one.counted.denominator >= 10)
            assert one.rank is None or one.counted.enough
            if low is not None and one.counted.value is not None and high is not None:
                assert 0 <= low <= one.counted.value <= high <= 1
