"""Rasa's memory of conversations as rows: `bot/tracker_store.py` writes them, erasing and retention take them away."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, Text, func, select
from sqlalchemy.dialects.postgresql import insert

from engagement.postgresql import WRITING, engine_of
from hearback.settings import Settings

CONNECTIONS = 4
MAKING = 4_702_312  # any number that no other lock of ours has
trackers = Table(
    "rasa_trackers", MetaData(), Column("conversation_id", String(64), primary_key=True), Column("events", Text, nullable=False)
)


class SqliteRows:
    """Rows in a file of Rasa's own, so that no other process ever makes it wait."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE IF NOT EXISTS rasa_trackers (conversation_id TEXT PRIMARY KEY, events TEXT NOT NULL)")

    async def get(self, conversation_id: str) -> str | None:
        row = self._connection.execute("SELECT events FROM rasa_trackers WHERE conversation_id = ?", (conversation_id,)).fetchone()
        return row[0] if row else None

    async def put(self, conversation_id: str, events: str) -> None:
        self._connection.execute(
            "INSERT INTO rasa_trackers VALUES (?, ?) ON CONFLICT (conversation_id) DO UPDATE SET events = excluded.events",
            (conversation_id, events),
        )

    async def delete(self, conversation_id: str) -> None:
        self._connection.execute("DELETE FROM rasa_trackers WHERE conversation_id = ?", (conversation_id,))
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the words leave the journal too

    async def keys(self) -> list[str]:
        return [row[0] for row in self._connection.execute("SELECT conversation_id FROM rasa_trackers")]

    async def close(self) -> None:
        self._connection.close()


class PostgresqlRows:
    """Rows in the council's PostgreSQL, so that several Rasas can share them."""

    def __init__(self, url: str) -> None:
        self._engine = engine_of(url, CONNECTIONS, WRITING, isolation_level="AUTOCOMMIT")  # each of ours is one statement
        self._ready: asyncio.Task[None] | None = None

    async def _prepare(self) -> None:
        async with self._engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(MAKING)))  # several Rasas may start at once
            await connection.run_sync(trackers.metadata.create_all)

    async def _made(self) -> None:
        if self._ready is None or (self._ready.done() and self._ready.exception()):
            self._ready = asyncio.create_task(self._prepare())
        await self._ready

    async def get(self, conversation_id: str) -> str | None:
        await self._made()
        async with self._engine.connect() as connection:
            found = await connection.execute(trackers.select().where(trackers.c.conversation_id == conversation_id))
            row = found.one_or_none()
            return row.events if row else None

    async def put(self, conversation_id: str, events: str) -> None:
        await self._made()
        added = insert(trackers).values(conversation_id=conversation_id, events=events)
        async with self._engine.connect() as connection:
            await connection.execute(added.on_conflict_do_update(index_elements=["conversation_id"], set_={"events": events}))

    async def delete(self, conversation_id: str) -> None:
        await self._made()
        async with self._engine.connect() as connection:
            await connection.execute(trackers.delete().where(trackers.c.conversation_id == conversation_id))

    async def keys(self) -> list[str]:
        await self._made()
        async with self._engine.connect() as connection:
            return [row.conversation_id for row in await connection.execute(trackers.select())]

    async def close(self) -> None:
        await self._engine.dispose()


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[SqliteRows | PostgresqlRows]:
    """The rows where these settings say, for as long as they are needed."""
    rows = rows_of(settings)
    try:
        yield rows
    finally:
        await rows.close()


def rows_of(settings: Settings) -> SqliteRows | PostgresqlRows:
    if settings.database.startswith("postgresql"):
        return PostgresqlRows(settings.database)
    return SqliteRows(settings.home / "rasa.db")
