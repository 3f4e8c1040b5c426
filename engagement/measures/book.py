"""The verbs of the measures: `log.measures`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from engagement.database import Database, reads
from engagement.measures import costs, engagement, kpis, outcomes
from engagement.measures.registry import MEASURES, Measured, Sheet, reckon
from engagement.measures.values import Period
from hearback.clock import Clock

SUBJECTS = (kpis, outcomes, costs, engagement)  # whose measures are entered by being read


class MeasureBook:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

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
