"""What service teams read: lists of conversations and requests, and one conversation whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select

from engagement.database import Database, reads
from engagement.review_requests import PAGE, RequestReview
from engagement.tables import contacts, conversations, handovers, messages, requests, staff
from hearback.keys import Keys
from hearback.personal import shown

# Opted-out citizens' texts were held back, not lost.
_UNDELIVERED = messages.c.state.in_(("undelivered", "failed")) & messages.c.error.is_distinct_from("stopped")
_UNANSWERED = messages.c.state.in_(("received", "with_staff"))

_BY_MESSAGES = {"unanswered": _UNANSWERED, "undelivered": _UNDELIVERED}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which conversations; None and "" mean any."""

    channel: str | None = None
    state: str | None = None  # open, waiting, with_staff, ended, unanswered, undelivered
    text: str | None = None
    page: int = 1
    per_page: int = PAGE


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One line of the conversations list."""

    id: str
    channel: str
    state: str
    created_at: datetime
    updated_at: datetime
    messages: int
    unanswered: int
    undelivered: int  # texts that did not reach the citizen
    first_words: str | None
    last_intent: str | None
    references: tuple[str, ...] = ()
    waiting_for: str | None = None
    waiting_since: datetime | None = None


class Review(RequestReview):
    def __init__(self, database: Database, keys: Keys) -> None:
        self._database, self._keys = database, keys

    @reads
    def conversations(self, connection: Connection, wanted: Filter) -> tuple[list[Listed], int]:
        """A page of conversations, newest first, and how many there are in all."""
        conditions: list[Any] = []
        if wanted.channel:
            conditions.append(conversations.c.channel == wanted.channel)
        if wanted.state in _BY_MESSAGES:
            conditions.append(conversations.c.id.in_(select(messages.c.conversation_id).where(_BY_MESSAGES[wanted.state])))
        elif wanted.state:
            conditions.append(conversations.c.state == wanted.state)
        if wanted.text:
            sought = wanted.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            like = f"%{sought}%"
            conditions.append(
                or_(
                    exists().where(messages.c.conversation_id == conversations.c.id, messages.c.text.ilike(like, escape="\\")),
                    exists().where(requests.c.conversation_id == conversations.c.id, requests.c.reference.ilike(like, escape="\\")),
                )
            )
        total = connection.execute(select(func.count()).select_from(conversations).where(*conditions))
        rows = connection.execute(
            select(conversations)
            .where(*conditions)
            .order_by(conversations.c.updated_at.desc(), conversations.c.id)
            .limit(wanted.per_page)
            .offset((max(wanted.page, 1) - 1) * wanted.per_page)
        )
        return self._listed(connection, rows.all()), int(total.scalar_one())

    @reads
    def conversation(self, connection: Connection, conversation_id: str) -> Listed | None:
        """One conversation as the list shows it."""
        row = connection.execute(select(conversations).where(conversations.c.id == conversation_id)).one_or_none()
        return self._listed(connection, [row])[0] if row else None

    @reads
    def states(self, connection: Connection) -> dict[str, int]:
        """How many conversations there are in each state, with a message that nobody answered, with a text that did not arrive."""
        rows = connection.execute(select(conversations.c.state, func.count().label("number")).group_by(conversations.c.state))
        numbers = {row.state: int(row.number) for row in rows}
        for name, condition in _BY_MESSAGES.items():
            found = connection.execute(select(func.count(messages.c.conversation_id.distinct())).where(condition))
            numbers[name] = int(found.scalar_one())
        return numbers

    def _listed(self, connection: Connection, rows: Sequence[Row[Any]]) -> list[Listed]:
        about = self._about(connection, [row.id for row in rows])
        return [
            Listed(id=row.id, channel=row.channel, state=row.state, created_at=row.created_at, updated_at=row.updated_at, **about[row.id])
            for row in rows
        ]

    def _about(self, connection: Connection, ids: list[str]) -> dict[str, dict[str, Any]]:
        about: dict[str, dict[str, Any]] = {
            one: {"messages": 0, "unanswered": 0, "undelivered": 0, "first_words": None, "last_intent": None, "references": ()}
            for one in ids
        }
        lines = connection.execute(
            select(messages.c.conversation_id, messages.c.author, messages.c.text, messages.c.intent, messages.c.state, messages.c.error)
            .where(messages.c.conversation_id.in_(ids))
            .order_by(messages.c.id)
        )
        for line in lines:
            one = about[line.conversation_id]
            one["messages"] += 1
            one["unanswered"] += line.state in {"received", "with_staff"}
            one["undelivered"] += line.state in {"undelivered", "failed"} and line.error != "stopped"
            if line.author == "citizen":
                one["first_words"] = one["first_words"] or line.text
                one["last_intent"] = line.intent or one["last_intent"]
        raised = connection.execute(
            select(requests.c.conversation_id, requests.c.reference)
            .where(requests.c.conversation_id.in_(ids), requests.c.reference.is_not(None))
            .order_by(requests.c.id)
        )
        for row in raised:
            about[row.conversation_id]["references"] += (row.reference,)
        waiting = connection.execute(
            select(handovers.c.conversation_id, handovers.c.reason, handovers.c.created_at)
            .where(handovers.c.conversation_id.in_(ids), handovers.c.state == "waiting")
            .order_by(handovers.c.priority, handovers.c.id.desc())  # the most urgent, then the oldest, has the last word
        )
        for wait in waiting:
            about[wait.conversation_id].update(waiting_for=wait.reason, waiting_since=wait.created_at)
        return about

    @reads
    def handovers(self, connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
        """When and why this conversation asked for a person, and where to reach the citizen, masked."""
        rows = connection.execute(
            select(handovers, staff.c.username, contacts.c.kind, contacts.c.encrypted)
            .outerjoin(staff, staff.c.id == handovers.c.staff_id)
            .outerjoin(contacts, contacts.c.id == handovers.c.contact_id)
            .where(handovers.c.conversation_id == conversation_id)
            .order_by(handovers.c.id)
        )
        return [{**row._mapping, "contact": shown(row.kind, self._keys.decrypt(row.encrypted)) if row.encrypted else None} for row in rows]

    @reads
    def phone(self, connection: Connection, conversation_id: str, *, whole: bool = False) -> str | None:
        """The number that the citizen writes from, else the latest that they left with a hand-over; its middle hidden unless `whole`."""
        theirs = select(conversations.c.contact_id).where(conversations.c.id == conversation_id).scalar_subquery()
        rows = connection.execute(
            select(contacts.c.encrypted)
            .outerjoin(handovers, (handovers.c.contact_id == contacts.c.id) & (handovers.c.conversation_id == conversation_id))
            .where(contacts.c.kind == "phone", (contacts.c.id == theirs) | handovers.c.id.is_not(None))
            .order_by((contacts.c.id == theirs).desc(), handovers.c.id.desc())
            .limit(1)
        )
        encrypted = rows.scalar_one_or_none()
        if encrypted is None:
            return None
        number = self._keys.decrypt(encrypted)
        return number if whole else f"{number[:3]}{'•' * (len(number) - 6)}{number[-3:]}"
