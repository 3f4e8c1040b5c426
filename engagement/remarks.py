"""What reviewers do with a conversation: read its messages page by page, write notes on it, be done with looking at it."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from engagement.database import Database, reads, writes
from engagement.filters import GONE
from engagement.tables import conversations, messages, notes, staff
from engagement.turns import as_message
from engagement.values import Message
from hearback.clock import Clock
from hearback.personal import mask

AT_ONCE = 200  # messages on a page


class Lines(NamedTuple):
    """Messages, oldest first, and whether there are others before and after them."""

    messages: list[Message]
    earlier: bool
    later: bool


class Remarks:
    _database: Database
    _clock: Clock

    @reads
    def lines(
        self, connection: Connection, conversation_id: str, *, before: int | None = None, after: int | None = None, limit: int = AT_ONCE
    ) -> Lines:
        """The latest messages of a conversation, or those before or after a message's id, however long it has become."""
        ours = select(messages).where(messages.c.conversation_id == conversation_id)
        if after is not None:
            rows = list(connection.execute(ours.where(messages.c.id > after).order_by(messages.c.id).limit(limit + 1)))
            earlier, later, rows = True, len(rows) > limit, rows[:limit]
            if rows:
                older = ours.with_only_columns(messages.c.id).where(messages.c.id < rows[0].id)
                earlier = connection.execute(older.limit(1)).first() is not None
            return Lines([as_message(row) for row in rows], earlier, later)
        if before is not None:
            ours = ours.where(messages.c.id < before)
        rows = list(connection.execute(ours.order_by(messages.c.id.desc()).limit(limit + 1)))
        return Lines([as_message(row) for row in reversed(rows[:limit])], len(rows) > limit, before is not None)

    @writes
    def add_note(self, connection: Connection, conversation_id: str, staff_id: int, words: str) -> bool:
        """Write a note for colleagues; False where the conversation is being erased. Numbers and addresses in it are masked."""
        held = select(conversations.c.state).where(conversations.c.id == conversation_id).with_for_update()
        if connection.execute(held).scalar_one_or_none() in (None, *GONE):
            return False
        now = self._clock.now()
        connection.execute(
            notes.insert().values(conversation_id=conversation_id, staff_id=staff_id, text=mask(words), created_at=now)
        )  # fmt: skip
        return True

    @reads
    def notes(self, connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
        """Colleagues' notes, oldest first: {id, text, by, at}."""
        rows = connection.execute(
            select(notes.c.id, notes.c.text, notes.c.created_at, staff.c.username)
            .join(staff, staff.c.id == notes.c.staff_id)
            .where(notes.c.conversation_id == conversation_id)
            .order_by(notes.c.id)
        )
        return [{"id": row.id, "text": row.text, "by": row.username, "at": row.created_at} for row in rows]

    @writes
    def looked(self, connection: Connection, conversation_id: str, staff_id: int | None) -> bool:
        """A reviewer is done with a conversation, which leaves the queue until it goes on; None puts it back. False where there is none."""
        at = self._clock.now() if staff_id is not None else None
        ours = conversations.c.id == conversation_id
        return connection.execute(update(conversations).where(ours).values(looked_at=at, looked_by=staff_id)).rowcount > 0
