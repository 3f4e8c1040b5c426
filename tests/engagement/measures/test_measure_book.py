"""What holds for every measure, whatever the city: nothing counts twice, names do not matter, parts make up the whole."""

import re
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from chance import BY_CHANCE, MOMENTS, NOW, Rows, cities, reckoned
from hypothesis import given
from sqlalchemy import Connection

from engagement.log import EngagementLog
from engagement.measures.registry import MEASURES, Part
from engagement.measures.values import Days, Period
from engagement.values import InboundMessage, Notice

DOCS = Path(__file__).parents[3] / "docs" / "measures.md"


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


def exact(part: Part) -> tuple[Any, Any]:
    """Its numbers before they are rounded for the screen."""
    counted: Any = part.counted
    if isinstance(counted, Days):
        return counted.hours.total(), sum(hours * count for hours, count in counted.hours.items())
    return getattr(counted, "pence", counted.numerator), getattr(counted, "count", counted.denominator)


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
