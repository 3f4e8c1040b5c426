"""The outcome question and its answers, in the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import MovableTime
from sqlalchemy import select

from engagement.database import Database
from engagement.handovers import dispute_key
from engagement.log import EngagementLog
from engagement.outcomes import Question
from engagement.tables import conversations, outcome_events, outcomes
from engagement.values import Conversation, InboundMessage, Notice, OptOut, Outcome, Reply, Request, Understanding, turn_key

PHONE = "+447700900123"
ASKED = Reply(text="Is it done?")


class Case:
    """A citizen's request, as the back office and the citizen go on with it."""

    def __init__(self, log: EngagementLog, time: MovableTime, conversation: Conversation, key: str = "r1") -> None:
        self.log, self.time, self.conversation, self.key = log, time, conversation, key
        self.reference = f"ASH-{key}"

    async def report(self, **more: Any) -> Case:
        await self.log.requests.open(
            key=self.key, conversation_id=self.conversation.id, service_code="POTHOLE", service_name="Pothole",
            report={"address": "12 Mill Lane"}, **{"updates": True, **more},
        )  # fmt: skip
        await self.log.requests.sent(self.key, reference=self.reference, token=None, service_notice=None, told=True)
        return self

    async def done(self, word: str = "done") -> None:
        self.time.move(hours=1)
        await self.log.watch.noticed([Notice(reference=self.reference, source="poll", word=word, at=self.time.at, partner="Highways")])

    async def taken_up(self) -> None:
        self.time.move(hours=1)
        await self.log.watch.noticed([Notice(reference=self.reference, source="poll", word="open", at=self.time.at)])

    async def request(self) -> Request:
        found = await self.log.requests.by_reference(self.reference)
        assert found
        return found

    async def outcome(self) -> Outcome:
        found = await self.log.outcomes.of_request((await self.request()).id)
        assert found
        return found

    async def ask(self) -> list[Any]:
        """What the asker does in a pass, without its words."""
        said = []
        for question in await self.log.outcomes.due():
            place = await self.log.outcomes.place(question.conversation, question.contact_id)
            said += await self.log.outcomes.ask(question.outcome.id, ASKED, within=place.id)
        await self.log.outcomes.give_up()
        return said

    async def answer(self, answer: str, key: str = "t1", **more: Any) -> Outcome:
        outcome = await self.log.outcomes.open_question(self.conversation.id) or await self.outcome()
        return await self.log.outcomes.answer(outcome.id, answer, key=key, channel="sms", **more)


async def write(log: EngagementLog, sid: str, text: str, opt_out: OptOut | None = None) -> Conversation:
    received = await log.receive(
        InboundMessage(channel="sms", provider_id=sid, text=text, sender=PHONE, received_by="+441632960000", opt_out=opt_out)
    )
    return await log.conversation(received.conversation_id)


@pytest.fixture
async def case(log: EngagementLog, time: MovableTime) -> Case:
    return await Case(log, time, await write(log, "m1", "pothole in Mill Lane")).report()


async def test_it_is_asked_once_after_it_was_declared_done_and_reminded_once(case: Case, time: MovableTime) -> None:
    assert await case.ask() == []
    await case.done()
    assert await case.ask() == []
    time.move(days=3)
    (said,) = await case.ask()
    assert said.conversation_id == case.conversation.id and (await case.outcome()).state == "asked"
    assert await case.ask() == []
    time.move(days=5)
    assert len(await case.ask()) == 1 and (await case.outcome()).state == "reminded"
    time.move(days=5)
    assert await case.ask() == []
    time.move(days=6)
    assert await case.ask() == []
    outcome = await case.outcome()
    assert (outcome.state, outcome.confirmed) == ("silent", None)


@pytest.mark.parametrize(("days", "state"), [(59, "waiting"), (61, "dropped")])
async def test_nobody_is_asked_about_what_was_done_long_before_we_heard_of_it(case: Case, time: MovableTime, days: int, state: str) -> None:
    done_at = time.at
    time.move(days=days)
    await case.log.watch.noticed([Notice(reference=case.reference, source="feed", word="done", at=done_at, update_id="u1")])
    outcome = await case.outcome()
    assert (outcome.declared, outcome.declared_at, outcome.state) == ("done", done_at, state)


