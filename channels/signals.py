"""Wakes those who wait: the worker when a message came in, the citizen's page when an answer went out. Nobody polls.

Where other processes share the work, their bells ring too (see `channels/neighbours.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable


class Listener:
    """One open window of a conversation. It wakes for news, for a change of who is typing, and to be kept alive."""

    __slots__ = ("_bell", "_news", "_stirred", "closed", "name")

    def __init__(self, name: str) -> None:
        self.name, self.closed = name, False
        self._bell = asyncio.Event()
        self._news = self._stirred = False

    def ring(self) -> None:
        """There is something to look up."""
        self._news = True
        self.stir()

    def stir(self) -> None:
        """There is something to say that needs no looking up."""
        self._stirred = True
        self._bell.set()

    def tick(self) -> None:
        self._bell.set()

    def close(self) -> None:
        self.closed = True
        self.stir()

    async def woken(self) -> bool:
        """Wait; returns whether something happened, and False where the line is only to be kept alive."""
        await self._bell.wait()
        self._bell.clear()
        stirred, self._stirred = self._stirred, False
        return stirred

    def take_news(self) -> bool:
        """Whether there is something to look up, once."""
        news, self._news = self._news, False
        return news


class Signals:
    """Named bells. `tell` lets other processes know: rung, typing or still, and a name."""

    def __init__(self, tell: Callable[[str, str], None] | None = None) -> None:
        self._tell = tell
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._windows: dict[str, list[Listener]] = {}
        self._typing: set[str] = set()

    def ring(self, name: str) -> None:
        self.ring_here(name)
        if self._tell:
            self._tell("rung", name)

    def ring_here(self, name: str) -> None:
        """For what concerns only this process, or came from another."""
        for event in self._waiting.get(name, ()):
            event.set()
        for listener in self._windows.get(name, ()):
            listener.ring()

    def ring_all(self) -> None:
        """Anything may have been missed: everybody looks once."""
        for name in {*self._waiting, *self._windows}:
            self.ring_here(name)

    @contextlib.asynccontextmanager
    async def listen(self, name: str) -> AsyncIterator[asyncio.Event]:
        """An event that every ring of `name` sets; clear it before looking, so that no ring is missed."""
        event = asyncio.Event()
        self._waiting[name].add(event)
        try:
            yield event
        finally:
            self._waiting[name].discard(event)
            if not self._waiting[name]:
                del self._waiting[name]

    def join(self, name: str) -> Listener:
        """A window that listens until it leaves."""
        listener = Listener(name)
        self._windows.setdefault(name, []).append(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        windows = self._windows[listener.name]
        windows.remove(listener)
        if not windows:
            del self._windows[listener.name]

    def listening(self, name: str) -> int:
        return len(self._windows.get(name, ()))

    def typing(self, name: str, on: bool) -> None:
        """Somebody makes an answer, or has stopped."""
        if self._tell and on != (name in self._typing):
            self._tell("typing" if on else "still", name)
        self.typing_here(name, on)

    def typing_here(self, name: str, on: bool) -> None:
        if on != (name in self._typing):
            (self._typing.add if on else self._typing.discard)(name)
            for listener in self._windows.get(name, ()):
                listener.stir()

    def is_typing(self, name: str) -> bool:
        return name in self._typing

    def tick(self) -> None:
        """Let every window show that it is alive."""
        for windows in self._windows.values():
            for listener in windows:
                listener.tick()

    def close(self) -> None:
        """Let every window end."""
        for windows in self._windows.values():
            for listener in windows:
                listener.close()


async def pause(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait for a ring, at most so long; returns whether it rang."""
    try:
        # Not wait_for: before Python 3.12 it takes a ring for an answer to being cancelled, and its task would never end.
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
