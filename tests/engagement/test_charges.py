"""What a conversation costs always adds up to what its texts, turns and staff's minutes cost, whatever happens to them."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from databases import KIND, database_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.tables import conversations, messages
from engagement.values import InboundMessage, Reply, Understanding
from hearback import costs
from hearback.clock import Clock
from hearback.keys import load_keys

NUMBER = "+447700900123"


def text(sid: str) -> InboundMessage:
    return InboundMessage(channel="sms", provider_id=sid, text="hello", sender=NUMBER, received_by="+441632960000")


async def answered(log: EngagementLog, sid: str, *replies: str) -> str:
    got = await log.receive(text(sid))
    found = await log.next_message(got.conversation_id)
    if found:
        await log.answer(found.conversation, found.message.id, Understanding(intent="greet"), [Reply(text=one) for one in replies])
    return got.conversation_id


async def spent(database: Database, conversation_id: str) -> Any:
    def read(connection: Connection) -> Any:
        return connection.execute(select(conversations).where(conversations.c.id == conversation_id)).one()

    return await database.read(read)


async def of_messages(database: Database) -> float:
    def read(connection: Connection) -> Any:
        return connection.execute(select(func.coalesce(func.sum(messages.c.cost), 0.0))).scalar_one()

    return float(await database.read(read))


async def test_the_overhead_comes_once_and_each_answer_has_its_price(log: EngagementLog, database: Database) -> None:
    for number in range(3):
        conversation = await answered(log, f"SM{number}", "Yes.", "And?")
    one = await spent(database, conversation)
    assert one.cost_overhead == costs.pence("overhead")
    assert one.cost_turns == pytest.approx(3 * costs.pence("bot_turn"))


async def test_the_same_answer_again_costs_nothing(log: EngagementLog, database: Database) -> None:
    got = await log.receive(text("SM1"))
    found = await log.next_message(got.conversation_id)
    assert found
    for _ in range(3):
        await log.receive(text("SM1"))
        await log.answer(found.conversation, got.id, Understanding(), [Reply(text="Yes.")])
    assert (await spent(database, got.conversation_id)).cost_turns == costs.pence("bot_turn")


async def test_a_window_that_nobody_writes_in_costs_nothing(log: EngagementLog, database: Database) -> None:
    _, opened, _ = await log.chats.start(Reply(text="Hello."))
    one = await spent(database, opened.id)
    assert (one.cost_texts, one.cost_turns, one.cost_staff, one.cost_overhead) == (0, 0, 0, 0)
    assert one.contacted_at is None


async def test_a_colleagues_minutes_are_charged_once(log: EngagementLog, database: Database) -> None:
    conversation = await answered(log, "SM1", "A colleague comes.")
    await log.staff.add("ada", "x", "agent")
    person = await log.staff.by_name("ada")
    assert person
    one, _ = await log.handovers.open(conversation, key="h", reason="talk_to_person")
    assert (await log.conversation(conversation)).state == "waiting"
    assert [await log.handovers.close(one.id, staff_id=person.id, minutes=4, note="Done") for _ in range(3)] == [True, False, False]
    assert (await spent(database, conversation)).cost_staff == 4 * costs.pence("staff_minute")
    assert (await log.conversation(conversation)).state == "open"


async def test_a_conversation_waits_on_while_another_hand_over_of_it_does(log: EngagementLog) -> None:
    conversation = await answered(log, "SM1", "A colleague comes.")
    await log.staff.add("ada", "x", "agent")
    person = await log.staff.by_name("ada")
    assert person
    first, _ = await log.handovers.open(conversation, key="h1", reason="talk_to_person")
    second, _ = await log.handovers.open(conversation, key="h2", reason="make_complaint")
    await log.handovers.close(first.id, staff_id=person.id, minutes=1)
    assert (await log.conversation(conversation)).state == "waiting"
    await log.handovers.close(second.id, staff_id=person.id, minutes=1)
    assert (await log.conversation(conversation)).state == "open"


# Anything that may become of texts, in any order.

PENCE = st.integers(1, 400).map(lambda tenths: tenths / 10)
WHICH = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), WHICH, PENCE),
        st.tuples(st.just("claim"), WHICH, PENCE),
        st.tuples(st.just("accepted"), WHICH, PENCE),
        st.tuples(st.just("again"), WHICH, PENCE),
        st.tuples(st.just("doubt"), WHICH, PENCE),
        st.tuples(st.just("refused"), WHICH, PENCE),
        st.tuples(st.just("receipt"), WHICH, PENCE),
        st.tuples(st.just("wait"), WHICH, PENCE),
    ),
    max_size=25,
)


class Line:
    """A text sender that does whatever comes."""

    def __init__(self, log: EngagementLog) -> None:
        self.log, self.at, self.taken, self.number = log, datetime(2026, 11, 24, 9, 30, tzinfo=UTC), [0], 0

    async def do(self, what: str, which: int, pence: float) -> None:
        box, one = self.log.outbox, self.taken[which % len(self.taken)]
        self.number += 1
        if what == "answer":
            await answered(self.log, f"SM{self.number}", "Yes.", "And?")
        elif what == "claim":
            self.taken += [outgoing.id for outgoing in await box.claim()]
        elif what == "accepted":
            await box.accepted(one, sid=f"OUT{one}", segments=1, cost=pence)
        elif what == "again":
            await box.again(one, after=timedelta(seconds=5), error="30008")
        elif what == "doubt":
            await box.doubt(one, after=timedelta(seconds=5), error="timeout", segments=1, cost=pence)
        elif what == "refused":
            await box.refused(one, error="21211")
        elif what == "receipt":
            await box.receipt(message_id=one, sid=f"OUT{one}", status=("delivered", "failed", "sent", "undelivered")[which], error=None)
        else:
            self.at += timedelta(seconds=30)


@settings(max_examples=60 if KIND == "sqlite" else 8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_a_conversations_texts_cost_what_its_messages_cost_whatever_becomes_of_them(steps: list[tuple[str, int, float]]) -> None:
    async def run(folder: Path) -> None:
        database = database_of(folder)
        line: Any = None
        log = EngagementLog(database, Clock(read=lambda: line.at.timestamp()), load_keys(folder))
        line = Line(log)
        conversation = await answered(log, "SM-first", "Hello.")
        for step in steps:
            await line.do(*step)
            one, of_lines = await spent(database, conversation), await of_messages(database)
            assert one.cost_texts == pytest.approx(of_lines, abs=1e-9)
        await log.close()

    with TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))
