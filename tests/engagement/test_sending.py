"""What may be sent when: answers before outreach, nobody at night, nothing after STOP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.tables import contacts
from engagement.values import InboundMessage, Reply, Understanding
from hearback import quiet

COUNCIL = "+447700900000"


async def wrote(log: EngagementLog, number: int, sid: str, text: str = "hello") -> str:
    """A citizen's text; returns the conversation."""
    inbound = InboundMessage(channel="sms", provider_id=sid, text=text, sender=f"+4477009001{number:02}", received_by=COUNCIL)
    return (await log.receive(inbound)).conversation_id


async def reply(log: EngagementLog, conversation_id: str, *texts: str) -> None:
    found = await log.next_message(conversation_id)
    assert found
    await log.answer(found.conversation, found.message.id, Understanding(), [Reply(text=text) for text in texts])


async def reach_out(log: EngagementLog, conversation_id: str, text: str) -> None:
    await log.tell(await log.conversation(conversation_id), Reply(text=text, author="system"), outreach=True)


async def claimed(log: EngagementLog, limit: int = 10, outreach: int = 10) -> list[str]:
    return [one.text for one in await log.outbox.claim(limit, outreach=outreach)]


async def stopped(database: Database, time: Any) -> None:
    """Every citizen said STOP, in this moment."""
    await database.write(lambda connection: connection.execute(update(contacts).values(stopped_at=time.at)))


async def quiet_citizens(log: EngagementLog, time: Any, count: int) -> list[str]:
    """Conversations of citizens who last wrote eleven minutes ago."""
    found = [await wrote(log, number, f"SM{number}") for number in range(count)]
    for conversation_id in found:
        await reply(log, conversation_id)
    time.move(minutes=11)
    return found


async def test_answers_go_before_outreach_however_long_that_waits(log: EngagementLog, time: Any) -> None:
    for conversation_id in await quiet_citizens(log, time, 5):
        await reach_out(log, conversation_id, "news")
    time.move(minutes=5)
    await reply(log, await wrote(log, 50, "SM50"), "answer")
    assert await claimed(log, 3) == ["answer", "news", "news"]


async def test_outreach_takes_no_more_than_its_share(log: EngagementLog, time: Any) -> None:
    for conversation_id in await quiet_citizens(log, time, 5):
        await reach_out(log, conversation_id, "news")
    assert await claimed(log, 10, outreach=2) == ["news", "news"]
    assert await claimed(log, 10, outreach=0) == []


async def test_an_answer_overtakes_what_waits_for_the_morning_in_the_same_conversation(log: EngagementLog, time: Any) -> None:
    (conversation_id,) = await quiet_citizens(log, time, 1)
    time.at = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    await reach_out(log, conversation_id, "news")
    await wrote(log, 0, "SM10")
    await reply(log, conversation_id, "first", "second")
    (first,) = await log.outbox.claim()
    assert first.text == "first" and await claimed(log) == []
    await log.outbox.accepted(first.id, sid="SMa", segments=1, cost=4.0)
    assert await claimed(log) == ["second"]


async def test_an_answer_that_is_tried_again_keeps_its_place(log: EngagementLog, time: Any) -> None:
    conversation_id = await wrote(log, 1, "SM1")
    await reply(log, conversation_id, "first", "second")
    (first,) = await log.outbox.claim()
    await log.outbox.again(first.id, after=timedelta(seconds=10), error="429")
    assert await claimed(log) == []
    assert await log.outbox.next_due() == time.at + timedelta(seconds=10)
    time.move(seconds=11)
    assert await claimed(log) == ["first"]


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        ("2026-11-24 19:59+00:00", "2026-11-24 19:59+00:00"),
        ("2026-11-24 20:00+00:00", "2026-11-25 08:00+00:00"),
        ("2026-11-25 00:00+00:00", "2026-11-25 08:00+00:00"),
        ("2026-11-25 07:59+00:00", "2026-11-25 08:00+00:00"),
        ("2026-11-25 08:00+00:00", "2026-11-25 08:00+00:00"),
        ("2026-06-10 18:59+00:00", "2026-06-10 18:59+00:00"),
        ("2026-06-10 19:00+00:00", "2026-06-11 07:00+00:00"),  # 8pm in summer
        ("2026-03-28 21:00+00:00", "2026-03-29 07:00+00:00"),  # the clocks go forward in this night
        ("2026-03-29 00:30+00:00", "2026-03-29 07:00+00:00"),
        ("2026-10-24 20:00+00:00", "2026-10-25 08:00+00:00"),  # and back in this one
        ("2026-10-25 01:30+00:00", "2026-10-25 08:00+00:00"),
    ],
)
async def test_nobody_is_disturbed_at_night(log: EngagementLog, time: Any, now: str, sent: str) -> None:
    time.at = datetime.fromisoformat(now) - timedelta(days=1)
    conversation_id = await wrote(log, 1, "SM1")
    await reply(log, conversation_id)
    time.at = datetime.fromisoformat(now)
    await reach_out(log, conversation_id, "news")
    morning = datetime.fromisoformat(sent)
    assert await log.outbox.next_due() == morning == quiet.over(time.at)
    if morning > time.at:
        time.at = morning - timedelta(seconds=1)
        assert await claimed(log) == []
        time.at = morning
    assert await claimed(log) == ["news"]


