"""Wakes those who wait: the worker when a message came in, the citizen's page when an answer went out. Nobody polls."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator


class Signals:
    """Named bells of one process."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    def ring(self, name: str) -> None:
        for event in self._waiting.get(name, ()):
            event.set()

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


async def pause(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait for a ring, at most so long; returns whether it rang."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