async def test_who_wished_no_updates_is_asked_and_never_reminded(log: EngagementLog, time: MovableTime) -> None:
    case = await Case(log, time, await write(log, "m1", "pothole")).report(updates=False)
    await case.done()
    time.move(days=4)
    assert len(await case.ask()) == 1
    for _ in range(20):
        time.move(days=1)
        assert await case.ask() == []
    assert (await case.outcome()).state == "silent"


async def test_nobody_is_asked_after_stop(case: Case, time: MovableTime) -> None:
    await case.done()
    await write(case.log, "m2", "STOP", OptOut(kind="STOP"))
    time.move(days=4)
    assert await case.ask() == [] and (await case.outcome()).state == "dropped"
    await write(case.log, "m3", "START", OptOut(kind="START"))
    time.move(days=30)
    assert await case.ask() == []


async def test_stop_between_the_question_and_its_reminder_ends_it(case: Case, time: MovableTime) -> None:
    await case.done()
    time.move(days=4)
    await case.ask()
    await write(case.log, "m2", "STOP", OptOut(kind="STOP"))
    time.move(days=6)
    assert await case.ask() == [] and (await case.outcome()).state == "silent"


async def test_a_number_given_in_a_web_chat_is_asked_in_its_own_conversation_once(log: EngagementLog, time: MovableTime) -> None:
    _, chat, _ = await log.chats.start(Reply(text="Hello"), language="cy")
    await log.receive(InboundMessage(channel="web", provider_id="w1", text=f"text me on {PHONE}", conversation_id=chat.id))
    (line,) = [one for one in await log.messages(chat.id) if one.contacts]
    case = await Case(log, time, chat).report(contact_id=line.contacts[0])
    await case.done()
    time.move(days=4)
    (question,) = await log.outcomes.due()
    assert isinstance(question, Question) and question.contact_kind == "phone" and question.place == "12 Mill Lane"
    (said,) = await case.ask()
    assert said.channel == "sms" and said.conversation_id != chat.id
    begun = await log.conversation(said.conversation_id)
    assert (begun.state, begun.language) == ("open", "cy")
    answered = await write(log, "m1", "nah still there")
    assert answered.id == begun.id
    waiting = await log.next_message(begun.id)
    assert waiting and waiting.question and waiting.question.reference == case.reference
    assert await log.outcomes.of_citizen(waiting.question.id, begun.id) is not None


async def test_a_busy_citizen_is_asked_later_and_others_come_first(case: Case, time: MovableTime) -> None:
    await case.done()
    time.move(days=4)
    log, conversation = case.log, case.conversation
    await write(log, "m2", "street light out")
    for _ in range(2):
        found = await log.next_message(conversation.id)
        assert found
        await log.answer(conversation, found.message.id, Understanding(intent="report_problem", details={"form": "report_problem"}), [])
    assert await log.outcomes.busy(conversation.id)
    outcome = await case.outcome()
    await log.outcomes.later(outcome.id)
    assert await log.outcomes.due() == []
    time.move(minutes=31)
    assert not await log.outcomes.busy(conversation.id) and len(await log.outcomes.due()) == 1


async def test_two_questions_in_one_conversation_do_not_come_together(case: Case, time: MovableTime) -> None:
    other = await Case(case.log, time, case.conversation, key="r2").report()
    await case.done()
    await other.done()
    time.move(days=4)
    first, second = await case.log.outcomes.due()
    await case.log.outcomes.ask(first.outcome.id, ASKED, within=case.conversation.id)
    assert await case.log.outcomes.asked_lately(case.conversation.id, but=second.outcome.id)
    assert not await case.log.outcomes.asked_lately(case.conversation.id, but=first.outcome.id)
    time.move(hours=4)
    assert not await case.log.outcomes.asked_lately(case.conversation.id, but=second.outcome.id)


async def test_an_answer_after_we_gave_up_counts_and_silence_never_does(case: Case, time: MovableTime) -> None:
    await case.done()
    for days in (4, 5, 11):
        time.move(days=days)
        await case.ask()
    outcome = await case.outcome()
    assert (outcome.state, outcome.confirmed, outcome.confirmed_at) == ("silent", None, None)
    time.move(days=20)
    late = await case.answer("fixed")
    assert (late.state, late.confirmed) == ("answered", "fixed")
    assert await case.log.outcomes.open_question(case.conversation.id) is None


