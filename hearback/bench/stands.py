"""The two sides of the bench, and how much of each measurement is done."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from hearback.bench.client import Turns, conversations
from hearback.bench.own import Own
from hearback.bench.processes import BenchError
from hearback.bench.sentences import scripts
from hearback.bench.stock import Stock

Side = Own | Stock


@dataclass(frozen=True, kw_only=True)
class Size:
    """Counts and limits in seconds; every loop of the bench ends by one or the other."""

    starts: int = 3
    rounds: int = 5
    conversations: int = 16  # of six turns, in each round with one citizen
    crowds: tuple[int, ...] = (20, 100)
    crowd_rounds: int = 3
    crowd_seconds: float = 12.0  # of each round
    steady_seconds: float = 30.0
    long_conversations: int = 3  # of Hearback; stock Rasa has time for one
    depths: tuple[int, ...] = (6, 60, 300, 1000)
    around: int = 3  # messages before and after a depth that count for it
    long_seconds: float = 150.0  # for one conversation
    kinds: int = 20
    rest: float = 8.0
    round_seconds: float = 30.0
    windows: int = 1000
    idle_seconds: float = 15.0
    deliveries: int = 100
    turns: int = 10_000  # after which memory is weighed again
    turns_seconds: float = 240.0  # for Hearback
    stock_turns_seconds: float = 30.0
    sentences: int | None = None  # held-out ones; None is all
    training: bool = True


QUICK = Size(
    starts=1, rounds=1, conversations=3, crowd_rounds=1, crowd_seconds=4, steady_seconds=5, long_conversations=1, depths=(6, 60, 100),
    long_seconds=20, kinds=3, rest=1.0, round_seconds=10, windows=100, idle_seconds=3, deliveries=10, turns=300, turns_seconds=10,
    stock_turns_seconds=4, sentences=100, training=False,
)  # fmt: skip


@dataclass
class Stands:
    """Hearback, and stock Rasa unless it was left out. Counts what was answered and what was not, and who had to be started again."""

    own: Own
    stock: Stock | None
    say: Callable[[str], None] = print
    answered: dict[str, int] = field(default_factory=dict)  # since the side was started last
    failed: dict[str, int] = field(default_factory=dict)
    fell: dict[str, int] = field(default_factory=dict)
    unmeasured: list[str] = field(default_factory=list)
    capacity: dict[str, float] = field(default_factory=dict)  # turns a second with a crowd, once it was measured

    def __iter__(self) -> Iterator[Side]:
        yield self.own
        if self.stock:
            yield self.stock

    async def turns(self, side: Side, work: Awaitable[Turns]) -> Turns:
        """Let citizens talk to a side: what it did not answer is counted, and what its processes used is added to the turns."""
        before, bench = side.running.processor_seconds() if side.running else {}, time.process_time()
        turns = await work
        turns.bench = time.process_time() - bench
        after = side.running.processor_seconds() if side.running else {}
        turns.processor = {name: used - before.get(name, 0) for name, used in after.items()}
        self.answered[side.name] = self.answered.get(side.name, 0) + len(turns.milliseconds)
        self.failed[side.name] = self.failed.get(side.name, 0) + turns.failed
        return turns

    async def stand(self) -> None:
        """Start what does not run, and say so of what had run before. What will not start is said; its turns count as not answered."""
        for side in self:
            if side.running and side.running.process.returncode is None:
                continue
            if side.running:
                self.fell[side.name] = self.fell.get(side.name, 0) + 1
                self.say(f"{side.title} had stopped by itself; starting it again. Its log is {side.running.log}.")
            try:
                await self.start(side)
            except BenchError as error:
                self.say(f"{side.title} does not start. {error}")
                await side.stop()
                continue
            await conversations(side.door(), scripts(0), citizens=2, count=6, seconds=30)  # a process loads some things at its first turns

    async def start(self, side: Side) -> None:
        await side.stop()
        await side.start()
        self.answered[side.name] = 0

    async def stop(self) -> None:
        for side in self:
            await side.stop()
