"""What was declared, asked and answered, each number worked out by hand."""

from typing import Any

import pytest

from engagement.log import EngagementLog
from engagement.measures.registry import Measured, Part
from engagement.measures.values import wilson

ANSWERS = ["fixed"] * 7 + ["partly"] * 1 + ["not_fixed"] * 4 + ["not_mine"] * 2  # 12 without not_mine, 14 with


async def measured(log: EngagementLog, name: str, **more: Any) -> Measured:
    return (await log.measures.measured(names=[name], **more))[name]


def part(found: Measured, by: str, name: str | None) -> Part:
    return next(one for one in found.by[by] if one.name == name)


@pytest.fixture
async def heard(city: Any, time: Any) -> None:
    """Fourteen potholes of Highways by text in November, asked and answered; three asked and silent; two done and never asked; one open.

    In December by web two bins of Cleaner that were answered: fixed, not_fixed. One request was closed as not ours.
    """
    for number, answer in enumerate(ANSWERS):
        reference = await city.request(await city.text(f"+44770090{number:04}"))
        await city.done(reference)
        await city.asked(reference)
        await city.says(reference, answer, after_days=6 + number)
    for number in range(3):
        reference = await city.request(await city.text(f"+44770091{number:04}"))
        await city.done(reference)
        await city.asked(reference)
    for number in range(2):
        await city.done(await city.request(await city.text(f"+44770092{number:04}")))
    await city.request(await city.text("+447700930000"))
    await city.done(await city.request(await city.text("+447700930001")), "not_ours")
    time.move(days=20)
    for answer in ("fixed", "not_fixed"):
        reference = await city.request(await city.chat(), "MISSEDBIN", partner="Cleaner")
        await city.done(reference)
        await city.says(reference, answer, after_days=1)


async def test_confirmed_outcome_rate(heard: None, log: EngagementLog) -> None:
    found = await measured(log, "confirmed_outcome_rate")
    whole = found.whole.counted
    # 7 + 1 fixed; answered without not_mine: 7 + 1 + 4 potholes and 2 bins.
    assert (whole.numerator, whole.denominator) == (8, 14)
    assert whole.value == pytest.approx(8 / 14, abs=1e-6)
    assert whole.interval == pytest.approx(wilson(8, 14), abs=1e-6)
    # 14 + 3 were asked (the bins answered unasked), 14 of them answered. 14 answered + 3 silent = 17: 8/17 to (8 + 3)/17.
    assert whole.beside == {
        "asked": 17,
        "asked_answered": 14,
        "response_rate": pytest.approx(14 / 17, abs=1e-6),
        "silent": 3,
        "if_none_fixed": pytest.approx(8 / 17, abs=1e-6),
        "if_all_fixed": pytest.approx(11 / 17, abs=1e-6),
    }
    november, december = part(found, "month", "2026-11").counted, part(found, "month", "2026-12").counted
    assert (november.numerator, november.denominator, november.value) == (7, 12, pytest.approx(7 / 12, abs=1e-6))
    assert (december.numerator, december.denominator, december.value, december.interval) == (1, 2, None, (None, None))


async def test_those_who_are_too_few_have_no_rank(heard: None, log: EngagementLog) -> None:
    found = await measured(log, "confirmed_outcome_rate")
    assert [(one.name, one.rank) for one in found.by["partner"]] == [("Highways", 1), ("Cleaner", None)]
    assert [(one.name, one.rank) for one in found.by["channel"]] == [("sms", 1), ("web", None)]


async def test_response_rate(heard: None, log: EngagementLog) -> None:
    found = await measured(log, "response_rate")
    assert (found.whole.counted.numerator, found.whole.counted.denominator) == (14, 17)
    assert part(found, "partner", "Cleaner").counted.denominator == 0


async def test_disagreement_rate(heard: None, log: EngagementLog) -> None:
    found = await measured(log, "disagreement_rate")
    # Highways 1 partly + 4 not fixed of 12; Cleaner 1 of 2.
    assert (found.whole.counted.numerator, found.whole.counted.denominator) == (6, 14)
    highways, cleaner = part(found, "partner", "Highways").counted, part(found, "partner", "Cleaner").counted
    assert (highways.numerator, highways.denominator, highways.value) == (5, 12, pytest.approx(5 / 12, abs=1e-6))
    assert (cleaner.numerator, cleaner.denominator, cleaner.value) == (1, 2, None)


async def test_declared_and_confirmed(heard: None, log: EngagementLog) -> None:
    found = await measured(log, "declared_and_confirmed")
    whole = found.whole.counted
    # 14 + 3 + 2 potholes and 2 bins were declared done; with the open one and the one that is not ours there were 23.
    assert (whole.numerator, whole.denominator) == (21, 23)
    assert (whole.beside["confirmed_numerator"], whole.beside["confirmed_denominator"]) == (8, 14)
    assert whole.beside["confirmed"] == pytest.approx(8 / 14, abs=1e-6)
    assert part(found, "service", "MISSEDBIN").counted.beside["confirmed"] is None


async def test_days_to_confirm(heard: None, log: EngagementLog) -> None:
    found = await measured(log, "days_to_confirm")
    # 6, 7 … 19 days and twice 1: of sixteen the eighth is 12 and the ninth 13.
    assert found.whole.counted.value == 11.5
    assert (found.whole.counted.numerator, found.whole.counted.denominator) == (sum(range(6, 20)) + 2, 16)
    assert found.whole.counted.beside == {"mean": 11.06}  # 177 / 16 = 11.0625
    assert part(found, "channel", "sms").counted.value == 12.5


async def test_a_round_after_a_no_counts_anew(city: Any, log: EngagementLog) -> None:
    reference = await city.request(await city.chat())
    await city.done(reference)
    await city.says(reference, "not_fixed", remedy="reopening")
    await log.outcomes.remedied((await city.outcome(reference)).id, "reopened", reference=reference, told=True)
    city.time.move(days=2)
    await city.done(reference)
    await city.says(reference, "fixed")
    for name, numbers in {"confirmed_outcome_rate": (1, 2), "disagreement_rate": (1, 2), "declared_and_confirmed": (2, 2)}.items():
        whole = (await measured(log, name)).whole.counted
        assert (whole.numerator, whole.denominator) == numbers, name


async def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(heard: None, log: EngagementLog, time: Any) -> None:
    december = await measured(log, "disagreement_rate", start=time.at, end=None)
    assert (december.whole.counted.numerator, december.whole.counted.denominator) == (1, 2)
    before = await measured(log, "disagreement_rate", end=time.at)
    assert (before.whole.counted.numerator, before.whole.counted.denominator) == (5, 12)


async def test_a_month_begins_by_the_clock_on_the_wall(city: Any, log: EngagementLog, time: Any) -> None:
    """Half past eleven at night by UTC is the next month in summer, and not in winter."""
    for month, day in ((3, 31), (6, 30), (9, 30), (10, 31)):
        time.at = time.at.replace(month=month, day=day, hour=23, minute=30)
        await city.request(await city.chat())
    found = await measured(log, "declared_and_confirmed")
    assert [one.name for one in found.by["month"]] == ["2026-04", "2026-07", "2026-10"]
    assert part(found, "month", "2026-10").counted.denominator == 2
