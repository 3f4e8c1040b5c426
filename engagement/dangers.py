"""Dangers that citizens reported and nobody has closed yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from engagement.database import Database, reads
from engagement.tables import handovers

DANGER = "report_danger"


@dataclass(frozen=True, kw_only=True)
class Danger:
    """How many, since when the oldest waits, and its conversation."""

    number: int
    since: datetime
    conversation_id: str


class Dangers:
    def __init__(self, database: Database) -> None:
        self._database = database

    @reads
    def open(self, connection: Connection) -> Danger | None:
        ours = handovers.c.state.in_(("waiting", "claimed")) & (handovers.c.reason == DANGER)
        number = connection.execute(select(func.count()).select_from(handovers).where(ours)).scalar_one()
        if not number:
            return None
        oldest = connection.execute(select(handovers).where(ours).order_by(handovers.c.created_at, handovers.c.id).limit(1)).one()
        return Danger(number=int(number), since=oldest.created_at, conversation_id=oldest.conversation_id)
