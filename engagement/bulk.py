"""Many rows at once, for databases that are made up; the log's own verbs write one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from engagement import glance
from engagement.database import Database, reads, writes
from engagement.tables import metadata

Rows = Sequence[dict[str, Any]]


class Bulk:
    def __init__(self, database: Database) -> None:
        self._database = database

    @writes
    def begin(self, connection: Connection) -> None:
        """What is kept at a glance is written once, at the end, instead of row by row."""
        glance.take_down(connection)

    @writes
    def add(self, connection: Connection, rows: Mapping[str, Rows]) -> None:
        """Rows by table; those of one table have the same columns."""
        for table in metadata.sorted_tables:
            if some := rows.get(table.name):
                connection.execute(insert(table), some)

    @reads
    def is_empty(self, connection: Connection) -> bool:
        """Whether no conversation was ever had here."""
        return connection.execute(select(func.count()).select_from(metadata.tables["conversations"])).scalar_one() == 0

    async def finish(self) -> None:
        """Make a database that was filled as quick as one that grew."""
        await self._fill()
        await self._vacuum()

    @reads
    def _vacuum(self, connection: Connection) -> None:
        """What PostgreSQL does by itself some minutes later; not within a transaction, and reads on PostgreSQL have none."""
        if connection.dialect.name == "postgresql":
            connection.execute(text("VACUUM (ANALYZE)"))

    @writes
    def _fill(self, connection: Connection) -> None:
        """Let the next rows have the next ids, lists and search find these, and the planner know what is there."""
        glance.set_up(connection)
        glance.fill(connection)
        if connection.dialect.name == "postgresql":
            for table in metadata.sorted_tables:
                if "id" in table.c and table.c.id.autoincrement is not False and str(table.c.id.type) == "INTEGER":
                    name = table.name
                    connection.execute(
                        text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), COALESCE((SELECT MAX(id) FROM {name}), 0) + 1, false)")
                    )
        else:
            connection.execute(text("ANALYZE"))
