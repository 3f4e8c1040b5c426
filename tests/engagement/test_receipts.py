"""Delivery receipts in any order, any number of times, before and after our own commit: a text's state never moves back."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import database_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engagement.log import EngagementLog
from engagement.receipts import RANK, RECEIPTS
from engagement.values import InboundMessage, Reply, Understanding
from hearback.clock import Clock
from hearback.keys import load_keys

OURS = "accepted by us"  # where the commit of the sending stands among the receipts
STATUSES = [*RECEIPTS, "receiving", "received", "unknown", ""]
FINAL = {"delivered", "undelivered", "failed"}


class World:
    """One log for all examples: each has a conversation of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        home = Path(tempfile.mkdtemp())
        at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC).timestamp()
        self.log = EngagementLog(database_of(home), Clock(read=lambda: at), load_keys(home))
        self.made = 0

    async def states(self, events: list[str]) -> list[str]:
        """The state of a text after each event."""
        self.made += 1
        inbound = InboundMessage(channel="sms", provider_id=f"SM{self.made}", text="hi", sender=f"+4477{self.made:08}", received_by="+44")
        conversation_id = (await self.log.receive(inbound)).conversation_id
        found = await self.log.next_message(conversation_id)
        assert found
        (reply,) = await self.log.answer(found.conversation, found.message.id, Understanding(), [Reply(text="hello")])
        (one,) = await self.log.outbox.claim()
        assert one.id == reply.id
        seen = []
        for event in events:
            sid = f"out{self.made}"
            if event == OURS:
                await self.log.outbox.accepted(one.id, sid=sid, segments=1, cost=4.0)
            else:
                assert await self.log.outbox.receipt(message_id=one.id, sid=sid, status=event, error=None)
            seen.append((await self.log.messages(conversation_id))[-1].state)
        assert (await self.log.outbox.doubtful()) == []
        if seen[-1] == "sending":  # nothing was learned: it would be asked about later, here it must not count for the next example
            await self.log.outbox.refused(one.id, error="example")
        return seen


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = World()
    yield world
    world.loop.run_until_complete(world.log.close())
    world.loop.close()


ORDERS = st.lists(st.sampled_from(STATUSES), max_size=8).flatmap(lambda statuses: st.permutations([*statuses, OURS]))


@settings(max_examples=150, deadline=None)
@given(events=ORDERS)
@example(events=["delivered", OURS, "sent", "failed"])
@example(events=["sending", "sending", OURS, "read"])
@example(events=["undelivered", "delivered", OURS, "undelivered"])
def test_receipts_in_any_order_move_forwards_only_and_the_first_final_one_stays(world: World, events: list[str]) -> None:
    seen = world.loop.run_until_complete(world.states(events))
    ranks = [RANK[state] for state in seen]
    assert ranks == sorted(ranks)
    finals = [state for state in (RECEIPTS.get(event) for event in events) if state in FINAL]
    assert seen[-1] == (finals[0] if finals else "sent")


@settings(max_examples=50, deadline=None)
@given(events=st.lists(st.sampled_from(STATUSES), max_size=6))
def test_receipts_alone_never_leave_a_text_where_nothing_fetches_it(world: World, events: list[str]) -> None:
    """The process that sent it may have died: it is with the provider, or it is asked about."""
    seen = world.loop.run_until_complete(world.states(events)) if events else []
    told = [RECEIPTS[event] for event in events if event in RECEIPTS]
    if told:
        assert seen[-1] == next((state for state in told if state in FINAL), "sent")
