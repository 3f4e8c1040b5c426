"""How much waits in the log, for whoever watches it: one query by indexes, bounded however much that is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from engagement.database import Database, reads
from engagement.tables import messages
from hearback.clock import Clock
from hearback.metrics import Depths

MOST = 10_000  # that are counted; more are shown as this many


class Waits:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def since(self, moment: datetime) -> float:
        """The real seconds since a moment of the product's clock."""
        return max(0.0, self._clock.real_seconds((self._clock.now() - moment).total_seconds()))

    @reads
    def depths(self, connection: Connection) -> Depths:
        received = select(messages.c.created_at).where(messages.c.state == "received").limit(MOST).subquery()
        unsent = select(messages.c.id).where(messages.c.state.in_(("queued", "sending"))).limit(MOST).subquery()
        row = connection.execute(
            select(
                select(func.count()).select_from(received).scalar_subquery().label("queue"),
                select(func.min(received.c.created_at)).scalar_subquery().label("oldest"),
                select(func.count()).select_from(unsent).scalar_subquery().label("outbox"),
            )
        ).one()
        return Depths(queue=row.queue, oldest=self.since(row.oldest) if row.oldest else 0.0, outbox=row.outbox)
