"""The two sides of the bench, and how much of each measurement is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hearback.bench.client import Turns, conversations
from hearback.bench.own import Own
from hearback.bench.sentences import scripts
from hearback.bench.stock import Stock

Side = Own | Stock


@dataclass(frozen=True, kw_only=True)
class Size:
    """Counts and limits in seconds; every loop of the bench ends by one or the other."""

    starts: int = 3
    rounds: int = 5
    conversations: int = 10  # of six turns, in each round with one citizen
    citizens: int = 20
    crowd_rounds: int = 3
    crowd_conversations: int = 80
    long_conversations: int = 3
    depths: tuple[int, ...] = (6, 60, 100, 300)
    around: int = 3  # messages before and after a depth that count for it
    kinds: int = 30
    rest: float = 8.0
    round_seconds: float = 60.0
    long_seconds: float = 300.0
    training: bool = True


QUICK = Size(
    starts=1, rounds=1, conversations=4, crowd_rounds=1, crowd_conversations=20, long_conversations=1, depths=(6, 60, 100), kinds=5,
    rest=1.0, round_seconds=20.0, long_seconds=40.0, training=False,
)  # fmt: skip


@dataclass
class Stands:
    """Hearback, and stock Rasa unless it was left out."""

    own: Own
    stock: Stock | None
    failed: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Side]:
        yield self.own
        if self.stock:
            yield self.stock

    def count(self, side: Side, turns: Turns) -> Turns:
        """Remember turns that were not answered."""
        self.failed[side.name] = self.failed.get(side.name, 0) + turns.failed
        return turns

    async def warm_up(self) -> None:
        """The first turns of a process load what later turns find loaded."""
        for side in self:
            await conversations(side.door(), scripts(0), citizens=2, count=6, seconds=30)

    async def stop(self) -> None:
        for side in self:
            await side.stop()
