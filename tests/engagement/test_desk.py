"""The desk: one colleague has a conversation at a time, the assistant is silent meanwhile, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from databases import url_of
from sqlalchemy import select

from engagement.database import Database
from engagement.desk_values import Colleague, NotOpen, NotYours, Stopped
from engagement.log import EngagementLog
from engagement.tables import audit, handovers
from engagement.values import InboundMessage, OptOut, Reply, Understanding
from hearback.clock import Clock
from hearback.keys import load_keys

HERE = Reply(text="You are now talking to Sam", author="system")
BACK = Reply(text="The assistant is back", author="system")
TEAM = "customer_services"


async def colleague(log: EngagementLog, name: str) -> Colleague:
    await log.staff.add(name, "x", "agent")
    person = await log.staff.by_name(name)
    assert person
    return await log.desk.colleague(person.id)


async def chat(log: EngagementLog) -> str:
    return (await log.chats.start(Reply(text="Hello")))[1].id


async def says(log: EngagementLog, conversation: str, text: str, number: int) -> int:
    """A citizen writes; as the worker does, it is left to the colleague who has the conversation."""
    got = await log.receive(
        InboundMessage(channel="web", provider_id=f"{conversation}:{number:032}", text=text, conversation_id=conversation)
    )
    if (await log.conversation(conversation)).state == "with_staff":
        await log.leave_to_staff(got.id)
    return got.id


@pytest.fixture
async def sam(log: EngagementLog) -> Colleague:
    return await colleague(log, "sam")


@pytest.fixture
async def kim(log: EngagementLog) -> Colleague:
    return await colleague(log, "kim")


@pytest.fixture(params=["sqlite", "postgresql"])
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[EngagementLog]]:
    """Two processes with one database."""
    databases = [Database(url_of(tmp_path, request.param)) for _ in range(2)]
    yield [EngagementLog(one, Clock(), load_keys(tmp_path)) for one in databases]
    for one in databases:
        await one.close()


async def test_of_two_who_take_over_at_once_one_wins_and_the_other_hears_who(shared: list[EngagementLog]) -> None:
    one, other = shared
    sam, kim = await colleague(one, "sam"), await colleague(one, "kim")
    for _ in range(10):
        conversation = await chat(one)
        await one.handovers.open(conversation, key=conversation, reason="talk_to_person")
        first, second = await asyncio.gather(
            one.desk.claim(conversation, sam, team=TEAM, line=HERE), other.desk.claim(conversation, kim, team=TEAM, line=HERE)
        )
        assert [first.won, second.won].count(True) == 1
        winner = "sam" if first.won else "kim"
        assert first.claim.name == second.claim.name == winner
        assert [line.text for line in await one.messages(conversation)] == ["Hello", HERE.text]
        (waited,) = await one.review.handovers(conversation)
        assert (waited["state"], waited["username"]) == ("claimed", winner)


async def test_the_same_form_sent_twice_at_once_is_one_reply(shared: list[EngagementLog]) -> None:
    one, other = shared
    sam, conversation = await colleague(one, "sam"), await chat(one)
    await one.desk.claim(conversation, sam, team=TEAM, line=HERE)
    said = await asyncio.gather(*(log.desk.reply(conversation, sam, text="Hello Jo", form="f1", seen=0) for log in (one, other, one)))
    assert len({line.id for line in said}) == 1
    lines = await one.messages(conversation)
    assert [line.text for line in lines if line.author == "staff"] == ["Hello Jo"]
    assert lines[-1].public()["by"] == "sam"


async def test_an_answer_that_was_thought_of_before_the_takeover_is_not_said(log: EngagementLog, sam: Colleague) -> None:
    conversation = await chat(log)
    asked = await says(log, conversation, "a pothole", 1)
    found = await log.next_message(conversation)
    assert found
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    assert await log.answer(found.conversation, asked, Understanding(intent="report_problem"), [Reply(text="Where is it?")]) == []
    line = next(one for one in await log.messages(conversation) if one.id == asked)
    assert line.state == "with_staff" and line.understanding == {"unsaid": ["Where is it?"]}
    assert await log.outcomes.busy(conversation), "progress and questions wait"


async def test_a_reply_answers_what_its_writer_had_seen(log: EngagementLog, sam: Colleague) -> None:
    conversation = await chat(log)
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    seen, unseen = await says(log, conversation, "one", 1), await says(log, conversation, "two", 2)
    await log.desk.reply(conversation, sam, text="Yes", form="f", seen=seen)
    states = {line.id: line.state for line in await log.messages(conversation)}
    assert (states[seen], states[unseen]) == ("answered", "with_staff")
    assert [line.text for line in await log.answers_to(seen) or ()] == ["Yes"]


async def test_handed_back_the_assistant_answers_also_what_nobody_answered(log: EngagementLog, sam: Colleague) -> None:
    conversation = await chat(log)
    await log.handovers.open(conversation, key="t", reason="talk_to_person")
    await log.handovers.open(conversation, key="c", reason="make_complaint")
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    await says(log, conversation, "thanks", 1)
    left = await says(log, conversation, "when is my bin day?", 2)
    await log.desk.reply(conversation, sam, text="You are welcome", form="f", seen=left - 1)
    assert await log.desk.hand_back(conversation, sam, line=BACK) == 1
    assert await log.unanswered() == [conversation]
    found = await log.next_message(conversation)
    assert found and found.message.text == "when is my bin day?"
    assert (await log.conversation(conversation)).state == "waiting", "the complaint waits for its answer"
    assert {row["reason"]: row["state"] for row in await log.review.handovers(conversation)} == {
        "talk_to_person": "closed",
        "make_complaint": "waiting",
    }


async def test_a_message_that_comes_while_it_is_handed_back_is_the_assistant_s(log: EngagementLog, sam: Colleague) -> None:
    conversation = await chat(log)
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    named = f"{conversation}:{1:032}"
    got = await log.receive(InboundMessage(channel="web", provider_id=named, text="hello?", conversation_id=conversation))
    found = await log.next_message(conversation)
    assert found and found.conversation.state == "with_staff"
    await log.desk.hand_back(conversation, sam, line=BACK)
    await log.leave_to_staff(got.id)  # the worker, a moment too late
    assert await log.unanswered() == [conversation]


async def test_closing_measures_the_minutes_and_they_can_be_corrected(log: EngagementLog, sam: Colleague, time: Any) -> None:
    conversation = await chat(log)
    await log.handovers.open(conversation, key="t", reason="talk_to_person")
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    time.move(minutes=7, seconds=30)
    seen = await says(log, conversation, "bye", 1)
    late = await says(log, conversation, "one more thing", 2)
    assert await log.desk.close(conversation, sam, result="solved", seen=seen, line=BACK, note="fine") == 7.5
    states = {line.id: line.state for line in await log.messages(conversation)}
    assert (states[seen], states[late]) == ("answered", "received"), "what was not seen is the assistant's"
    spent = (await log.review.costs(conversation))["staff"]
    (claim,) = await log.desk.of_conversation(conversation)
    assert (claim.ended, claim.result, claim.minutes) == ("closed", "solved", 7.5)
    assert await log.desk.correct_minutes(claim.id, sam, 15) == conversation
    assert (await log.review.costs(conversation))["staff"] == pytest.approx(spent * 2)
    (waited,) = await log.review.handovers(conversation)
    assert (waited["state"], waited["minutes"], (await log.conversation(conversation)).state) == ("closed", 15, "open")


async def test_what_was_passed_on_waits_for_the_other_team(log: EngagementLog, sam: Colleague, kim: Colleague) -> None:
    conversation = await chat(log)
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    await log.desk.pass_on(conversation, sam, team="waste", why="It is about bins", line=BACK)
    assert await log.desk.waiting([TEAM]) == []
    (waits,) = await log.desk.waiting(["waste"])
    assert (waits.reason, waits.team, waits.details) == ("passed_on", "waste", {"passed_on": "It is about bins", "passed_on_by": "sam"})
    with pytest.raises(NotYours) as refused:
        await log.desk.reply(conversation, sam, text="x", form="f", seen=0)
    assert refused.value.holder is None
    assert (await log.desk.claim(conversation, kim, team="waste", line=HERE)).won
    with pytest.raises(NotYours) as refused:
        await log.desk.hand_back(conversation, sam, line=BACK)
    assert refused.value.holder == "kim"


async def test_a_claim_that_went_quiet_can_be_taken_and_nothing_is_lost(
    log: EngagementLog, sam: Colleague, kim: Colleague, time: Any
) -> None:
    conversation = await chat(log)
    await log.handovers.open(conversation, key="t", reason="talk_to_person")
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    left = await says(log, conversation, "are you there?", 1)
    time.move(minutes=9)
    assert not (await log.desk.claim(conversation, kim, team=TEAM, line=HERE)).won
    time.move(minutes=2)
    (held,) = await log.desk.with_colleagues()
    assert held.claim and held.claim.quiet and held.unanswered == 1 and held.last_words == "are you there?"
    assert (await log.desk.claim(conversation, kim, team=TEAM, line=HERE)).won
    assert [one.ended for one in await log.desk.of_conversation(conversation)] == [None, "taken"]
    assert next(one for one in await log.messages(conversation) if one.id == left).state == "with_staff"
    await log.desk.here(kim.id)
    time.move(minutes=9)
    await log.desk.here(kim.id, conversation_id=conversation)
    time.move(minutes=9)
    assert not (await log.desk.claim(conversation, sam, team=TEAM, line=HERE)).won, "a sign of the browser keeps it"


async def test_who_said_stop_is_not_texted_by_a_colleague_either(log: EngagementLog, sam: Colleague) -> None:
    how: dict[str, Any] = {"channel": "sms", "sender": "+447700900123", "received_by": "+441632960000"}
    got = await log.receive(InboundMessage(**how, provider_id="s1", text="hello"))
    await log.desk.claim(got.conversation_id, sam, team=TEAM, line=HERE)
    await log.receive(InboundMessage(**how, provider_id="s2", text="STOP", opt_out=OptOut(kind="STOP")))
    with pytest.raises(Stopped):
        await log.desk.reply(got.conversation_id, sam, text="Hello", form="f", seen=0)


async def test_a_chat_that_the_citizen_ended_is_only_closed(log: EngagementLog, sam: Colleague, kim: Colleague) -> None:
    conversation = await chat(log)
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    await log.chats.end(conversation)
    with pytest.raises(NotOpen):
        await log.desk.reply(conversation, sam, text="x", form="f", seen=0)
    before = len(await log.messages(conversation))
    await log.desk.close(conversation, sam, result="no_answer", seen=0, line=BACK)
    assert len(await log.messages(conversation)) == before and (await log.conversation(conversation)).state == "ended"
    with pytest.raises(NotOpen):
        await log.desk.claim(conversation, kim, team=TEAM, line=HERE)


async def test_the_queue_is_by_urgency_then_by_time_and_by_team(log: EngagementLog, time: Any) -> None:
    ids = []
    for reason, priority in (("talk_to_person", 0), ("make_complaint", 0), ("report_danger", 10)):
        conversation = await chat(log)
        await says(log, conversation, f"first {reason}", 1)
        await says(log, conversation, f"last {reason}", 2)
        await log.handovers.open(conversation, key=conversation, reason=reason, priority=priority)
        ids.append(conversation)
        time.move(minutes=1)
    waiting = await log.desk.waiting()
    assert [one.conversation_id for one in waiting] == [ids[2], ids[0], ids[1]]
    assert (waiting[1].first_words, waiting[1].last_words) == ("first talk_to_person", "last talk_to_person")
    assert [one.reason for one in await log.desk.waiting(["complaints"])] == ["make_complaint"]
    before = (await log.desk.pulse([ids[0]])).mark
    assert before == (await log.desk.pulse([])).mark
    await log.desk.wait_no_more(ids[0])
    after = await log.desk.pulse([ids[0]])
    assert after.mark != before and after.waiting == 2 and after.latest[ids[0]][1] == "open"


async def test_what_was_reported_last_says_which_team(log: EngagementLog) -> None:
    conversation = await chat(log)
    await log.requests.open(key="k", conversation_id=conversation, service_code="MISSEDBIN", service_name="Missed bin", report={})
    waits, _ = await log.handovers.open(conversation, key="t", reason="talk_to_person")
    assert waits.team == "waste"


async def test_colleagues_are_there_while_their_inbox_is_open(log: EngagementLog, sam: Colleague, time: Any) -> None:
    assert await log.desk.there() == []
    await log.desk.here(sam.id)
    assert await log.desk.there(TEAM) == ["sam"]
    await log.desk.set_away(sam.id, True)
    await log.desk.here(sam.id)
    assert await log.desk.there(TEAM) == [] and await log.desk.is_away(sam.id)
    await log.desk.set_away(sam.id, False)
    time.move(minutes=3)
    assert await log.desk.there(TEAM) == []


async def test_how_long_it_usually_takes_is_measured_once_there_is_enough(log: EngagementLog, sam: Colleague, time: Any) -> None:
    assert await log.desk.usual_wait(TEAM) == 120
    for wait in (2, 4, 6, 8, 30):
        conversation = await chat(log)
        await log.handovers.open(conversation, key=conversation, reason="talk_to_person")
        time.move(minutes=wait)
        await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    assert await log.desk.usual_wait(TEAM) == 30


async def test_everything_that_a_colleague_does_is_written_down(log: EngagementLog, database: Database, sam: Colleague) -> None:
    conversation = await chat(log)
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    await log.desk.reply(conversation, sam, text="secret words", form="f", seen=0)
    await log.desk.hand_back(conversation, sam, line=BACK)
    rows = await database.read(lambda connection: connection.execute(select(audit.c.action, audit.c.details)).all())
    assert [row.action for row in rows] == ["took_over", "replied", "handed_back"]
    assert "secret" not in str(rows)


async def test_erasing_ends_a_claim_and_leaves_no_words(log: EngagementLog, database: Database, sam: Colleague) -> None:
    conversation = await chat(log)
    await log.desk.claim(conversation, sam, team=TEAM, line=HERE)
    await log.desk.pass_on(conversation, sam, team="waste", why="secret", line=BACK)
    await log.desk.claim(conversation, sam, team="waste", line=HERE)
    await log.erasures.begin(conversation)
    assert [(one.ended, one.note) for one in await log.desk.of_conversation(conversation)] == [("left", None), ("passed_on", None)]
    states = await database.read(lambda connection: connection.execute(select(handovers.c.details)).all())
    assert "secret" not in str(states)
