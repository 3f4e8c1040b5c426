"""The audit: who of the staff looked at what and changed what. It is added to, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, func, or_, select

from engagement.database import Database, reads
from engagement.tables import audit, staff
from hearback.personal import masked

PAGE = 50
LOOKED_THROUGH = 50_000  # entries that one search for words goes back; the next page goes on from there
LONGEST_SUBJECT = 80


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries: `before` is an entry's number, newer ones are left out; `words` stand in the subject or the details."""

    staff_id: int | None = None
    action: str | None = None
    subject: str | None = None
    words: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    id: int
    at: datetime
    username: str | None
    action: str
    subject: str | None
    details: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Entries:
    """`older` begins the next page; None at the end. `looked_to`: no entry after it was looked at, for this search went back far enough."""

    entries: list[Entry]
    older: int | None
    looked_to: datetime | None = None


def write_down(
    connection: Connection, at: datetime, staff_id: int | None, action: str, subject: str | None, details: dict[str, Any] | None = None
) -> None:
    """Add an entry; phone numbers and e-mail addresses in its details are masked."""
    subject = subject[:LONGEST_SUBJECT] if subject else None
    connection.execute(audit.insert().values(at=at, staff_id=staff_id, action=action, subject=subject, details=masked(details)))


class AuditBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    @reads
    def entries(self, connection: Connection, wanted: Wanted, limit: int = PAGE) -> Entries:
        """A page of entries, newest first, found by an index whatever is asked for."""
        conditions = self._conditions(connection, wanted)
        floor, looked_to = None, None
        if wanted.words:
            floor = connection.execute(
                select(audit.c.id, audit.c.at).where(*conditions).order_by(audit.c.id.desc()).offset(LOOKED_THROUGH).limit(1)
            ).one_or_none()
            if floor is not None:
                conditions.append(audit.c.id > floor.id)
            conditions.append(_says(wanted.words))
        query = select(audit, staff.c.username).outerjoin(staff, staff.c.id == audit.c.staff_id)
        rows = connection.execute(query.where(*conditions).order_by(audit.c.id.desc()).limit(limit + 1)).all()
        older = rows[limit - 1].id if len(rows) > limit else None
        if older is None and floor is not None:
            older, looked_to = floor.id + 1, floor.at
        return Entries(entries=[_entry(row) for row in rows[:limit]], older=older, looked_to=looked_to)

    @reads
    def actions(self, connection: Connection) -> list[str]:
        """Every kind of entry that there is, by hops through its index rather than a look at each entry."""
        found: list[str] = []
        while True:
            query = select(func.min(audit.c.action)).where(audit.c.action > found[-1] if found else audit.c.id > 0)
            word = connection.execute(query).scalar_one()
            if word is None:
                return found
            found.append(word)

    def _conditions(self, connection: Connection, wanted: Wanted) -> list[Any]:
        equal = {"staff_id": wanted.staff_id, "action": wanted.action, "subject": wanted.subject}
        conditions: list[Any] = [audit.c[name] == value for name, value in equal.items() if value is not None]
        if wanted.before is not None:
            conditions.append(audit.c.id < wanted.before)
        # Entries stand in the order of time: the days become numbers once, so that one index serves days and everything else.
        if wanted.start is not None:
            first = select(audit.c.id).where(audit.c.at >= wanted.start).order_by(audit.c.at, audit.c.id).limit(1)
            conditions.append(audit.c.id >= (connection.execute(first).scalar_one_or_none() or 2**31 - 1))
        if wanted.end is not None:
            last = select(audit.c.id).where(audit.c.at < wanted.end).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(1)
            conditions.append(audit.c.id <= (connection.execute(last).scalar_one_or_none() or 0))
        return conditions


def _says(words: str) -> Any:
    return or_(audit.c.subject.icontains(words, autoescape=True), cast(audit.c.details, Text).icontains(words, autoescape=True))


def _entry(row: Any) -> Entry:
    return Entry(id=row.id, at=row.at, username=row.username, action=row.action, subject=row.subject, details=row.details)
