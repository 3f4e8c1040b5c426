"""What doors and Rasas share in Redis, and how they go on without it."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import pytest
from redis.asyncio import from_url
from stack import free_ports

from bot.lock_store import LIVES, SharedLockStore
from channels.allowances import Allowances
from channels.limits import Limit, TooMuch
from hearback.settings import Settings
from hearback.supervisor import endpoints

FIVE = Limit(name="five a minute", count=5, seconds=60)


def nowhere() -> str:
    return f"redis://127.0.0.1:{free_ports(('redis',))['redis']}/0"


async def test_two_doors_count_together(redis_server: str) -> None:
    first, second = Allowances(redis_server), Allowances(redis_server)
    taken = [await one.take(FIVE, "203.0.113.7") for one in (first, second, first, second, first)]
    assert taken == [0] * 5
    for one in (first, second):
        assert await one.take(FIVE, "203.0.113.7") == pytest.approx(12, abs=1)
        with pytest.raises(TooMuch):
            await one.check(FIVE, "203.0.113.7")
    assert await second.take(FIVE, "203.0.113.8") == 0
    await first.close()
    await second.close()


async def test_an_allowance_in_redis_grows_back_and_takes_no_room_for_ever(redis_server: str) -> None:
    async with from_url(redis_server) as redis:
        await redis.flushdb()  # what other tests used has other lives
    doors, quick = Allowances(redis_server), Limit(name="quick", count=2, seconds=1)
    assert [bool(await doors.take(quick, "a")) for _ in range(3)] == [False, False, True]
    await asyncio.sleep(0.6)
    assert not await doors.take(quick, "a") and await doors.take(quick, "a")
    assert doors._redis is not None
    keys = await doors._redis.keys("hearback:limit:*")
    left = [await doors._redis.pttl(key) for key in keys]
    assert left and all(0 < one < 62_000 for one in left) and not any(b"203.0" in key for key in keys)
    await doors.close()


async def test_without_redis_each_door_counts_for_itself_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    doors = Allowances(nowhere())
    with caplog.at_level(logging.WARNING):
        taken = [await doors.take(FIVE, "203.0.113.7") for _ in range(6)]
    assert taken[:5] == [0] * 5 and taken[5] > 0
    assert len(caplog.records) == 1 and "203.0.113.7" not in caplog.text
    await doors.close()


async def test_one_turn_of_a_conversation_at_a_time_in_two_rasas(redis_server: str) -> None:
    stores = [SharedLockStore(url=redis_server), SharedLockStore(url=redis_server)]
    at_work, most, turns = 0, 0, 0

    async def turn(store: SharedLockStore) -> None:
        nonlocal at_work, most, turns
        async with store.lock("conversation", wait_time_in_seconds=0.01):
            at_work, turns = at_work + 1, turns + 1
            most = max(most, at_work)
            await asyncio.sleep(0.01)
            at_work -= 1

    await asyncio.gather(*(turn(store) for store in stores for _ in range(10)))
    assert (most, turns) == (1, 20)


async def test_the_lock_of_a_rasa_that_died_ends_in_seconds(redis_server: str) -> None:
    store = SharedLockStore(url=redis_server)
    await store._redis.set("hearback:turn:left", "somebody", px=int(LIVES * 1000))
    began = time.monotonic()
    async with store.lock("left"):
        assert LIVES - 1 < time.monotonic() - began < LIVES + 3


async def test_turns_go_on_without_redis() -> None:
    store = SharedLockStore(url=nowhere())
    async with store.lock("conversation"):
        pass


def test_rasa_gets_the_shared_locks_only_with_redis(tmp_path: Path) -> None:
    alone = Settings.from_environ({"HEARBACK_HOME": str(tmp_path)})
    shared = Settings.from_environ({"HEARBACK_HOME": str(tmp_path), "HEARBACK_REDIS_URL": "redis://:secret@127.0.0.1/0"})
    assert "lock_store" not in endpoints(alone).read_text()
    text = endpoints(shared).read_text()
    assert "bot.lock_store.SharedLockStore" in text and "secret" not in text
