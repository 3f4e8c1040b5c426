"""Whose turn it is in Rasa's one thread.

A turn that calls an action waits several times for the network, and whenever the thread looks at the network, all turns that have come
since compute first: with a whole crowd under way such a turn would be overtaken by all of them several times. Let in one after another,
with a look at the network between two, they do not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass

AT_ONCE = 2  # while one of them waits for its database another computes


@dataclass
class Turn:
    inside: bool


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


class Turns:
    """Lets in so many at a time; one that waits for an action makes room, and comes back before those that are new."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._room = at_once
        self._new: deque[asyncio.Future[None]] = deque()
        self._back: deque[asyncio.Future[None]] = deque()

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """For a turn, from its beginning to its end."""
        await self._enter(self._new)
        turn = Turn(inside=True)
        mark = _turn.set(turn)
        try:
            yield
        finally:
            _turn.reset(mark)
            if turn.inside:
                self._leave()

    @contextlib.asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """While the turn waits for somebody else; changes nothing outside of a turn."""
        turn = _turn.get()
        if turn is None:
            yield
            return
        turn.inside, computes_on = False, True
        self._leave()
        try:
            yield
        except asyncio.CancelledError:
            computes_on = False
            raise
        finally:
            if computes_on:
                await self._enter(self._back)
                turn.inside = True

    async def _enter(self, queue: deque[asyncio.Future[None]]) -> None:
        loop = asyncio.get_running_loop()
        let_in: asyncio.Future[None] = loop.create_future()
        queue.append(let_in)
        loop.call_soon(self._let_in)
        try:
            await let_in
        except asyncio.CancelledError:
            if not let_in.cancelled():  # let in and called off at the same moment
                self._leave()
            raise

    def _leave(self) -> None:
        self._room += 1
        asyncio.get_running_loop().call_soon(self._let_in)

    def _let_in(self) -> None:
        for queue in (self._back, self._new):
            while queue and self._room:
                let_in = queue.popleft()
                if not let_in.done():
                    self._room -= 1
                    let_in.set_result(None)


turns = Turns()
