"""What is still to be sent by text message, and what became of what was sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from engagement.database import Database, reads, writes
from engagement.tables import contacts, conversations, messages
from engagement.values import Choice
from hearback.clock import Clock
from hearback.keys import Keys

# A message only ever moves to a higher number: receipts come late and out of order.
RANK = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "undelivered": 3, "failed": 3}
LOOK_BACK = 50  # lines in which a reply and its pages are looked for
LEASE = timedelta(seconds=60)
WHOSE = (conversations.c.reply_from, conversations.c.language, contacts.c.encrypted, contacts.c.stopped_at)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A text message that this process may send now. `to` and `sender` are numbers or a Messaging Service."""

    id: int
    to: str
    sender: str | None
    text: str
    choices: tuple[Choice, ...]
    page: int
    language: str
    attempts: int
    claimed_at: datetime


class Outbox:
    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        self._database, self._clock, self._keys = database, clock, keys

    @writes
    def claim(self, connection: Connection, limit: int = 10) -> list[Outgoing]:
        """Take due messages for sending, in order within each conversation; nothing is taken for a citizen who said STOP."""
        now = self._clock.now()
        first = (
            select(func.min(messages.c.id).label("id"))
            .where(messages.c.state.in_(("queued", "sending")))
            .group_by(messages.c.conversation_id)
            .subquery()
        )
        rows = connection.execute(
            select(messages, *WHOSE)
            .join(first, first.c.id == messages.c.id)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .join(contacts, contacts.c.id == conversations.c.contact_id)
            .where(messages.c.state == "queued", messages.c.due_at <= now)
            .order_by(messages.c.id)
            .limit(limit)
        )
        taken = []
        for row in rows.all():
            if row.stopped_at is not None:
                self._move(connection, row.id, "failed", error="stopped")
                continue
            connection.execute(
                update(messages)
                .where(messages.c.id == row.id)
                .values(state="sending", state_at=now, attempts=messages.c.attempts + 1, due_at=now + LEASE)
            )
            taken.append(self._outgoing(row, row.attempts + 1, now))
        return taken

    @reads
    def doubtful(self, connection: Connection) -> list[Outgoing]:
        """Messages whose sending began and never ended: a process died there. The provider must be asked before any resend."""
        now = self._clock.now()
        rows = connection.execute(
            select(messages, *WHOSE)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .join(contacts, contacts.c.id == conversations.c.contact_id)
            .where(messages.c.state == "sending", messages.c.due_at <= now)
        )
        return [self._outgoing(row, row.attempts, row.state_at) for row in rows]

    @writes
    def accepted(self, connection: Connection, message_id: int, *, sid: str, segments: int | None) -> None:
        """The provider has the message."""
        connection.execute(update(messages).where(messages.c.id == message_id).values(provider_id=sid, segments=segments))
        self._move(connection, message_id, "sent")

    @writes
    def again(self, connection: Connection, message_id: int, *, after: timedelta, error: str) -> None:
        """Sending failed for now; try once more later."""
        connection.execute(
            update(messages)
            .where(messages.c.id == message_id, messages.c.state == "sending")
            .values(state="queued", error=error, due_at=self._clock.now() + after)
        )

    @writes
    def doubt(self, connection: Connection, message_id: int, *, after: timedelta, error: str) -> None:
        """Nobody knows yet whether the provider took the message; ask it later."""
        connection.execute(
            update(messages)
            .where(messages.c.id == message_id, messages.c.state == "sending")
            .values(error=error, due_at=self._clock.now() + after)
        )

    @writes
    def refused(self, connection: Connection, message_id: int, *, error: str, stopped: bool = False) -> None:
        """The provider will never take this message; with `stopped` because the citizen opted out there."""
        self._move(connection, message_id, "failed", error=error)
        if stopped:
            contact_id = (
                select(conversations.c.contact_id)
                .join(messages, messages.c.conversation_id == conversations.c.id)
                .where(messages.c.id == message_id)
                .scalar_subquery()
            )
            connection.execute(update(contacts).where(contacts.c.id == contact_id).values(stopped_at=self._clock.now()))

    @writes
    def receipt(self, connection: Connection, *, message_id: int | None, sid: str, status: str, error: str | None) -> bool:
        """Apply a delivery receipt, forwards only; returns whether we know the message."""
        ours = messages.c.provider_id == sid
        if message_id is not None:
            ours = or_(ours, messages.c.id == message_id)
        row = (connection.execute(select(messages.c.id, messages.c.author).where(ours).limit(1))).one_or_none()
        if row is None or row.author == "citizen":
            return False
        if message_id is not None:
            connection.execute(update(messages).where(messages.c.id == row.id, messages.c.provider_id.is_(None)).values(provider_id=sid))
        if status in RANK:
            self._move(connection, row.id, status, error=error)
        return True

    @writes
    def next_page(
        self, connection: Connection, conversation_id: str, message_id: int, *, pages: Callable[[str, tuple[Choice, ...]], int]
    ) -> int | None:
        """Answer a citizen who asks for more with the next page of what was said last; returns the new line's id.

        `pages` counts the pages of a text with its choices. None, and nothing is written, where all of it was sent or nothing was said."""
        said = connection.execute(
            select(messages)
            .where(messages.c.conversation_id == conversation_id, messages.c.author != "citizen", messages.c.id < message_id)
            .order_by(messages.c.id.desc())
            .limit(LOOK_BACK)
        ).all()
        newest = next((row for row in said if row.page == 0), None)
        if newest is None:
            return None
        together = [row for row in reversed(said) if row.page == 0 and (row.reply_to or row.id) == (newest.reply_to or newest.id)]
        for first in together:
            page = 1 + max(row.page for row in said if row.text == first.text and row.id >= first.id)
            if page < pages(first.text, _choices(first)):
                return self._add_page(connection, first, page, message_id)
        return None

    def _add_page(self, connection: Connection, first: Row[Any], page: int, message_id: int) -> int | None:
        now = self._clock.now()
        asked = (messages.c.id == message_id) & (messages.c.state == "received")
        if connection.execute(update(messages).where(asked).values(state="answered", state_at=now)).rowcount == 0:
            return None
        added = connection.execute(
            messages.insert()
            .values(
                conversation_id=first.conversation_id, channel=first.channel, author=first.author, text=first.text, choices=first.choices,
                page=page, reply_to=message_id, state="queued", attempts=0, due_at=now, created_at=now, state_at=now,
            )
            .returning(messages.c.id)
        )  # fmt: skip
        connection.execute(update(conversations).where(conversations.c.id == first.conversation_id).values(updated_at=now))
        return int(added.scalar_one())

    @reads
    def next_due(self, connection: Connection) -> datetime | None:
        """When the next message is to be sent or asked about."""
        due = connection.execute(select(func.min(messages.c.due_at)).where(messages.c.state.in_(("queued", "sending"))))
        moment: datetime | None = due.scalar_one()
        return moment

    def _move(self, connection: Connection, message_id: int, state: str, error: str | None = None) -> None:
        lower = [name for name, rank in RANK.items() if rank < RANK[state]]
        change = {"state": state, "state_at": self._clock.now(), "due_at": None}
        if error:
            change["error"] = error
        connection.execute(update(messages).where(messages.c.id == message_id, messages.c.state.in_(lower)).values(**change))

    def _outgoing(self, row: Row[Any], attempts: int, claimed_at: datetime) -> Outgoing:
        return Outgoing(
            id=row.id, to=self._keys.decrypt(row.encrypted), sender=row.reply_from, text=row.text, choices=_choices(row), page=row.page,
            language=row.language, attempts=attempts, claimed_at=claimed_at,
        )  # fmt: skip


def _choices(row: Row[Any]) -> tuple[Choice, ...]:
    return tuple(Choice(**choice) for choice in row.choices or ())