async def test_the_latest_answer_counts_each_is_kept_and_a_turn_that_is_run_again_is_one(case: Case, database: Database) -> None:
    await case.done()
    for key, answer in (("t1", "fixed"), ("t2", "not_fixed"), ("t2", "not_fixed")):
        outcome = await case.log.outcomes.answer(
            (await case.outcome()).id, answer, key=key, channel="sms", words=f"said {answer}", remedy="reopening"
        )
    assert (outcome.confirmed, outcome.words, outcome.remedy) == ("not_fixed", "said not_fixed", "reopening")
    said = select(outcome_events.c.value).where(outcome_events.c.fact == "confirmed").order_by(outcome_events.c.id)
    assert (await database.read(lambda c: c.execute(said).scalars().all())) == ["fixed", "not_fixed"]


async def test_a_no_has_a_clock_and_is_the_worker_s_after_a_minute(case: Case, time: MovableTime) -> None:
    await case.done()
    outcome = await case.answer("not_fixed", words="still there", remedy="reopening")
    assert outcome.act_by and timedelta(days=1) < outcome.act_by - time.at < timedelta(days=6)
    assert await case.log.outcomes.take_remedies() == []
    time.move(minutes=2)
    ((taken, request),) = await case.log.outcomes.take_remedies()
    assert taken.words == "still there" and request.reference == case.reference
    assert await case.log.outcomes.take_remedies() == []
    await case.log.outcomes.remedy_later(outcome)
    time.move(seconds=31)
    assert await case.log.outcomes.take_remedies() == [], "what was read before another began to try changes nothing"
    await case.log.outcomes.remedy_later(taken)
    time.move(hours=2)
    assert len(await case.log.outcomes.take_remedies()) == 1
    assert await case.log.outcomes.remedied(taken.id, "reopened", told=False)
    assert not await case.log.outcomes.remedied(taken.id, "reopened", told=False)
    ((untold, where),) = await case.log.outcomes.remedies_untold()
    assert where.id == case.conversation.id
    assert len(await case.log.outcomes.tell_remedy(untold.id, where, Reply(text="open again"))) == 1
    assert await case.log.outcomes.tell_remedy(untold.id, where, Reply(text="open again")) == []
    assert await case.log.outcomes.remedies_untold() == []


async def test_after_a_no_a_new_round_begins_that_is_asked_about_too(case: Case, time: MovableTime) -> None:
    await case.done()
    first = await case.answer("not_fixed", remedy="reopening")
    await case.log.outcomes.remedied(first.id, "reopened", told=True)
    second = await case.outcome()
    assert (second.round, second.state, second.declared) == (2, "open", None)
    await case.done()
    time.move(days=4)
    assert len(await case.ask()) == 1
    settled = await case.log.outcomes.one(first.id)
    assert settled and settled.settled_at
    again = await case.answer("fixed")
    assert (again.round, again.confirmed) == (2, "fixed")
    first_again = await case.log.outcomes.one(first.id)
    assert first_again and first_again.confirmed == "not_fixed"


async def test_a_linked_request_takes_the_first_one_s_place_and_its_number_is_told_when_it_has_one(case: Case) -> None:
    await case.done()
    outcome = await case.answer("partly", remedy="reopening")
    await case.log.outcomes.remedied(outcome.id, "linked", token="tok", told=False)
    assert await case.log.outcomes.remedies_untold() == []
    await case.log.requests.named(f"{outcome.key}:again", "ASH-9")
    ((untold, _),) = await case.log.outcomes.remedies_untold()
    assert untold.remedy_reference == "ASH-9"
    linked = await case.log.requests.by_reference("ASH-9")
    assert linked and linked.linked_to == case.reference and linked.updates


async def test_what_the_back_office_takes_up_again_is_not_asked_about(case: Case, time: MovableTime) -> None:
    await case.done()
    await case.taken_up()
    time.move(days=5)
    assert await case.ask() == []


async def test_who_says_it_is_not_theirs_hears_no_more_of_it(case: Case, time: MovableTime) -> None:
    await case.done()
    time.move(days=4)
    await case.ask()
    await case.answer("not_mine")
    await case.taken_up()
    await case.done()
    time.move(days=4)
    assert await case.log.watch.untold() == [] and await case.ask() == []


