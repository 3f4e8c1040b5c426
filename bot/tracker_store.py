"""Rasa's memory of a conversation, kept short: one row a conversation, with only its latest events.

The whole conversation stands in the engagement log. Rasa needs the slots, the open form and the last few turns; replaying more
makes every turn dearer than the one before. A message that Rasa has answered stays long enough to be recognised when it comes again.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import Column, MetaData, String, Table, Text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import create_async_engine

from hearback.settings import Settings

MOST_EVENTS = 60
KEPT_TURNS = 3

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


class PostgresqlRows:
    """Rows in the council's PostgreSQL, so that several Rasas can share them."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url, pool_size=4, pool_pre_ping=True)
        self._ready: asyncio.Task[None] | None = None

    async def _prepare(self) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(trackers.metadata.create_all)

    async def _made(self) -> None:
        self._ready = self._ready or asyncio.create_task(self._prepare())
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
        async with self._engine.begin() as connection:
            await connection.execute(added.on_conflict_do_update(index_elements=["conversation_id"], set_={"events": events}))

    async def delete(self, conversation_id: str) -> None:
        await self._made()
        async with self._engine.begin() as connection:
            await connection.execute(trackers.delete().where(trackers.c.conversation_id == conversation_id))

    async def keys(self) -> list[str]:
        await self._made()
        async with self._engine.connect() as connection:
            return [row.conversation_id for row in await connection.execute(trackers.select())]


class ShortTrackerStore(TrackerStore):
    """Keeps slots, form and the last turns of each conversation."""

    def __init__(self, domain: Domain | None, event_broker: EventBroker | None = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker)
        settings = Settings.from_environ()
        self._rows: SqliteRows | PostgresqlRows
        self._rows = (
            PostgresqlRows(settings.database) if settings.database.startswith("postgresql") else SqliteRows(settings.home / "rasa.db")
        )

    async def save(self, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        events = shortened(list(tracker.events), tracker)
        await self._rows.put(tracker.sender_id, orjson.dumps([event.as_dict() for event in events], default=str).decode())

    async def knows(self, conversation_id: str, message_id: str) -> bool:
        """Whether a message was answered before; asked at every turn, so nothing is deserialised for it."""
        return f'"message_id":"{message_id}"' in (await self._rows.get(conversation_id) or "")

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        kept = await self._rows.get(sender_id)
        if kept is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, orjson.loads(kept), self.domain.slots)

    async def delete(self, sender_id: str) -> None:
        await self._rows.delete(sender_id)

    async def keys(self) -> Iterable[str]:
        return await self._rows.keys()


def shortened(events: list[Event], tracker: DialogueStateTracker) -> list[Event]:
    """The last turns, with the slots and the form as they were before them put in front; all events while they are few."""
    if len(events) <= MOST_EVENTS:
        return events
    turns = [at for at, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(turns) <= KEPT_TURNS:
        return events
    cut = turns[-KEPT_TURNS]
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], tracker.slots.values())
    start: list[Event] = [ActionExecuted("action_session_start"), SessionStarted()]
    start += [SlotSet(name, slot.value) for name, slot in before.slots.items() if slot.value != slot.initial_value]
    if before.active_loop_name:
        start.append(ActiveLoop(before.active_loop_name))
    return [*start, ActionExecuted("action_listen"), *events[cut:]]
