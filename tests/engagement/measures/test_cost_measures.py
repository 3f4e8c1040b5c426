"""What it costs, to the penny, each sum worked out by hand."""

from fractions import Fraction
from typing import Any

import pytest

from engagement.log import EngagementLog
from engagement.measures.registry import Measured, Part
from engagement.values import Reply

# data/council/costs.yml: a turn 0.2, a part of a text 4.0, a minute 55.0, a conversation's overhead 5.0; POTHOLE 6200, MISSEDBIN 350.


async def measured(log: EngagementLog, name: str, **more: Any) -> Measured:
    return (await log.measures.measured(names=[name], **more))[name]


def part(found: Measured, by: str, name: str | None) -> Part:
    return next(one for one in found.by[by] if one.name == name)


@pytest.fixture
async def spent(city: Any, log: EngagementLog) -> None:
    """One text conversation with a pothole that is fixed and a bin that is not, a chat with a pothole still open, a chat about nothing."""
    both = await city.text("+447700900001")  # 5.0 + 0.2, and one text of 8.0
    [sent] = await log.outbox.claim()
    await log.outbox.accepted(sent.id, sid="SMx", segments=2, cost=8.0)
    pothole = await city.request(both)
    bin_ = await city.request(both, "MISSEDBIN", partner="Cleaner")
    await city.done(pothole)
    await city.says(pothole, "fixed")
    await city.done(bin_)
    await city.says(bin_, "not_fixed")
    await city.request(await city.chat())  # 5.2
    await city.chat()  # 5.2
    await log.chats.start(Reply(text="Hello."))  # a window that nobody wrote in: nothing


async def test_cost_per_contact(spent: None, log: EngagementLog) -> None:
    found = await measured(log, "cost_per_contact")
    # 5.0 + 0.2 + 8.0 = 13.2 by text and twice 5.2 by web, with fees of 6200 and 350: 6573.6 for three contacts.
    whole = found.whole.counted
    assert (whole.numerator, whole.denominator, whole.value) == (6573.6, 3, 2191.2)
    assert whole.beside == {"conversations_pence": 23.6, "fees_pence": 6550.0}
    # The text conversation is shared by its two outcomes: 6.6 and half a contact each.
    pothole, bins, none = (part(found, "service", name).counted for name in ("POTHOLE", "MISSEDBIN", None))
    assert (pothole.numerator, pothole.denominator) == (6211.8, 1.5)  # 6.6 + 6200 + 5.2
    assert (bins.numerator, bins.denominator, bins.value) == (356.6, 0.5, 713.2)
    assert (none.numerator, none.denominator, none.value) == (5.2, 1, 5.2)
    assert part(found, "channel", "web").counted.numerator == 10.4
    assert part(found, "month", "2026-11").counted.numerator == 6573.6


async def test_cost_per_handled(spent: None, log: EngagementLog) -> None:
    whole = (await measured(log, "cost_per_handled")).whole.counted
    assert (whole.numerator, whole.denominator, whole.value) == (6573.6, 3, 2191.2)  # three requests were sent


async def test_cost_per_confirmed_outcome(spent: None, log: EngagementLog) -> None:
    found = await measured(log, "cost_per_confirmed_outcome")
    assert (found.whole.counted.numerator, found.whole.counted.denominator, found.whole.counted.value) == (6573.6, 1, 6573.6)
    highways, cleaner = part(found, "partner", "Highways").counted, part(found, "partner", "Cleaner").counted
    assert (highways.numerator, highways.denominator, highways.value) == (6211.8, 1, 6211.8)
    assert (cleaner.numerator, cleaner.denominator, cleaner.value) == (356.6, 0, None)
    assert [one.rank for one in found.by["partner"]] == [None, None, None]


async def test_a_third_of_a_penny_is_not_lost(city: Any, log: EngagementLog) -> None:
    """0.1 and 0.2 are no exact floats: three conversations of three outcomes each still add up to the penny."""
    for number in range(3):
        conversation = await city.chat()
        for service in ("POTHOLE", "SIGN", "TREE"):
            await city.request(conversation, f"{service}", partner=f"P{number}")
    found = await measured(log, "cost_per_contact")
    assert found.whole.counted.numerator == 15.6 and found.whole.counted.denominator == 3
    cost: Any = part(found, "service", "TREE").counted
    assert (cost.pence, cost.count) == (Fraction(52, 10), 1)  # three thirds of 5.2


async def test_staffs_time_is_a_cost_of_the_conversation(city: Any, log: EngagementLog) -> None:
    conversation = await city.chat()
    await log.staff.add("ada", "x", "agent")
    person = await log.staff.by_name("ada")
    assert person
    one, _ = await log.handovers.open(conversation, key="h1", reason="talk_to_person")
    assert await log.handovers.close(one.id, staff_id=person.id, minutes=2.5, note="Called back")
    assert (await measured(log, "cost_per_contact")).whole.counted.numerator == 142.7  # 5.2 + 2.5 * 55