async def test_what_could_not_go_before_the_night_waits_for_the_morning(log: EngagementLog, time: Any) -> None:
    (conversation_id,) = await quiet_citizens(log, time, 1)
    time.at = datetime(2026, 11, 24, 19, 59, tzinfo=UTC)
    await reach_out(log, conversation_id, "news")
    (one,) = await log.outbox.claim()
    await log.outbox.again(one.id, after=timedelta(minutes=5), error="500")
    time.at = datetime(2026, 11, 24, 20, 4, tzinfo=UTC)
    assert await claimed(log) == []
    assert await log.outbox.next_due() == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


async def test_a_citizen_who_is_still_there_is_told_at_night(log: EngagementLog, time: Any) -> None:
    time.at = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    conversation_id = await wrote(log, 1, "SM1")
    await reply(log, conversation_id)
    time.move(minutes=9)
    await reach_out(log, conversation_id, "your reference")
    assert await claimed(log) == ["your reference"]


async def test_a_reference_that_is_told_late_waits_for_the_morning_or_goes_to_who_is_still_there(log: EngagementLog, time: Any) -> None:
    for number, minutes in ((1, 5), (2, 15)):
        time.at = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
        conversation_id = await wrote(log, number, f"SM{number}")
        await reply(log, conversation_id)
        await log.requests.open(
            key=f"k{number}",
            conversation_id=conversation_id,
            service_code="POTHOLE",
            service_name="Pothole",
            report={"description": "Deep"},
        )
        time.move(minutes=minutes)
        await log.tell_reference(f"k{number}", conversation_id, Reply(text=f"reference {number}", author="system"))
    assert await claimed(log) == ["reference 1"]
    time.at = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert await claimed(log) == ["reference 2"]


async def test_stop_between_queueing_and_sending_holds_everything_back(log: EngagementLog, database: Database, time: Any) -> None:
    conversation_id = await wrote(log, 1, "SM1")
    await reply(log, conversation_id, "long long")
    (first,) = await log.outbox.claim()
    await log.outbox.accepted(first.id, sid="SMa", segments=1, cost=4.0)
    await wrote(log, 1, "SM2")
    found = await log.next_message(conversation_id)
    assert found
    assert await log.outbox.next_page(conversation_id, found.message.id, pages=lambda text, choices: 2)
    await wrote(log, 2, "SM3")
    other = (await log.unanswered())[0]
    await reply(log, other, "tried again")
    page, again = await log.outbox.claim()
    for one in (page, again):
        await log.outbox.again(one.id, after=timedelta(0), error="429")
    await reach_out(log, other, "news")
    await stopped(database, time)
    assert await claimed(log) == []
    assert await claimed(log) == [], "the outreach behind the answer that was held back"
    held = {
        one.text: (one.state, one.error) for one in await log.messages(conversation_id) + await log.messages(other) if one.id > first.id
    }
    assert held["long long"] == held["tried again"] == held["news"] == ("failed", "stopped")
    assert await log.outbox.next_due() is None


async def test_a_text_in_doubt_is_not_sent_again_after_stop(log: EngagementLog, database: Database, time: Any) -> None:
    await reply(log, await wrote(log, 1, "SM1"), "hello")
    await log.outbox.claim()
    time.move(seconds=61)
    await stopped(database, time)
    (one,) = await log.outbox.doubtful()
    await log.outbox.again(one.id, after=timedelta(0), error="not taken")
    assert await claimed(log) == []


async def test_a_refusal_or_a_receipt_that_says_opted_out_stops_everything_further(log: EngagementLog, time: Any) -> None:
    for number in (1, 2):
        conversation_id = await wrote(log, number, f"SM{number}")
        await reply(log, conversation_id, "first", "second")
    refused, later = await log.outbox.claim()
    await log.outbox.refused(refused.id, error="21610", stopped=True)
    await log.outbox.accepted(later.id, sid="SMx", segments=1, cost=4.0)
    assert await log.outbox.receipt(message_id=later.id, sid="SMx", status="undelivered", error="21610", stopped=True)
    assert await claimed(log) == []


async def test_a_text_costs_its_parts_and_an_earlier_error_is_forgotten(log: EngagementLog) -> None:
    conversation_id = await wrote(log, 1, "SM1")
    await reply(log, conversation_id, "hello")
    (one,) = await log.outbox.claim()
    await log.outbox.again(one.id, after=timedelta(0), error="429")
    (one,) = await log.outbox.claim()
    assert (one.attempts, one.error) == (2, "429")
    await log.outbox.accepted(one.id, sid="SMout", segments=2, cost=8.0)
    line = (await log.messages(conversation_id))[-1]
    assert (line.state, line.segments, line.cost, line.error) == ("sent", 2, 8.0, None)


async def test_the_providers_ids_that_other_lines_have_are_known(log: EngagementLog) -> None:
    await reply(log, await wrote(log, 1, "SM1"), "hello")
    (one,) = await log.outbox.claim()
    await log.outbox.accepted(one.id, sid="SMout", segments=1, cost=4.0)
    assert await log.outbox.known(["SMout", "SMother"]) == {"SMout"}
    assert await log.outbox.known([]) == set()
