"""Staff: who may sign in to the console, their sessions and API tokens, and the audit of what they did."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from engagement.database import Database, reads, writes
from engagement.tables import api_tokens, audit, staff, staff_sessions
from hearback.clock import Clock

LOCK_AFTER = 5
LOCKED_FOR = timedelta(minutes=15)
SESSION_IDLE = timedelta(hours=8)
SESSION_LONGEST = timedelta(hours=24)
HANDLE = 16  # characters of a token's hash that name it
TRIES_COUNT_FOR = timedelta(days=30)  # how far back wrong passwords for a name that nobody has are counted


@dataclass(frozen=True, kw_only=True)
class Staff:
    id: int
    username: str
    role: str
    password_hash: str
    locked_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class StaffSession:
    """A signed-in person; `csrf` must come back in every form of theirs."""

    staff: Staff
    csrf: str


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A bearer token as its owner sees it; `handle` names it, the token itself is not kept."""

    handle: str
    name: str
    created_at: datetime
    used_at: datetime | None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class StaffBook:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

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
            update(staff).where(staff.c.username == username).values(password_hash=password_hash, failures=0, locked_until=None)
        )
        own = select(staff.c.id).where(staff.c.username == username).scalar_subquery()
        connection.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == own))
        return changed.rowcount == 1

    @reads
    def by_name(self, connection: Connection, username: str) -> Staff | None:
        row = (connection.execute(_people().where(staff.c.username == username, staff.c.active))).one_or_none()
        return Staff(**row._mapping) if row else None

    @writes
    def failed(self, connection: Connection, person: Staff | None, username: str) -> None:
        """Record a failed sign-in; the fifth in a row locks the account for a quarter of an hour."""
        now = self._clock.now()
        if person:
            failures = connection.execute(
                update(staff).where(staff.c.id == person.id).values(failures=staff.c.failures + 1).returning(staff.c.failures)
            )
            if failures.scalar_one() % LOCK_AFTER == 0:
                connection.execute(update(staff).where(staff.c.id == person.id).values(locked_until=now + self._real(LOCKED_FOR)))
        self._note(connection, person.id if person else None, "sign_in_failed", person.username if person else _nobody(username))

    @reads
    def locked_until(self, connection: Connection, username: str) -> datetime | None:
        """Until when this name may not sign in; a name that nobody has is locked the same way, so that it tells nothing."""
        now = self._clock.now()
        row = connection.execute(_people().where(staff.c.username == username, staff.c.active)).one_or_none()
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
    def sign_in(self, connection: Connection, person: Staff) -> tuple[str, StaffSession]:
        """Open a session; returns its token for the cookie, of which only a hash is stored."""
        token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), self._clock.now()
        connection.execute(update(staff).where(staff.c.id == person.id).values(failures=0, locked_until=None))
        connection.execute(delete(staff_sessions).where(staff_sessions.c.created_at < now - self._real(SESSION_LONGEST)))
        connection.execute(
            staff_sessions.insert().values(token_hash=_hash(token), staff_id=person.id, csrf=csrf, created_at=now, seen_at=now)
        )
        self._note(connection, person.id, "signed_in", None)
        return token, StaffSession(staff=person, csrf=csrf)

    async def session(self, token: str) -> StaffSession | None:
        """The live session of a cookie's token; its idle time starts anew."""
        now = self._clock.now()
        found = await self._session(token)
        if found is None or not self._alive(found, now):
            return None
        if now - found.seen_at > self._real(timedelta(minutes=1)):
            await self._seen(token)
        person = {name: getattr(found, name) for name in ("id", "username", "role", "password_hash", "locked_until")}
        return StaffSession(staff=Staff(**person), csrf=found.csrf)

    def _alive(self, found: Row[Any], now: datetime) -> bool:
        # A session from the future was opened by a clock that ran faster; it would outlive everybody.
        ahead = found.created_at > now + timedelta(minutes=1)
        return not ahead and now - found.seen_at <= self._real(SESSION_IDLE) and now - found.created_at <= self._real(SESSION_LONGEST)

    def _real(self, length: timedelta) -> timedelta:
        """A length of real time on the product's clock: a demonstration at a day a second must not sign people out at once."""
        return length * self._clock.scale

    @reads
    def _session(self, connection: Connection, token: str) -> Row[Any] | None:
        query = _people().add_columns(staff_sessions.c.csrf, staff_sessions.c.created_at, staff_sessions.c.seen_at)
        query = query.join(staff_sessions, staff_sessions.c.staff_id == staff.c.id)
        return connection.execute(query.where(staff_sessions.c.token_hash == _hash(token), staff.c.active)).one_or_none()

    @writes
    def _seen(self, connection: Connection, token: str) -> None:
        connection.execute(update(staff_sessions).where(staff_sessions.c.token_hash == _hash(token)).values(seen_at=self._clock.now()))

    @writes
    def sign_out(self, connection: Connection, token: str) -> None:
        connection.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == _hash(token)))

    @writes
    def make_api_token(self, connection: Connection, person: Staff, name: str) -> str:
        """A bearer token for the console's API, shown once."""
        token = secrets.token_urlsafe(32)
        connection.execute(api_tokens.insert().values(token_hash=_hash(token), name=name, staff_id=person.id, created_at=self._clock.now()))
        self._note(connection, person.id, "made_api_token", name)
        return token

    async def of_api_token(self, token: str) -> Staff | None:
        """Whose token this is; None for a token that nobody has or that was withdrawn."""
        found = await self._api_token(token)
        if found is None:
            return None
        now = self._clock.now()
        if found.used_at is None or abs(now - found.used_at) > self._real(timedelta(minutes=1)):
            await self._used(token, now)
        return Staff(**{name: getattr(found, name) for name in ("id", "username", "role", "password_hash", "locked_until")})

    @reads
    def _api_token(self, connection: Connection, token: str) -> Row[Any] | None:
        query = _people().add_columns(api_tokens.c.used_at).join(api_tokens, api_tokens.c.staff_id == staff.c.id)
        return connection.execute(query.where(api_tokens.c.token_hash == _hash(token), staff.c.active)).one_or_none()

    @writes
    def _used(self, connection: Connection, token: str, now: datetime) -> None:
        connection.execute(update(api_tokens).where(api_tokens.c.token_hash == _hash(token)).values(used_at=now))

    @reads
    def api_tokens(self, connection: Connection, person: Staff) -> list[ApiToken]:
        """The tokens of a person, newest first."""
        rows = connection.execute(select(api_tokens).where(api_tokens.c.staff_id == person.id).order_by(api_tokens.c.created_at.desc()))
        return [
            ApiToken(handle=row.token_hash[:HANDLE], name=row.name, created_at=row.created_at, used_at=row.used_at) for row in rows.all()
        ]

    @writes
    def withdraw_api_token(self, connection: Connection, person: Staff, handle: str) -> bool:
        """End one of the person's own tokens; False when they have none under this handle."""
        own = (api_tokens.c.staff_id == person.id) & (func.substr(api_tokens.c.token_hash, 1, HANDLE) == handle)
        gone = connection.execute(delete(api_tokens).where(own).returning(api_tokens.c.name)).first()
        if gone is not None:
            self._note(connection, person.id, "withdrew_api_token", gone.name)
        return gone is not None

    @writes
    def note(self, connection: Connection, person: Staff, action: str, subject: str | None, details: dict[str, Any] | None = None) -> None:
        """Write into the audit what a person looked at or changed."""
        self._note(connection, person.id, action, subject, details)

    def _note(
        self, connection: Connection, staff_id: int | None, action: str, subject: str | None, details: dict[str, Any] | None = None
    ) -> None:
        connection.execute(audit.insert().values(at=self._clock.now(), staff_id=staff_id, action=action, subject=subject, details=details))


def _nobody(username: str) -> str:
    # People type their password into the name's field; the audit must not keep it.
    return f"nobody {_hash(username)[:16]}"


def _people() -> Select[Any]:
    return select(staff.c.id, staff.c.username, staff.c.role, staff.c.password_hash, staff.c.locked_until)
