"""The verbs of the measures: `log.measures`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select

from engagement.database import Database, reads
from engagement.measures import costs, engagement, kpis, outcomes, understanding
from engagement.measures.kept import Counting
from engagement.measures.registry import MEASURES, Measured, Sheet, reckon
from engagement.measures.rows import behind
from engagement.measures.values import Period
from hearback.clock import Clock

SUBJECTS = (kpis, outcomes, costs, understanding, engagement)  # whose measures are entered by being read
OF = ("numerator", "denominator")


class NothingBehind(ValueError):
    """There is no such measure, part or figure; the message says which."""


class MeasureBook:
    """`kept` has the figures of pages, which may be some minutes old and say so; `measured` counts anew."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self.kept = Counting(database, clock)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(MEASURES)

    @reads
    def measured(
        self, connection: Connection, *, start: datetime | None = None, end: datetime | None = None, names: Sequence[str] = ()
    ) -> dict[str, Measured]:
        """Measures by name, all of them where none is named, of what began from `start` up to but not at `end`."""
        sheet = Sheet(connection, Period(now=self._clock.now(), start=start, end=end))
        return {name: reckon(MEASURES[name], sheet) for name in names or MEASURES}

    def behind(
        self,
        name: str,
        *,
        of: str = "denominator",
        by: str = "",
        part: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Select[Any]:
        """The ids of the conversations behind a figure, each as often as something in it was counted; raises NothingBehind.

        `by` and `part` as in `measured`: no `by` is the whole, a `part` of None what belongs to no part.
        """
        measure = MEASURES.get(name)
        if measure is None or of not in OF or (by and by not in measure.by):
            raise NothingBehind(f"{name}, {of}, {by}")
        period = Period(now=self._clock.now(), start=start, end=end)
        fields = getattr(measure, of)
        sums = next(one for one in (measure.sums.OF or (measure.sums,)) if set(fields) <= set(one.rows(period).fields))
        try:
            return behind(sums.rows(period), fields, by=by, part=part)
        except ValueError:
            raise NothingBehind(f"{by}: {part}") from None
