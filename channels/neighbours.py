"""Works together with the other processes on the same PostgreSQL: bells ring there too, and each task has one process at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from channels.signals import Signals
from engagement.line import TASK, Line

TRY_EVERY = 2.0  # real seconds until somebody takes over what a process left
WAKE, RUNG, TYPING, STILL = "wake", "rung", "typing", "still"


class Wakes(Protocol):
    """Whoever takes a conversation's messages to the assistant, here or elsewhere."""

    def wake(self, conversation_id: str) -> None: ...


class Neighbours:
    """The other processes, for the doors' bells and the inbox of this one, where it has one."""

    def __init__(self, line: Line) -> None:
        self.line, self.signals = line, Signals(lambda kind, name: line.tell(f"{kind}:{name}"))
        self._inbox: Wakes | None = None
        line.heard, line.found = self._hear, self.signals.ring_all

    def bring(self, inbox: Wakes) -> None:
        """This process takes messages to the assistant too."""
        self._inbox = inbox

    def wake(self, conversation_id: str) -> None:
        """There is a new message: this process may take it, and any other."""
        self.wake_here(conversation_id)
        self.line.tell(f"{WAKE}:{conversation_id}")

    def wake_here(self, conversation_id: str) -> None:
        if self._inbox:
            self._inbox.wake(conversation_id)

    def _hear(self, news: str) -> None:
        kind, _, name = news.partition(":")
        if kind == WAKE:
            self.wake_here(name)
        elif kind == RUNG:
            self.signals.ring_here(name)
        elif kind in (TYPING, STILL):
            self.signals.typing_here(name, kind == TYPING)


@contextlib.asynccontextmanager
async def held(line: Line | None, name: str) -> AsyncIterator[bool]:
    """Whether this process is the only one that works on `name` meanwhile; always, where it is alone."""
    if line is None:
        yield True
        return
    ours = await line.hold(name)
    try:
        yield ours
    finally:
        if ours:
            await line.let_go(name)


async def one_at_a_time(line: Line | None, name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run this until cancelled; where processes share the work, in one of them, and in another as soon as that one is gone."""
    if line is None:
        await run()
        return
    while True:
        await line.there.wait()
        broken = line.breaking()
        async with held(line, TASK.format(name)) as ours:
            if ours:
                await _until(broken, run)
        await asyncio.sleep(TRY_EVERY)


async def _until(broken: asyncio.Event, run: Callable[[], Awaitable[None]]) -> None:
    working, lost = asyncio.ensure_future(run()), asyncio.create_task(broken.wait())
    try:
        await asyncio.wait((working, lost), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (working, lost):
            one.cancel()
        await asyncio.gather(working, lost, return_exceptions=True)
