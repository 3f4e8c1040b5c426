"""Who said STOP is texted no more until START; a word that can be an answer too is read by where the conversation stands."""

import asyncio

import pytest

from engagement.log import EngagementLog
from engagement.values import InboundMessage, Message, OptOut, Received, Reply, Understanding

NUMBER = "+447700900123"
STOP, START = OptOut(kind="STOP"), OptOut(kind="START")
CANCEL, YES = OptOut(kind="STOP", unless_busy=True), OptOut(kind="START", if_stopped=True)


def sms(sid: str, text: str = "hello", **more: object) -> InboundMessage:
    return InboundMessage(channel="sms", provider_id=sid, text=text, sender=NUMBER, received_by="+447700900000", **more)  # type: ignore[arg-type]


async def answered(log: EngagementLog, sid: str, *replies: str, form: str | None = None) -> None:
    received = await log.receive(sms(sid))
    found = await log.next_message(received.conversation_id)
    assert found
    made = Understanding(intent="greet", confidence=0.9, details={"form": form})
    await log.answer(found.conversation, found.message.id, made, [Reply(text=one) for one in replies])


async def line(log: EngagementLog, received: Received) -> Message:
    (found,) = [one for one in await log.messages(received.conversation_id) if one.id == received.id]
    return found


async def test_stop_is_written_down_and_nobody_answers_it(log: EngagementLog) -> None:
    received = await log.receive(sms("SM0", "STOP", opt_out=STOP))
    assert received.new and not received.waits
    assert (await line(log, received)).state == "answered"
    assert await log.unanswered() == []


async def test_what_waited_when_they_said_stop_is_never_sent(log: EngagementLog) -> None:
    await answered(log, "SM0", "on its way")
    await log.receive(sms("SM1", "STOP", opt_out=STOP))
    assert await log.outbox.claim() == []
    await log.receive(sms("SM2", "START", opt_out=START))
    assert await log.outbox.claim() == []
    await answered(log, "SM3", "welcome back")
    assert [one.text for one in await log.outbox.claim()] == ["welcome back"]


async def test_what_was_queued_while_they_had_stopped_is_not_sent_after_start(log: EngagementLog) -> None:
    received = await log.receive(sms("SM0", "STOP", opt_out=STOP))
    conversation = await log.conversation(received.conversation_id)
    await log.tell(conversation, Reply(text="your bin day has changed"))
    await log.receive(sms("SM1", "START", opt_out=START))
    assert await log.outbox.claim() == []
    assert {one.state for one in await log.messages(conversation.id) if one.author == "bot"} == {"failed"}


async def test_start_of_who_never_stopped_takes_back_no_text(log: EngagementLog) -> None:
    await answered(log, "SM0", "on its way")
    await log.receive(sms("SM1", "START", opt_out=START))
    assert [one.text for one in await log.outbox.claim()] == ["on its way"]


async def test_what_a_stopped_number_writes_is_kept_for_the_team_and_not_answered(log: EngagementLog) -> None:
    await log.receive(sms("SM0", "STOP", opt_out=STOP))
    received = await log.receive(sms("SM1", "my bin was not emptied"))
    assert not received.waits and await log.unanswered() == []
    written = await line(log, received)
    assert (written.text, written.state, written.error) == ("my bin was not emptied", "answered", "stopped")


async def test_an_old_stop_that_comes_again_changes_nothing(log: EngagementLog) -> None:
    await log.receive(sms("SM0", "STOP", opt_out=STOP))
    await log.receive(sms("SM1", "START", opt_out=START))
    await log.receive(sms("SM0", "STOP", opt_out=STOP))
    await answered(log, "SM2", "still here")
    assert len(await log.outbox.claim()) == 1


async def test_cancel_stops_where_nothing_is_under_way(log: EngagementLog) -> None:
    await answered(log, "SM0", "hello")
    assert not (await log.receive(sms("SM1", "CANCEL", opt_out=CANCEL))).waits
    assert not (await log.receive(sms("SM2"))).waits


