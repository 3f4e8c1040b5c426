"""Counts that are kept for pages: who looks sees them at once, with the moment of counting, while they are counted anew.

What is kept are the cells of sums, for all time: a period of whole months is made up of them without another look at the log.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, select

from engagement.database import Database, reads, writes
from engagement.measures.registry import MEASURES, Cell, Measured, Sheet, Sums, added, reckon
from engagement.measures.values import Period
from engagement.tables import kept_counts
from hearback.clock import Clock

SMALL = 0.1  # real seconds: what is counted as fast is counted whenever somebody looks
PATIENCE = 0.6  # real seconds that a page waits for what was never counted; more where nothing tells yet that the log is large
FIRST_PATIENCE = 3.0
STALE = timedelta(minutes=3)  # of the real clock
FORGOTTEN = timedelta(days=7)
MOST, MOST_SHEETS = 80, 40  # kept in memory: cells, and periods made up of them
UK = ZoneInfo("Europe/London")
Key = tuple[type[Sums], datetime | None, datetime | None]
logger = logging.getLogger("hearback.measures")


@dataclass(frozen=True, kw_only=True)
class Kept:
    cells: list[Cell]
    counted_at: datetime
    took: float  # real seconds


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Measures by name; None: they are being counted for the first time. `counted_at`: the oldest of them, None where all are of now."""

    found: dict[str, Measured] | None
    counted_at: datetime | None


@dataclass
class KeptSheet(Sheet):
    """The sheet of a period, filled with what was kept."""

    taken: dict[type[Sums], Kept] = field(default_factory=dict)

    def take(self, key: Key, kept: Kept) -> None:
        """Cells for sums; what was made of older ones is dropped."""
        sums = key[0]
        if self.taken.get(sums) is kept:
            return
        self.taken[sums] = kept
        self.read = {one: cells for one, cells in self.read.items() if sums not in one.OF}
        self.read[sums] = _within(key, kept.cells, self.period.start, self.period.end)
        self.added_up = {at: made for at, made in self.added_up.items() if at[0] is not sums and sums not in at[0].OF}


