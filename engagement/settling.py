"""A "no" on which a colleague has acted, though nothing was declared anew: its clock ends, with a note."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from engagement.database import Database, writes
from engagement.outcome_events import OutcomeRows
from engagement.tables import outcomes
from engagement.values import NO
from hearback.clock import Clock


class Settling(OutcomeRows):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @writes
    def settle(self, connection: Connection, outcome_id: int, *, note: str) -> bool:
        """Whether it was a "no" on which nobody had acted; the note stands in its history."""
        now = self._clock.now()
        ours = (outcomes.c.id == outcome_id) & outcomes.c.confirmed.in_(NO) & outcomes.c.settled_at.is_(None)
        if connection.execute(update(outcomes).where(ours).values(settled_at=now, updated_at=now)).rowcount == 0:
            return self._noted(connection, outcome_id, note)
        self._event(connection, outcome_id, key=f"{outcome_id}:settled", at=now, fact="settled", source="staff", notes=note)
        return True

    def _noted(self, connection: Connection, outcome_id: int, note: str) -> bool:
        """Another was faster: the note is kept beside theirs, once."""
        if connection.execute(select(outcomes.c.settled_at).where(outcomes.c.id == outcome_id)).scalar_one_or_none() is None:
            return False
        key = f"{outcome_id}:settled:{note[:100]}"
        self._event(connection, outcome_id, key=key, at=self._clock.now(), fact="settled", source="staff", notes=note)
        return False
