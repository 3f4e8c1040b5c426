"""Staff: who may sign in to the console, wrong passwords and codes, and what they are noted to have done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from engagement.api_tokens import ApiToken, ApiTokens
from engagement.audit import write_down
from engagement.database import Database, reads, writes
from engagement.people import HANDLE, PERSON, Staff, hashed, person_of
from engagement.staff_sessions import SESSION_IDLE, SESSION_LONGEST, OpenSession, Sessions, StaffSession
from engagement.tables import audit, staff, staff_sessions
from hearback.clock import Clock

__all__ = ["HANDLE", "SESSION_IDLE", "SESSION_LONGEST", "ApiToken", "OpenSession", "Staff", "StaffBook", "StaffSession"]
LOCK_AFTER = 5
LOCKED_FOR = timedelta(minutes=15)
TRIES_COUNT_FOR = timedelta(days=30)  # how far back wrong passwords for a name that nobody has are counted


class StaffBook(Sessions, ApiTokens):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def _real(self, length: timedelta) -> timedelta:
        """A length of real time on the product's clock: a demonstration at a day a second must not sign people out at once."""
        return length * self._clock.scale

    @reads
    def count(self, connection: Connection) -> int:
        return int((connection.execute(select(func.count()).select_from(staff))).scalar_one())

    @writes
    def add(self, connection: Connection, username: str, password_hash: str, role: str) -> bool:
        """Add a person; False when the name is taken."""
        added = connection.execute(
            self._database.insert(staff)
            .values(username=username, password_hash=password_hash, role=role, failures=0, active=True, created_at=self._clock.now())
            .on_conflict_do_nothing(index_elements=["username"])
            .returning(staff.c.id)
        )
        return added.one_or_none() is not None

    @writes
    def set_password(self, connection: Connection, username: str, password_hash: str) -> bool:
        """Give a new password; ends the person's sessions and lock. False when nobody has this name."""
        changed = connection.execute(
            update(staff)
            .where(staff.c.username == username)
            .values(password_hash=password_hash, failures=0, locked_until=None, password_once_until=None)
        )
        own = select(staff.c.id).where(staff.c.username == username).scalar_subquery()
        connection.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == own))
        return changed.rowcount == 1

    @reads
    def by_name(self, connection: Connection, username: str) -> Staff | None:
        row = connection.execute(select(*PERSON).where(staff.c.username == username, staff.c.active)).one_or_none()
        return person_of(row) if row else None

    @writes
    def failed(self, connection: Connection, person: Staff | None, username: str, action: str = "sign_in_failed") -> None:
        """Record a failed sign-in; the fifth in a row, of passwords and codes together, locks the account for a quarter of an hour."""
        now = self._clock.now()
        if person:
            failures = connection.execute(
                update(staff).where(staff.c.id == person.id).values(failures=staff.c.failures + 1).returning(staff.c.failures)
            )
            if failures.scalar_one() % LOCK_AFTER == 0:
                connection.execute(update(staff).where(staff.c.id == person.id).values(locked_until=now + self._real(LOCKED_FOR)))
        write_down(connection, now, person.id if person else None, action, person.username if person else _nobody(username))

    @reads
    def locked_until(self, connection: Connection, username: str) -> datetime | None:
        """Until when this name may not sign in; a name that nobody has is locked the same way, so that it tells nothing."""
        now = self._clock.now()
        row = connection.execute(select(staff.c.locked_until).where(staff.c.username == username, staff.c.active)).one_or_none()
        until = row.locked_until if row else self._locked_nobody(connection, username, now)
        # A lock far ahead was set by a clock that ran faster: HEARBACK_TIME_SCALE was changed since.
        return until if until is not None and now < until <= now + self._real(LOCKED_FOR) else None

    def _locked_nobody(self, connection: Connection, username: str, now: datetime) -> datetime | None:
        tries = connection.execute(
            select(audit.c.at)
            .where(audit.c.at > now - self._real(TRIES_COUNT_FOR), audit.c.at <= now)
            .where(audit.c.action == "sign_in_failed", audit.c.subject == _nobody(username))
            .order_by(audit.c.at)
        )
        moments: list[datetime] = list(tries.scalars())
        whole = len(moments) // LOCK_AFTER * LOCK_AFTER
        return moments[whole - 1] + self._real(LOCKED_FOR) if whole else None

    @writes
    def note(self, connection: Connection, person: Staff, action: str, subject: str | None, details: dict[str, Any] | None = None) -> None:
        """Write into the audit what a person looked at or changed."""
        write_down(connection, self._clock.now(), person.id, action, subject, details)

    @writes
    def describe(self, connection: Connection, person: Staff, *, display_name: str | None, shortcuts: bool) -> None:
        """What a person sets for themselves."""
        connection.execute(update(staff).where(staff.c.id == person.id).values(display_name=display_name or None, shortcuts=shortcuts))
        details = {"display_name": display_name, "shortcuts": shortcuts}
        write_down(connection, self._clock.now(), person.id, "changed_account", person.username, details)


def _nobody(username: str) -> str:
    # People type their password into the name's field; the audit must not keep it.
    return f"nobody {hashed(username)[:16]}"