async def test_a_request_that_was_taken_back_is_not_asked_about(case: Case, time: MovableTime) -> None:
    await case.done()
    await case.log.requests.withdrawn(case.reference)
    time.move(days=4)
    assert await case.ask() == []


async def test_progress_is_told_once_for_each_change_and_a_question_stands_for_done(case: Case, time: MovableTime) -> None:
    await case.done("accepted")
    (request,) = await case.log.watch.untold()
    assert len(await case.log.outcomes.tell_progress(request, case.conversation, Reply(text="accepted"))) == 1
    assert await case.log.outcomes.tell_progress(request, case.conversation, Reply(text="accepted")) == []
    await case.done()
    time.move(days=4)
    await case.ask()
    assert await case.log.watch.untold() == []


async def test_deleting_a_conversation_blanks_its_words_and_drops_its_question(case: Case, database: Database, time: MovableTime) -> None:
    await case.done()
    time.move(days=4)
    await case.ask()
    await case.answer("not_fixed", words="the hole by my gate", remedy="reopening")
    other = await Case(case.log, time, case.conversation, key="r2").report()
    await other.done()
    await case.log.erasures.begin(case.conversation.id)
    rows = await database.read(lambda c: c.execute(select(outcomes.c.words, outcomes.c.state, outcomes.c.confirmed)).all())
    assert sorted(tuple(row) for row in rows)[0] and {row.words for row in rows} == {None}
    assert {(row.state, row.confirmed) for row in rows} == {("answered", "not_fixed"), ("dropped", None)}
    notes = await database.read(lambda c: c.execute(select(outcome_events.c.notes)).scalars().all())
    assert set(notes) == {None}
    time.move(days=9)
    assert await case.ask() == []


async def test_deleting_a_web_chat_forgets_the_number_that_was_texted_for_it(
    log: EngagementLog, database: Database, time: MovableTime
) -> None:
    _, chat, _ = await log.chats.start(Reply(text="Hello"))
    time.move(seconds=1)
    await log.receive(InboundMessage(channel="web", provider_id="w1", text=f"text me on {PHONE}", conversation_id=chat.id))
    (line,) = [one for one in await log.messages(chat.id) if one.contacts]
    case = await Case(log, time, chat).report(contact_id=line.contacts[0])
    await case.done()
    time.move(days=4)
    (said,) = await case.ask()
    await log.erasures.begin(chat.id)
    (text,) = await log.messages(said.conversation_id)
    assert text.text == "" and (await log.conversation(said.conversation_id)).contact_id is None
    found = await database.read(lambda c: c.execute(select(conversations.c.contact_id)).scalars().all())
    assert set(found) == {None}


async def test_support_is_asked_about_after_two_weeks_and_an_answer_to_a_question_never(case: Case, time: MovableTime) -> None:
    about = {"conversation": case.conversation, "service_name": "Food bank", "partner": "Ashdown Pantry"}
    for _ in range(2):
        await case.log.outcomes.begin(key="support:1", subject="support", task="find_support", **about)  # type: ignore[arg-type]
    asked = await case.log.outcomes.begin(key="information:1", subject="information", task="ask_information", **about)  # type: ignore[arg-type]
    await case.log.outcomes.answer(asked, "not_fixed", key="t", channel="web")
    answered = await case.log.outcomes.one(asked)
    assert answered and (answered.state, answered.confirmed, answered.declared) == ("answered", "not_fixed", "done")
    time.move(days=13)
    assert await case.log.outcomes.due() == []
    time.move(days=2)
    (question,) = await case.log.outcomes.due()
    assert (question.outcome.subject, question.outcome.partner, question.contact_id) == ("support", "Ashdown Pantry", None)


