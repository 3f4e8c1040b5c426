"""Counts that are kept for pages: the same numbers, with the moment of counting, counted once for all who ask."""

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.measures.kept import Counting, decoded, encoded
from engagement.measures.outcomes import Standing
from engagement.measures.registry import MEASURES
from hearback.clock import Clock

ALL = {name: one.by for name, one in MEASURES.items()}
UK = ZoneInfo("Europe/London")


@pytest.fixture
def large(database: Database, time: Any) -> Counting:
    """A log of which nothing is small."""
    return Counting(database, Clock(read=lambda: time.at.timestamp()), small=0.0)


@pytest.fixture
async def busy(city: Any, time: Any) -> None:
    """Requests of three months, some answered, by web and by text."""
    for number in range(24):
        time.move(days=3)
        conversation = await city.chat() if number % 3 else await city.text(f"+4477009000{number:02}")
        reference = await city.request(conversation, "POTHOLE" if number % 2 else "TREE", lat=51.5, long=-0.1)
        await city.done(reference)
        if number % 4:
            await city.says(reference, ("fixed", "not_fixed", "partly")[number % 3], after_days=1)


def numbers(found: Any) -> Any:
    return {
        (name, by, part.name): (part.counted.numerator, part.counted.denominator, part.counted.value, part.rank)
        for name, one in found.items()
        for by, parts in {"": [one.whole], **one.by}.items()
        for part in parts
    }


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, None),
        (datetime(2026, 12, 1, tzinfo=UK), datetime(2027, 1, 1, tzinfo=UK)),
        (datetime(2026, 12, 1, tzinfo=UK), None),
        (datetime(2026, 12, 10, tzinfo=UK), datetime(2027, 1, 20, tzinfo=UK)),
    ],
)
async def test_what_is_kept_is_what_is_counted(
    busy: None, log: EngagementLog, large: Counting, start: datetime | None, end: datetime | None
) -> None:
    shown = await large.measured(ALL, start=start, end=end, until=large.patience(60))
    assert shown.found is not None
    assert numbers(shown.found) == numbers(await log.measures.measured(start=start, end=end))
    await large.close()


async def test_a_small_log_is_counted_whenever_somebody_looks(city: Any, log: EngagementLog) -> None:
    reference = await city.request(await city.chat())
    kept = log.measures.kept
    before = await kept.measured({"declared_and_confirmed": ()})
    await city.done(reference)
    after = await kept.measured({"declared_and_confirmed": ()})
    assert before.found and after.found
    assert [one.found["declared_and_confirmed"].whole.counted.numerator for one in (before, after) if one.found] == [0, 1]
    assert after.counted_at is None


async def test_a_large_log_says_when_it_was_counted_and_counts_again_behind(city: Any, large: Counting, time: Any) -> None:
    reference, begun = await city.request(await city.chat()), time.at

    async def look() -> tuple[int, datetime | None]:
        shown = await large.measured({"declared_and_confirmed": ()}, until=large.patience(60))
        assert shown.found
        return int(shown.found["declared_and_confirmed"].whole.counted.numerator), shown.counted_at

    assert await look() == (0, begun)
    await settled(large)
    await city.done(reference)
    time.move(minutes=2)
    assert await look() == (0, begun)
    time.move(minutes=2)
    assert await look() == (0, begun)  # it is old: counted again, behind the page that shows it
    await settled(large)
    assert await look() == (1, time.at)
    await large.close()


async def test_who_looks_together_is_counted_for_once(busy: None, database: Database, large: Counting) -> None:
    database.asked.clear()
    await asyncio.gather(
        *(large.measured({"response_rate": ("partner",), "completion_rate": ()}, until=large.patience(60)) for _ in range(20))
    )
    await settled(large)
    everything = {sums for one in MEASURES.values() for sums in (one.sums.OF or (one.sums,))}
    assert database.asked["_cells"] == len(everything)  # the two that were looked at, and the others, to be warm


async def test_the_next_console_has_what_was_kept(busy: None, database: Database, large: Counting, time: Any) -> None:
    shown = await large.measured(ALL, until=large.patience(60))
    await settled(large)
    await large.close()
    database.asked.clear()
    again = await Counting(database, Clock(read=lambda: time.at.timestamp()), small=0.0).measured(ALL)
    assert shown.found and again.found and numbers(again.found) == numbers(shown.found)
    assert again.counted_at == shown.counted_at and database.asked["_cells"] == 0


async def test_a_page_does_not_wait_for_a_long_count(busy: None, large: Counting) -> None:
    async with large._one_at_a_time:  # a count that takes its time
        assert (await large.measured(ALL, until=large.patience(0))).found is None
    assert (await large.measured(ALL, until=large.patience(60))).found is not None
    await large.close()


async def test_standing_counts_what_is_open_and_whose_time_is_over(city: Any, log: EngagementLog, time: Any) -> None:
    await city.request(await city.chat())
    reference = await city.request(await city.chat())
    await city.done(reference)
    await city.says(reference, "not_fixed", remedy="with_team")
    found, _ = await log.measures.kept.sums(Standing, by="partner")
    assert found == {"Highways": Standing(open=1, unsettled=1, overdue=0)}
    time.move(days=7)
    found, _ = await log.measures.kept.sums(Standing, by="partner")
    assert found == {"Highways": Standing(open=1, unsettled=1, overdue=1)}


async def test_cells_come_back_from_json_as_they_went(busy: None, log: EngagementLog, large: Counting) -> None:
    await large.measured(ALL, until=large.patience(60))
    await settled(large)
    for kept in large._kept.values():
        assert decoded(encoded(kept.cells)) == kept.cells
    await large.close()


async def settled(large: Counting) -> None:
    """Until nothing is being counted."""
    while large._running:
        await asyncio.gather(*large._running.values())
