"""Who asks again, comes back, gives up: each worked out by hand."""

from typing import Any

import pytest

from engagement.log import EngagementLog
from engagement.measures.registry import Measured, Part
from engagement.places import place_key
from engagement.values import Reply

HERE = {"lat": 51.50000, "long": -0.10000}
NEAR = {"lat": 51.50010, "long": -0.10010}  # 13 m from it, in the same square
FAR = {"lat": 51.60000, "long": -0.10000}


async def measured(log: EngagementLog, name: str, **more: Any) -> Measured:
    return (await log.measures.measured(names=[name], **more))[name]


def part(found: Measured, by: str, name: str | None) -> Part:
    return next(one for one in found.by[by] if one.name == name)


def test_one_place_has_one_key() -> None:
    assert place_key(HERE) == place_key(NEAR) != place_key(FAR)
    assert place_key({"lat": "51.5", "long": "-0.1"}) == place_key(HERE)
    assert place_key({"address": "12, High Street"}) == place_key({"address": "12 high street "}) is not None
    assert place_key({"lat": None, "long": None, "address": "a"}) == place_key({"address": "A"})
    assert place_key({"description": "somewhere"}) is None


async def test_repeat_contact(city: Any, log: EngagementLog, time: Any) -> None:
    first = await city.text("+447700900001")
    await city.request(first, **HERE)
    await city.request(first, **FAR)  # a second hole in the same breath is another matter
    time.move(days=3)
    await city.request(await city.chat(), **NEAR)  # again: the same place, by web
    await city.request(await city.chat(), "TREE", **NEAR)  # another service
    time.move(days=3)
    await city.request(first, **FAR)  # again: the same place and citizen, six days later in the same conversation
    await city.request(await city.text("+447700900002"), lat=51.7, long=-0.1)  # nobody before
    time.move(days=14, seconds=1)
    await city.request(first, lat=51.8, long=-0.1)  # the same citizen, a moment more than two weeks after
    for number in range(3):
        await city.request(await city.text(f"+44770091{number:04}"), lat=52 + number, long=-0.1)
    found = await measured(log, "repeat_contact")
    assert (found.whole.counted.numerator, found.whole.counted.denominator, found.whole.counted.value) == (2, 10, 0.2)
    assert (part(found, "channel", "web").counted.numerator, part(found, "channel", "web").counted.denominator) == (1, 2)
    assert (part(found, "service", "TREE").counted.numerator, part(found, "service", "TREE").counted.denominator) == (0, 1)
    assert part(found, "month", "2026-11").counted.numerator == 2


async def test_a_request_that_names_another_after_a_no_is_no_repeat(city: Any, log: EngagementLog, time: Any) -> None:
    reference = await city.request(await city.chat(), **HERE)
    await city.done(reference)
    await city.says(reference, "not_fixed", remedy="reopening")
    await log.outcomes.remedied((await city.outcome(reference)).id, "linked", reference="ASH-NEW", told=True)
    whole = (await measured(log, "repeat_contact")).whole.counted
    assert (whole.numerator, whole.denominator) == (0, 1)


async def test_citizens_who_give_their_number_in_a_chat_are_known_again(city: Any, log: EngagementLog, time: Any) -> None:
    texted = await city.text("+447700900001")
    await city.request(texted, **HERE)
    contact_id = (await log.conversation(texted)).contact_id
    time.move(days=1)
    chat = await city.chat()
    await log.requests.open(
        key="own", conversation_id=chat, service_code="POTHOLE", service_name="Pothole", report=FAR, contact_id=contact_id
    )
    assert (await measured(log, "repeat_contact")).whole.counted.numerator == 1


