"""Plays all faults in rounds, in an order that chance gives, until it is told to end; two at once now and then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from hearback.chaos.book import Book
from hearback.chaos.faults import FAULTS, Played, World

TWO = "two at once"
ANSWERED_WITHIN = 120.0  # seconds after a fault in which the next message must be answered
BESIDE = ("clock jumps", "doors killed", "actions killed", "rasa killed")  # what may come on top of another


class Playing:
    def __init__(self, world: World, book: Book, say: Callable[[str], None], kinds: list[str]) -> None:
        self._world, self._book, self._say = world, book, say
        self.kinds, self.played, self.now, self.rounds = kinds, [], "nothing", 0  # type: tuple[list[str], list[Played], str, int]

    async def run(self, over: Callable[[], bool]) -> None:
        """Whole rounds where there is time: each kind as often as the others. Stops between two faults once `over`."""
        while not over():
            for kind in self._world.chance.sample(self.kinds, len(self.kinds)):
                await self._one(kind)
                if over() and self.rounds:
                    return
                await asyncio.sleep(self._world.seconds(1, 4))
            self.rounds += 1

    async def _one(self, kind: str) -> None:
        played = Played(kind, time.monotonic())
        self.played.append(played)
        beside = self._world.chance.choice(BESIDE) if self._world.chance.random() < 0.15 and "supervisor" not in kind else None
        self.now = kind
        async with FAULTS[kind](self._world):
            if beside and beside in self.kinds and beside != kind:
                await asyncio.sleep(self._world.seconds(0.5, 3))
                async with FAULTS[beside](self._world):
                    played.kind, self.now = TWO, f"{kind}, {beside}"
        played.ended = time.monotonic()
        until = played.ended + ANSWERED_WITHIN
        while (found := self._book.next_answer(played.ended)) is None and time.monotonic() < until and not self._book.closing:
            await asyncio.sleep(0.05)
        played.next_answer = found
        told = "nobody wrote any more" if found is None else f"the next answer after {found:.1f} s"
        self._say(f"{self.now}: {played.ended - played.began:.0f} s; {told}.")
        self.now = "nothing"
