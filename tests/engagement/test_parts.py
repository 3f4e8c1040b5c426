"""A long text that arrives in parts is one turn, the same one after a crash; the log keeps the parts as they came."""

import itertools

from engagement.log import EngagementLog
from engagement.values import InboundMessage, Received, Reply, Understanding, Waiting

LONG = "there is a deep hole in the road outside the library and "
SIDS = itertools.count()


async def text(log: EngagementLog, words: str, *, more: bool = False, **fields: object) -> Received:
    given = {"channel": "sms", "sender": "+447700900123", "received_by": "+447700900000", **fields}
    return await log.receive(
        InboundMessage(provider_id=f"SM{next(SIDS)}", text=words, more_within=3.0 if more else None, **given)  # type: ignore[arg-type]
    )


async def waiting(log: EngagementLog, received: Received) -> Waiting:
    found = await log.next_message(received.conversation_id)
    assert found
    return found


async def joined(log: EngagementLog, received: Received) -> Waiting:
    found = await waiting(log, received)
    assert found.unjoined and not found.wait
    await log.join([line.id for line in found.lines])
    return await waiting(log, received)


async def test_a_short_text_waits_for_nothing(log: EngagementLog) -> None:
    found = await waiting(log, await text(log, "hello"))
    assert (found.wait, found.unjoined, len(found.lines)) == (0, False, 1)


async def test_a_text_like_a_part_waits_three_seconds_for_the_next(log: EngagementLog, time: object) -> None:
    received = await text(log, LONG, more=True)
    assert (await waiting(log, received)).wait == 3
    time.move(seconds=2)  # type: ignore[attr-defined]
    assert (await waiting(log, received)).wait == 1
    time.move(seconds=2)  # type: ignore[attr-defined]
    assert (await joined(log, received)).message.text == LONG.strip()


async def test_a_short_one_behind_it_is_its_end(log: EngagementLog, time: object) -> None:
    first = await text(log, LONG, more=True)
    time.move(seconds=2)  # type: ignore[attr-defined]
    await text(log, "it is full of water")
    found = await joined(log, first)
    assert found.message.text == f"{LONG}it is full of water" and found.message.id == first.id
    assert not found.wait and not found.unjoined


async def test_each_long_part_waits_for_a_further_one(log: EngagementLog, time: object) -> None:
    first = await text(log, LONG, more=True)
    for _ in range(3):
        time.move(seconds=2.5)  # type: ignore[attr-defined]
        await text(log, LONG, more=True)
        assert (await waiting(log, first)).wait == 3
    time.move(seconds=3)  # type: ignore[attr-defined]
    assert (await joined(log, first)).message.text == (LONG * 4).strip()


async def test_a_text_that_comes_later_is_another(log: EngagementLog, time: object) -> None:
    first = await text(log, LONG, more=True)
    time.move(seconds=3.5)  # type: ignore[attr-defined]
    await text(log, "hello?")
    assert len((await joined(log, first)).lines) == 1


async def test_a_crash_before_the_answer_gives_the_same_turn_whatever_came_meanwhile(log: EngagementLog, time: object) -> None:
    first = await text(log, LONG, more=True)
    await text(log, "and a wheel in it", more=True)
    time.move(seconds=4)  # type: ignore[attr-defined]
    before = await joined(log, first)
    await text(log, "hello?")
    again = await waiting(log, first)
    assert again == before and not again.unjoined


async def test_a_single_long_text_that_was_taken_stays_single(log: EngagementLog, time: object) -> None:
    first = await text(log, LONG, more=True)
    time.move(seconds=4)  # type: ignore[attr-defined]
    before = await joined(log, first)
    await text(log, "hello?")
    assert await waiting(log, first) == before


async def test_the_parts_are_answered_together_and_stay_as_they_came(log: EngagementLog) -> None:
    first = await text(log, LONG, more=True)
    await text(log, "it is full of water")
    found = await joined(log, first)
    await log.answer(found.conversation, found.message.id, Understanding(intent="report_problem"), [Reply(text="How big is it?")])
    assert await log.next_message(first.conversation_id) is None
    lines = await log.messages(first.conversation_id)
    assert [(line.text, line.state) for line in lines[:2]] == [(LONG, "answered"), ("it is full of water", "joined")]
    assert [line.author for line in lines] == ["citizen", "citizen", "bot"]


async def test_a_number_that_the_seam_cuts_in_two_is_masked_and_kept(log: EngagementLog) -> None:
    first = await text(log, f"{LONG}call me on 0770", more=True)
    await text(log, "0 900456 please")
    found = await joined(log, first)
    assert found.message.text == f"{LONG}call me on •••456 please" and len(found.message.contacts) == 1
    lines = await log.messages(first.conversation_id)
    assert [line.text for line in lines] == [f"{LONG}call me on •••456", " please"]


async def test_a_picture_right_behind_belongs_to_the_text(log: EngagementLog) -> None:
    first = await text(log, LONG, more=True)
    await text(log, "", media=({"url": "https://api.twilio.com/ME1", "content_type": "image/jpeg"},))
    assert [one["content_type"] for one in (await joined(log, first)).message.media] == ["image/jpeg"]


async def test_another_citizens_text_is_no_part_of_mine(log: EngagementLog) -> None:
    first = await text(log, LONG, more=True)
    await text(log, "hello", sender="+447700900124")
    assert (await waiting(log, first)).wait == 3