class Counting:
    """Counts once for all who ask, one count at a time, so that the log stays free for everything else.

    `small`: a log of which everything is counted in so many real seconds each is counted whenever somebody looks.
    """

    def __init__(self, database: Database, clock: Clock, *, small: float = SMALL) -> None:
        self._database, self._clock, self.small = database, clock, small
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._sheets: OrderedDict[tuple[datetime | None, datetime | None], KeptSheet] = OrderedDict()
        self._running: dict[Key, asyncio.Task[Kept]] = {}
        self._one_at_a_time = asyncio.Semaphore(1)

    async def measured(
        self, wanted: Mapping[str, Iterable[str]], *, start: datetime | None = None, end: datetime | None = None, until: float | None = None
    ) -> Shown:
        """Measures as `log.measures.measured` has them, perhaps of some minutes ago; by name, with what each is split by.

        `until`: when to wait no longer for what was never counted, by the monotonic clock.
        """
        keys = {key for name in wanted for key in _keys(MEASURES[name].sums, start, end)}
        until = self.patience() if until is None else until
        found = {key: await self._look(key, until) for key in keys}
        self._keep_warm()
        known = {key: one for key, one in found.items() if one is not None}
        if len(known) < len(keys):
            return Shown(found=None, counted_at=None)
        sheet = self._sheet(start, end, known)
        return Shown(
            found={name: reckon(MEASURES[name], sheet, by) for name, by in wanted.items()},
            counted_at=min((one.counted_at for one in known.values() if self._large or one.took == inf), default=None),
        )

    async def sums(self, sums: type[Sums], *, by: str, until: float | None = None) -> tuple[dict[str | None, Any] | None, datetime | None]:
        """Sums of all time by a dimension, and when they were counted; None while they never were."""
        kept = await self._look((sums, None, None), self.patience() if until is None else until)
        if kept is None:
            return None, None
        return dict(added(sums, kept.cells, sums.DIMENSIONS.index(by))), kept.counted_at if self._large or kept.took == inf else None

    def patience(self, seconds: float | None = None) -> float:
        """Until when somebody waits for what was never counted, by the monotonic clock."""
        return time.monotonic() + (seconds if seconds is not None else PATIENCE if self._large else FIRST_PATIENCE)

    @property
    def _large(self) -> bool:
        return any(kept.took >= self.small for kept in self._kept.values())

    async def close(self) -> None:
        """End what is being counted."""
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _sheet(self, start: datetime | None, end: datetime | None, found: dict[Key, Kept]) -> Sheet:
        """What was added up for this period before, as far as it was not counted anew since."""
        sheet = self._sheets.get((start, end)) or KeptSheet(None, Period(now=self._clock.now(), start=start, end=end))
        _put(self._sheets, (start, end), sheet, MOST_SHEETS)
        for key, kept in found.items():
            sheet.take(key, kept)
        return sheet

    async def _look(self, key: Key, until: float) -> Kept | None:
        kept = self._kept.get(key) or await self._from_before(key)
        if kept is not None and self._large:
            if self._clock.now() - kept.counted_at > self._clock.lease(STALE):
                self._start(key)
            return kept
        counting = self._start(key)
        await asyncio.wait({counting}, timeout=max(0.01, until - time.monotonic()))
        if counting.done():
            return await counting
        return replace(kept, took=inf) if kept else None  # of a small log on a busy machine: shown with its time

    def _start(self, key: Key) -> asyncio.Task[Kept]:
        if key not in self._running:
            task = self._running[key] = asyncio.create_task(self._count(key))
            task.add_done_callback(lambda done: self._ended(key, done))
        return self._running[key]

    def _ended(self, key: Key, task: asyncio.Task[Kept]) -> None:
        self._running.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.warning("A count for the measures' pages failed: %s: %s", key[0].__name__, type(error).__name__)

    async def _count(self, key: Key) -> Kept:
        async with self._one_at_a_time:
            now = self._clock.now()
            cells, took = await self._cells(key[0], Period(now=now, start=key[1], end=key[2]))
            kept = Kept(cells=cells, counted_at=now, took=took)
        _put(self._kept, key, kept, MOST)
        if kept.took >= self.small:
            await self._write(_name(key), encoded(cells), now, kept.took)
        return kept

    def _keep_warm(self) -> None:
        """While somebody looks: what other pages show is counted anew in the background, too."""
        lease = self._clock.lease(STALE)
        for key, kept in list(self._kept.items()):
            if self._large and key[1:] == (None, None) and self._clock.now() - kept.counted_at > lease:
                self._start(key)
        if self._large:
            for key in {key for measure in MEASURES.values() for key in _keys(measure.sums, None, None)} - set(self._kept):
                self._start(key)

    async def _from_before(self, key: Key) -> Kept | None:
        """What was kept before this process began."""
        row = await self._read(_name(key))
        if row is None:
            return None
        kept = Kept(cells=decoded(row.cells), counted_at=row.counted_at, took=row.took)
        _put(self._kept, key, kept, MOST)
        return kept

    @reads
    def _cells(self, connection: Connection, sums: type[Sums], period: Period) -> tuple[list[Cell], float]:
        """The cells and how long counting took: on SQLite of this thread's own time, which a busy machine does not stretch."""
        clock = time.thread_time if connection.dialect.name == "sqlite" else time.monotonic
        begun = clock()
        return Sheet(connection, period).cells(sums), clock() - begun

    @reads
    def _read(self, connection: Connection, name: str) -> Any:
        return connection.execute(select(kept_counts).where(kept_counts.c.name == name)).one_or_none()

    @writes
    def _write(self, connection: Connection, name: str, cells: list[Any], at: datetime, took: float) -> None:
        connection.execute(delete(kept_counts).where(kept_counts.c.counted_at < at - FORGOTTEN))
        values = {"cells": cells, "counted_at": at, "took": took}
        row = self._database.insert(kept_counts).values(name=name, **values)
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


def encoded(cells: Iterable[Cell]) -> list[Any]:
    """Cells as JSON has them: fractions as texts, counts of hours as objects."""
    return [[list(key), [str(one) if isinstance(one, Fraction) else one for one in numbers]] for key, numbers in cells]


def decoded(cells: Iterable[Any]) -> list[Cell]:
    return [(tuple(key), tuple(_number(one) for one in numbers)) for key, numbers in cells]


def _number(one: Any) -> Any:
    if isinstance(one, str):
        return Fraction(one)
    return Counter({int(hours): count for hours, count in one.items()}) if isinstance(one, dict) else one


def _keys(sums: type[Sums], start: datetime | None, end: datetime | None) -> list[Key]:
    """What has to be counted for the sums of a period."""
    if sums.OF:
        return [key for one in sums.OF for key in _keys(one, start, end)]
    months = sums.MONTHS and all(one is None or _first_of_month(one) for one in (start, end))
    return [(sums, None, None) if months else (sums, start, end)]


def _first_of_month(moment: datetime) -> bool:
    local = moment.astimezone(UK)
    return (local.day, local.hour, local.minute, local.second, local.microsecond) == (1, 0, 0, 0, 0)


def _within(key: Key, cells: list[Cell], start: datetime | None, end: datetime | None) -> list[Cell]:
    """The cells of the period's months."""
    if key[1:] == (start, end):
        return cells
    first = f"{start.astimezone(UK):%Y-%m}" if start else ""
    after = f"{end.astimezone(UK):%Y-%m}" if end else "~"
    place = key[0].DIMENSIONS.index("month")
    return [cell for cell in cells if first <= (cell[0][place] or "") < after]


def _name(key: Key) -> str:
    return " ".join((key[0].__name__, *(one.isoformat() if one else "-" for one in key[1:])))


def _put(kept: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
