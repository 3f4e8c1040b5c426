"""GOV.UK's four, each worked out by hand."""

from typing import Any

import pytest

from engagement.log import EngagementLog
from engagement.measures.registry import Measured, Part
from engagement.values import Reply


async def measured(log: EngagementLog, name: str, **more: Any) -> Measured:
    return (await log.measures.measured(names=[name], **more))[name]


def part(found: Measured, by: str, name: str | None) -> Part:
    return next(one for one in found.by[by] if one.name == name)


def begun(service: str | None = None, task: str = "report_problem") -> dict[str, Any]:
    return {"task": task, "did": "begun", "service": service}


def asked(step: str, task: str = "report_problem") -> dict[str, Any]:
    return {"task": task, "did": "asked", "step": step}


def ended(end: str, task: str = "report_problem") -> dict[str, Any]:
    return {"task": task, "did": "ended", "end": end}


@pytest.fixture
async def worked(city: Any, log: EngagementLog) -> None:
    """By text 7 tasks completed, 1 elsewhere, 2 abandoned; by web 1 completed, 1 cancelled, 3 handed over, of which staff closed 1.

    One of the three was closed by the citizen's leaving, which no colleague did.
    """
    for number in range(7):
        await city.text(f"+44770090{number:04}", begun("POTHOLE"), asked("location"), ended("completed"))
    await city.text("+447700910000", begun("POTHOLE"), asked("location"), ended("elsewhere"))
    for number in range(2):
        await city.text(f"+44770092{number:04}", begun("POTHOLE"), asked("location"))
    await city.chat(begun("TREE"), ended("completed"))
    await city.chat(begun("TREE"), asked("photo"), ended("cancelled"))
    waiting = [await city.chat(begun(None, "talk_to_person"), ended("handed_over", "talk_to_person")) for _ in range(3)]
    await log.staff.add("ada", "x", "agent")
    person = await log.staff.by_name("ada")
    assert person
    for number, conversation in enumerate(waiting):
        one, _ = await log.handovers.open(conversation, key=f"h{number}", reason="talk_to_person")
        if number == 0:
            await log.handovers.close(one.id, staff_id=person.id, minutes=3)
    await log.chats.end(waiting[1])


async def test_completion_rate(worked: None, log: EngagementLog) -> None:
    found = await measured(log, "completion_rate")
    whole = found.whole.counted
    # (7 + 1 completed + 1 elsewhere) of 10 by text and 5 by web.
    assert (whole.numerator, whole.denominator, whole.value) == (9, 15, 0.6)
    assert whole.beside == {"completed": 8, "elsewhere": 1}
    sms, web = part(found, "channel", "sms").counted, part(found, "channel", "web").counted
    assert (sms.numerator, sms.denominator, sms.value) == (8, 10, 0.8)
    assert (web.numerator, web.denominator, web.value) == (1, 5, None)
    assert part(found, "service", None).counted.denominator == 3


async def test_digital_take_up(worked: None, log: EngagementLog) -> None:
    whole = (await measured(log, "digital_take_up")).whole.counted
    # 9 by the assistant alone, 1 more by a colleague.
    assert (whole.numerator, whole.denominator, whole.value) == (9, 10, 0.9)


async def test_a_person_asked_for_before_the_turn_was_over_has_finished_the_task(city: Any, log: EngagementLog, time: Any) -> None:
    """The assistant asks for a person in the middle of the turn; the task ends with the turn, seconds later."""
    conversation = await city.chat()
    one, _ = await log.handovers.open(conversation, key="h", reason="talk_to_person")
    time.move(seconds=2)
    await city.chat(begun(None, "talk_to_person"), ended("handed_over", "talk_to_person"), conversation=conversation)
    assert (await measured(log, "digital_take_up")).whole.counted.denominator == 0
    time.move(hours=1)
    await log.staff.add("ada", "x", "agent")
    person = await log.staff.by_name("ada")
    assert person
    await log.handovers.close(one.id, staff_id=person.id, minutes=3)
    whole = (await measured(log, "digital_take_up")).whole.counted
    assert (whole.numerator, whole.denominator) == (0, 1)


async def test_cost_per_transaction(worked: None, log: EngagementLog) -> None:
    found = await measured(log, "cost_per_transaction")
    whole = found.whole.counted
    # 15 conversations of 5.2 and 3 minutes of 55 make 243.0; 9 + 1 were finished.
    assert (whole.numerator, whole.denominator, whole.value) == (243.0, 10, 24.3)
    sms, web = part(found, "channel", "sms").counted, part(found, "channel", "web").counted
    assert (sms.numerator, sms.denominator, sms.value) == (52.0, 8, 6.5)
    assert (web.numerator, web.denominator, web.value) == (191.0, 2, 95.5)  # 5 * 5.2 + 165


async def test_user_satisfaction(city: Any, log: EngagementLog) -> None:
    for score in (5, 5, 4, 4, 4, 4, 3, 2, 1, 1, None, None):
        conversation = await city.chat()
        await log.chats.end(conversation)
        if score:
            await log.chats.rate(conversation, score, None)
    await city.chat()  # goes on
    await city.text("+447700900001")  # nobody is asked by text
    _, unused, _ = await log.chats.start(Reply(text="Hello."))
    await log.chats.end(unused.id)  # nothing was said in it
    found = await measured(log, "user_satisfaction")
    whole = found.whole.counted
    # 6 of 10 gave 4 or 5; 33 points; 12 were asked.
    assert (whole.numerator, whole.denominator, whole.value) == (6, 10, 0.6)
    assert whole.beside == {"mean": 3.3, "asked": 12, "answered": 10}
    assert [one.name for one in found.by["channel"]] == ["web"]


async def test_the_latest_rating_counts_alone(city: Any, log: EngagementLog) -> None:
    conversation = await city.chat()
    for score in (1, 5):
        await log.chats.rate(conversation, score, None)
    whole = (await measured(log, "user_satisfaction")).whole.counted
    assert (whole.numerator, whole.denominator) == (1, 1)