async def test_cancel_in_the_middle_of_a_report_is_an_answer(log: EngagementLog) -> None:
    await answered(log, "SM0", "How big is it?", form="report_problem")
    assert (await log.receive(sms("SM1", "CANCEL", opt_out=CANCEL))).waits


async def test_cancel_right_behind_a_message_that_waits_is_an_answer(log: EngagementLog) -> None:
    await log.receive(sms("SM0", "there's a pothole"))
    assert (await log.receive(sms("SM1", "CANCEL", opt_out=CANCEL))).waits


async def test_a_word_of_help_in_between_does_not_end_the_report(log: EngagementLog) -> None:
    await answered(log, "SM0", "How big is it?", form="report_problem")
    await log.receive(sms("SM1", "HELP", opt_out=OptOut(kind="HELP")))
    assert (await log.receive(sms("SM2", "end", opt_out=CANCEL))).waits


async def test_a_report_that_was_left_yesterday_is_not_under_way(log: EngagementLog, time: object) -> None:
    await answered(log, "SM0", "How big is it?", form="report_problem")
    time.move(hours=25)  # type: ignore[attr-defined]
    assert not (await log.receive(sms("SM1", "CANCEL", opt_out=CANCEL))).waits


async def test_stop_in_the_middle_of_a_report_stops(log: EngagementLog) -> None:
    await answered(log, "SM0", "How big is it?", form="report_problem")
    assert not (await log.receive(sms("SM1", "STOP", opt_out=STOP))).waits


async def test_yes_is_start_only_for_those_who_stopped(log: EngagementLog) -> None:
    assert (await log.receive(sms("SM0", "YES", opt_out=YES))).waits
    await log.receive(sms("SM1", "STOP", opt_out=STOP))
    assert not (await log.receive(sms("SM2", "YES", opt_out=YES))).waits
    assert (await log.receive(sms("SM3", "YES", opt_out=YES))).waits


async def test_a_foreign_number_is_told_once_however_many_texts_come_together(log: EngagementLog) -> None:
    received = await asyncio.gather(*(log.receive(sms(f"SM{n}", refused="foreign")) for n in range(5)))
    assert sum(one.waits for one in received) == 1
    found = await log.next_message(received[0].conversation_id)
    assert found and found.message.error == "foreign"
    await log.answer(found.conversation, found.message.id, Understanding(), [Reply(text="call us", author="system")])
    assert not (await log.receive(sms("SM9", refused="foreign"))).waits
    assert await log.unanswered() == []


async def test_those_who_cannot_be_reached_are_never_answered(log: EngagementLog) -> None:
    received = await log.receive(sms("SM0", refused="unreachable"))
    assert not received.waits and (await line(log, received)).error == "unreachable"


async def test_the_twenty_first_text_that_waits_is_told_so_once_a_day(log: EngagementLog, time: object) -> None:
    received = [await log.receive(sms(f"SM{n}"), most_waiting=20) for n in range(25)]
    assert [one.waits for one in received] == [True] * 21 + [False] * 4
    reasons = [one.error for one in await log.messages(received[0].conversation_id)]
    assert reasons == [None] * 20 + ["too_many"] * 5
    time.move(hours=25)  # type: ignore[attr-defined]
    assert (await log.receive(sms("SM99"), most_waiting=20)).waits


async def test_when_the_waiting_texts_are_answered_new_ones_are_again(log: EngagementLog) -> None:
    conversation_id = [await log.receive(sms(f"SM{n}"), most_waiting=20) for n in range(22)][0].conversation_id
    while found := await log.next_message(conversation_id):
        await log.answer(found.conversation, found.message.id, Understanding(), [Reply(text="ok")])
    received = await log.receive(sms("SM99"), most_waiting=20)
    assert received.waits and (await line(log, received)).error is None


@pytest.mark.parametrize("word", [STOP, START, OptOut(kind="HELP")])
async def test_these_words_work_for_a_foreign_number_too(log: EngagementLog, word: OptOut) -> None:
    received = await log.receive(sms("SM0", word.kind, opt_out=word, refused="foreign"))
    assert not received.waits and (await line(log, received)).error is None
