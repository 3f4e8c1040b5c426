"""What citizens said of a request after it was made: more of it, that it is not fixed, that they take it back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engagement.database import Database, reads, writes
from engagement.tables import request_updates
from engagement.values import RequestUpdate
from hearback.clock import Clock


class Updates:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @writes
    def open(
        self, connection: Connection, *, key: str, conversation_id: str, reference: str, kind: str, words: str = "", state: str = "sending"
    ) -> RequestUpdate:
        """Write an update down under its key before the back office is called; the same key again gives the first one back."""
        connection.execute(
            self._database.insert(request_updates)
            .values(
                key=key, conversation_id=conversation_id, reference=reference, kind=kind, words=words or None, state=state,
                created_at=self._clock.now(),
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )  # fmt: skip
        return _update(connection.execute(select(request_updates).where(request_updates.c.key == key)).one())

    @writes
    def settle(self, connection: Connection, key: str, state: str) -> None:
        """The back office has it (sent), or the team does it by hand (with_team)."""
        connection.execute(update(request_updates).where(request_updates.c.key == key).values(state=state))

    @reads
    def of_conversation(self, connection: Connection, conversation_id: str) -> list[RequestUpdate]:
        """Oldest first."""
        query = select(request_updates).where(request_updates.c.conversation_id == conversation_id).order_by(request_updates.c.id)
        return [_update(row) for row in connection.execute(query)]


def _update(row: Row[Any]) -> RequestUpdate:
    return RequestUpdate(**{item.name: getattr(row, item.name) for item in fields(RequestUpdate)})
