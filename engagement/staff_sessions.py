"""Sessions of the staff: opened, kept alive, listed, ended. Of a session's token only a hash is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Row, delete, func, select, update

from engagement.audit import write_down
from engagement.database import Database, reads, writes
from engagement.people import HANDLE, PERSON, Staff, fresh_token, hashed, person_of
from engagement.tables import staff, staff_sessions
from hearback.clock import Clock

SESSION_IDLE = timedelta(hours=8)
SESSION_LONGEST = timedelta(hours=24)
HALF_LONGEST = timedelta(minutes=10)  # for the second factor's code
LONGEST_BROWSER = 80


@dataclass(frozen=True, kw_only=True)
class StaffSession:
    """A signed-in person; `csrf` must come back in every form of theirs; `half`: their second factor's code is still owed."""

    staff: Staff
    csrf: str
    handle: str = ""
    way: str = "password"
    half: bool = False


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A session as its owner sees it; `handle` names it."""

    handle: str
    browser: str | None
    way: str | None
    created_at: datetime
    seen_at: datetime


_WITH_SESSION: tuple[Column[Any], ...] = (
    *PERSON, staff_sessions.c.csrf, staff_sessions.c.created_at, staff_sessions.c.seen_at, staff_sessions.c.stage, staff_sessions.c.way,
)  # fmt: skip


class Sessions:
    _database: Database
    _clock: Clock

    @writes
    def sign_in(
        self, connection: Connection, person: Staff, *, way: str = "password", browser: str | None = None, half: bool = False
    ) -> tuple[str, StaffSession]:
        """Open a session; returns its token for the cookie, of which only a hash is stored. `half` awaits the second factor's code."""
        token, csrf, now = fresh_token(), fresh_token(), self._clock.now()
        connection.execute(delete(staff_sessions).where(staff_sessions.c.created_at < now - self._real(SESSION_LONGEST)))
        if not half:
            connection.execute(update(staff).where(staff.c.id == person.id).values(failures=0, locked_until=None, signed_in_at=now))
            write_down(connection, now, person.id, "signed_in", None, {"way": way} if way != "password" else None)
        connection.execute(
            staff_sessions.insert().values(
                token_hash=hashed(token), staff_id=person.id, csrf=csrf, created_at=now, seen_at=now, way=way,
                browser=browser[:LONGEST_BROWSER] if browser else None, stage="code" if half else None,
            )
        )  # fmt: skip
        return token, StaffSession(staff=person, csrf=csrf, handle=hashed(token)[:HANDLE], way=way, half=half)

    async def session(self, token: str) -> StaffSession | None:
        """The live session of a cookie's token; its idle time starts anew."""
        now = self._clock.now()
        found = await self._session(token)
        if found is None or not self._alive(found, now):
            return None
        if now - found.seen_at > self._real(timedelta(minutes=1)):
            await self._seen(token)
        return StaffSession(
            staff=person_of(found), csrf=found.csrf, handle=hashed(token)[:HANDLE], way=found.way or "password", half=found.stage == "code"
        )

    def _alive(self, found: Row[Any], now: datetime) -> bool:
        # A session from the future was opened by a clock that ran faster; it would outlive everybody.
        ahead = found.created_at > now + timedelta(minutes=1)
        longest = self._real(HALF_LONGEST if found.stage == "code" else SESSION_LONGEST)
        return not ahead and now - found.seen_at <= self._real(SESSION_IDLE) and now - found.created_at <= longest

    def _real(self, length: timedelta) -> timedelta:
        """A length of real time on the product's clock: a demonstration at a day a second must not sign people out at once."""
        return length * self._clock.scale

    @reads
    def _session(self, connection: Connection, token: str) -> Row[Any] | None:
        query = select(*_WITH_SESSION).join(staff_sessions, staff_sessions.c.staff_id == staff.c.id)
        return connection.execute(query.where(staff_sessions.c.token_hash == hashed(token), staff.c.active)).one_or_none()

    @writes
    def _seen(self, connection: Connection, token: str) -> None:
        connection.execute(update(staff_sessions).where(staff_sessions.c.token_hash == hashed(token)).values(seen_at=self._clock.now()))

    @writes
    def sign_out(self, connection: Connection, token: str) -> None:
        connection.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == hashed(token)))

    @reads
    def sessions(self, connection: Connection, staff_id: int) -> list[OpenSession]:
        """The live sessions of a person, the one used last first."""
        now = self._clock.now()
        query = select(staff_sessions).where(staff_sessions.c.staff_id == staff_id, staff_sessions.c.stage.is_(None))
        rows: Sequence[Row[Any]] = connection.execute(query.order_by(staff_sessions.c.seen_at.desc())).all()
        return [
            OpenSession(handle=row.token_hash[:HANDLE], browser=row.browser, way=row.way, created_at=row.created_at, seen_at=row.seen_at)
            for row in rows
            if self._alive(row, now)
        ]

    @writes
    def end_sessions(self, connection: Connection, by: Staff, staff_id: int, *, handle: str | None = None, but: str | None = None) -> int:
        """End the session of this handle, or all of a person's but one; returns how many ended."""
        ours = staff_sessions.c.staff_id == staff_id
        name = func.substr(staff_sessions.c.token_hash, 1, HANDLE)
        which = name == handle if handle is not None else name != (but or "")
        gone = connection.execute(delete(staff_sessions).where(ours, which)).rowcount
        if gone:
            username = connection.execute(select(staff.c.username).where(staff.c.id == staff_id)).scalar_one()
            write_down(connection, self._clock.now(), by.id, "ended_sessions", username, {"sessions": gone})
        return gone