async def test_a_closed_hand_over_is_asked_about_and_a_no_opens_it_again(case: Case, time: MovableTime) -> None:
    log = case.log
    handover, _ = await log.handovers.open(case.conversation.id, key="h1", reason="talk_to_person")
    assert (await log.conversation(case.conversation.id)).state == "waiting"
    await log.staff.add("sam", "no hash", "agent")
    closed = [await log.handovers.close(handover.id, staff_id=1, minutes=5) for _ in range(2)]
    assert closed == [True, False]
    assert (await log.conversation(case.conversation.id)).state == "open"
    time.move(days=2)
    (question,) = await log.outcomes.due()
    assert (question.outcome.key, question.outcome.subject, question.outcome.handled_by) == ("handover:h1", "handover", "staff")
    answered = await log.outcomes.answer(question.outcome.id, "not_fixed", key="t", channel="sms", remedy="with_team")
    assert answered.act_by and await log.outcomes.remedies_untold() == []
    assert (await log.handovers.reopen(handover.id)).state == "waiting"
    await log.handovers.close(handover.id, staff_id=1, minutes=5)
    settled = await log.outcomes.one(answered.id)
    assert settled and settled.settled_at == time.at
    time.move(days=2)
    assert [one.outcome.key for one in await log.outcomes.due()] == ["handover:h1:2"]


async def test_closing_the_hand_over_of_a_no_ends_its_clock_and_asks_nothing_more(case: Case, time: MovableTime) -> None:
    await case.done()
    outcome = await case.answer("not_fixed", remedy="reopening")
    handover, _ = await case.log.handovers.open(case.conversation.id, key=dispute_key(outcome.id), reason="outcome_not_fixed")
    assert (await case.log.conversation(case.conversation.id)).state == "open", "nobody joins the chat because of it"
    await case.log.staff.add("sam", "no hash", "agent")
    await case.log.handovers.close(handover.id, staff_id=1, minutes=5)
    settled = await case.log.outcomes.one(outcome.id)
    assert settled and isinstance(settled.settled_at, datetime)
    time.move(days=3)
    assert [one for one in await case.log.outcomes.due() if one.outcome.subject == "handover"] == []


async def test_tasks_are_journalled_with_their_end_also_where_one_turned_out_to_be_another(case: Case, database: Database) -> None:
    from engagement.tables import tasks

    entries = [
        {"task": "report_problem", "did": "begun"},
        {"task": "report_problem", "did": "turned", "to": "report_missed_bin", "service": "MISSEDBIN"},
        {"task": "report_missed_bin", "did": "asked", "step": "household"},
        {"task": "report_missed_bin", "did": "ended", "end": "completed"},
        {"task": "find_support", "did": "begun"},
        {"task": "report_repair", "did": "begun"},
        {"task": "report_repair", "did": "asked", "step": "place", "end": "elsewhere"},
        {"task": "order_bin", "did": "begun"},
        {"task": "order_bin", "did": "asked", "step": "place", "end": "elsewhere"},
        {"task": "order_bin", "did": "asked", "step": "check"},
    ]
    found = await case.log.next_message(case.conversation.id)
    assert found
    for _ in range(2):
        await case.log.answer(case.conversation, found.message.id, Understanding(details={"journal": entries}), [])
    rows = await database.read(lambda c: c.execute(select(tasks.c.task, tasks.c.step, tasks.c.end, tasks.c.service_code)).all())
    assert [tuple(row) for row in rows] == [
        ("report_missed_bin", "household", "completed", "MISSEDBIN"), ("find_support", None, None, None),
        ("report_repair", "place", "elsewhere", None), ("order_bin", "check", None, None),
    ]  # fmt: skip


async def test_a_turn_that_is_run_again_finds_the_question_that_it_answered(case: Case) -> None:
    first = await case.log.next_message(case.conversation.id)
    assert first
    await case.log.answer(case.conversation, first.message.id, Understanding(), [])
    await case.done()
    case.time.move(days=4)
    await case.ask()
    asked = await case.outcome()
    await write(case.log, "m2", "still there mate")
    answer = await case.log.next_message(case.conversation.id)
    assert answer and answer.question and answer.question.id == asked.id
    turn = turn_key(case.conversation.id, answer.message.id)
    await case.log.outcomes.answer(asked.id, "not_fixed", key=turn, channel="sms", remedy="reopening")
    await case.log.outcomes.remedied(asked.id, "reopened", reference=asked.reference, told=True)
    waiting = await case.log.next_message(case.conversation.id)
    assert waiting and waiting.question and waiting.question.id == asked.id
    assert await case.log.outcomes.open_question(case.conversation.id) is None, "for any other message it is answered"
    assert asked.request_id is not None
    again = await case.log.outcomes.of_request(asked.request_id, turn=turn)
    other = await case.log.outcomes.of_request(asked.request_id, turn=turn[:-1])
    assert again and other and (again.round, other.round) == (1, 2)
