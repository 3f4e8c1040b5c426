"""Turns that fall due at a fixed rate, whether or not those before were answered."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Iterator

from hearback.bench.client import LONGEST_TURN, Door, Turns, connections, opened, said

TURNS_EACH = 6  # of a conversation


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Moments from 0 at which turns fall due, by chance as independent citizens write (Poisson); the same seed gives the same ones."""
    chance, moments, at = random.Random(seed), list[float](), 0.0
    while (at := at + chance.expovariate(rate)) < seconds:
        moments.append(at)
    return moments


async def at_rate(door: Door, scripts: Iterator[list[str]], *, rate: float, seconds: float, seed: int = 1) -> Turns:
    """Turns of many conversations at `rate` a second. Milliseconds count from when a turn was due, not from when it was sent.

    A turn that was not answered counts as `failed` and as the longest wait. Conversations are opened before, which does not count.
    """
    moments, chance, turns = arrivals(rate, seconds, seed), random.Random(seed), Turns()
    async with connections() as session:
        wanted = math.ceil(len(moments) / TURNS_EACH)
        names = [await opened(door, session, turns) for _ in range(wanted)]
        order = [name for name in names for _ in range(TURNS_EACH)]
        chance.shuffle(order)
        texts = {name: iter(next(scripts)) for name in names}
        begun = time.perf_counter()

        async def take(conversation: str | None, due: float) -> None:
            answered = conversation is not None and await said(door, session, conversation, next(texts[conversation]))
            waited = (time.perf_counter() - begun - due) * 1000
            if not answered:
                turns.failed += 1
                waited = max(waited, LONGEST_TURN * 1000)
            turns.milliseconds.append(waited)

        async with asyncio.TaskGroup() as group:
            for due, conversation in zip(moments, order, strict=False):
                await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
                group.create_task(take(conversation, due))
        turns.seconds = time.perf_counter() - begun
    return turns
