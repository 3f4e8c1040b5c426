"""Several workers at the same rows: each is taken by one of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from world import database

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.values import InboundMessage, Reply, Understanding
from hearback.clock import Clock
from hearback.keys import load_keys

CITIZENS = 40
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Time:
    at = NOON

    def __call__(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def workers(postgres_server: str, tmp_path: Path, time: Time) -> AsyncIterator[list[EngagementLog]]:
    """Three of them at one database."""
    async with database(postgres_server) as address:
        logs = [EngagementLog(Database(address), Clock(read=time), load_keys(tmp_path)) for _ in range(3)]
        yield logs
        for log in logs:
            await log.close()


async def answered(log: EngagementLog) -> None:
    """Every citizen wrote and was answered by text."""
    for number in range(CITIZENS):
        inbound = InboundMessage(
            channel="sms", provider_id=f"in{number}", text="hello", sender=f"+4477009002{number:02}", received_by="+44163"
        )
        found = await log.next_message((await log.receive(inbound)).conversation_id)
        assert found
        await log.answer(found.conversation, found.message.id, Understanding(), [Reply(text="Hello."), Reply(text="How can I help?")])


async def test_each_text_is_sent_by_one_worker(workers: list[EngagementLog]) -> None:
    await answered(workers[0])
    claimed = [one for some in await asyncio.gather(*(log.outbox.claim(5) for log in workers for _ in range(20))) for one in some]
    assert len({one.id for one in claimed}) == len(claimed) == CITIZENS
    assert {one.text for one in claimed} == {"Hello."}, "the second text of a citizen waits for the first"
    assert sum(map(len, await asyncio.gather(*(log.outbox.claim(5) for log in workers)))) == 0


async def test_one_worker_asks_about_a_text_whose_sender_died(workers: list[EngagementLog], time: Time) -> None:
    await answered(workers[0])
    await workers[0].outbox.claim(1)
    time.at += timedelta(minutes=2)
    found = [await log.outbox.doubtful() for log in workers]
    assert [len(some) for some in found] == [1, 1, 1]
    ours = await asyncio.gather(*(log.outbox.take_doubtful(some[0].id) for log, some in zip(workers, found, strict=True)))
    assert sorted(ours) == [False, False, True]
    assert await workers[1].outbox.doubtful() == []
    time.at += timedelta(minutes=2)
    assert len(await workers[1].outbox.doubtful()) == 1, "who asked may die too"


async def test_two_answers_to_one_message_are_one(workers: list[EngagementLog]) -> None:
    inbound = InboundMessage(channel="sms", provider_id="in", text="hello", sender="+447700900200", received_by="+44163")
    conversation = (await workers[0].receive(inbound)).conversation_id
    found = [await log.next_message(conversation) for log in workers]
    said = await asyncio.gather(
        *(
            log.answer(one.conversation, one.message.id, Understanding(), [Reply(text=f"answer {number}")])
            for number, (log, one) in enumerate(zip(workers, found, strict=True))
            if one
        )
    )
    assert sorted(map(len, said)) == [0, 0, 1]
    assert len([line for line in await workers[0].messages(conversation) if line.author == "bot"]) == 1
