"""Waiting for a ring: it ends by the ring, by the time, or by being cancelled."""

from __future__ import annotations

import asyncio

import pytest

from channels.signals import Signals, pause


async def test_a_ring_ends_the_wait_and_so_does_the_time() -> None:
    signals = Signals()
    async with signals.listen("x") as bell:
        assert not await pause(bell, 0.01)
        signals.ring("x")
        assert await pause(bell, 1) and await pause(bell, None)


@pytest.mark.parametrize("turns", range(4))
async def test_who_is_cancelled_in_the_moment_of_a_ring_ends_all_the_same(turns: int) -> None:
    bell = asyncio.Event()

    async def work() -> None:
        while True:
            bell.clear()
            await pause(bell, 60)

    working = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    bell.set()
    for _ in range(turns):  # of the loop, until the ring has been heard
        await asyncio.sleep(0)
    working.cancel()
    await asyncio.wait([working], timeout=2)
    assert working.cancelled()