async def test_first_contact_success(city: Any, log: EngagementLog, time: Any) -> None:
    done = [{"task": "report_problem", "did": "begun"}, {"task": "report_problem", "did": "ended", "end": "completed"}]
    fixed = await city.request(await city.chat(*done), "TREE", lat=50.1, long=0)  # 1: confirmed
    await city.done(fixed)
    await city.says(fixed, "fixed")
    for number in range(4):  # 2 to 5: done, and nobody asked again
        await city.request(await city.chat(*done), "SIGN", lat=50 + number, long=0)
    no = await city.request(await city.chat(*done), "DRAIN", lat=50.1, long=0)  # 6: the citizen says no
    await city.done(no)
    await city.says(no, "partly")
    await city.request(await city.chat(*done), "POTHOLE", lat=50.1, long=0)  # 7: asked for again by 8
    time.move(days=2)
    await city.request(await city.chat(*done), "POTHOLE", lat=50.1, long=0)  # 8: done
    await city.chat()  # 9: nothing came of it
    await city.text("+447700900001", *done[:1])  # 10: given up
    time.move(days=14)
    await city.chat(*done)  # its two weeks are not over
    found = await measured(log, "first_contact_success")
    # 1, 2 to 5 and 8 of 10.
    assert (found.whole.counted.numerator, found.whole.counted.denominator, found.whole.counted.value) == (6, 10, 0.6)
    assert (part(found, "channel", "sms").counted.numerator, part(found, "channel", "sms").counted.denominator) == (0, 1)


async def test_returning_citizens(city: Any, log: EngagementLog, time: Any) -> None:
    for number in range(9):
        await city.text(f"+44770090{number:04}")
    again = await city.text("+447700910000")
    await city.text("+447700910000")  # goes on in the same conversation
    await city.chat()  # nobody whom we would know again
    assert (await measured(log, "returning_citizens")).whole.counted.numerator == 0
    await log.chats.end(again)
    time.move(days=10)
    await city.text("+447700910000")
    found = await measured(log, "returning_citizens")
    assert (found.whole.counted.numerator, found.whole.counted.denominator, found.whole.counted.value) == (1, 10, 0.1)
    assert [(one.name, one.counted.numerator) for one in found.by["month"]] == [("2026-11", 1)]


@pytest.fixture
async def stepped(city: Any, time: Any) -> None:
    """Ten are asked where: three go no further. Seven are asked for a photo, one of them twice: one cancels. Six are done."""

    def did(what: str, **more: Any) -> dict[str, Any]:
        return {"task": "report_problem", "did": what, **more}

    start, where, photo = did("begun"), did("asked", step="location"), did("asked", step="photo")
    for _ in range(3):
        await city.chat(start, where)
    await city.chat(start, where, photo, did("ended", end="cancelled"))
    for number in range(6):
        conversation = await city.chat(start, where)
        await city.chat(photo, conversation=conversation)
        if number == 0:
            await city.chat(photo, conversation=conversation)
        await city.chat(did("ended", end="completed"), conversation=conversation)


async def test_task_funnel(stepped: None, city: Any, log: EngagementLog, time: Any) -> None:
    early = await measured(log, "task_funnel")
    assert part(early, "step", "report_problem: location").counted.numerator == 0  # they may yet answer today
    time.move(days=1)
    found = await measured(log, "task_funnel")
    where, photo = (part(found, "step", f"report_problem: {step}").counted for step in ("location", "photo"))
    assert (where.numerator, where.denominator, where.value) == (3, 10, 0.3)
    assert (photo.numerator, photo.denominator, photo.value) == (1, 7, None)
    assert (found.whole.counted.numerator, found.whole.counted.denominator) == (4, 17)


async def test_handover_rate(city: Any, log: EngagementLog) -> None:
    for number in range(10):
        conversation = await city.text(f"+44770090000{number}")
        if number < 3:
            await log.hand_over(conversation, key=f"h{number}", reason="talk_to_person")
    await log.hand_over(conversation, key="outcome:1", reason="outcome_not_fixed")  # about a "no": it is no wish for a person
    await log.hand_over(await log_only_opened(log), key="h9", reason="talk_to_person")  # a window in which nobody wrote
    whole = (await measured(log, "handover_rate")).whole.counted
    assert (whole.numerator, whole.denominator, whole.value) == (3, 10, 0.3)


async def log_only_opened(log: EngagementLog) -> str:
    _, opened, _ = await log.chats.start(Reply(text="Hello."))
    return opened.id
