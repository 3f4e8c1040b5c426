"""API tokens: what programs read with, in a person's name and never further than that person's role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Row, delete, func, select, update

from engagement.audit import write_down
from engagement.database import Database, reads, writes
from engagement.people import HANDLE, PERSON, Staff, fresh_token, hashed, person_of
from engagement.tables import api_tokens, staff
from hearback.clock import Clock


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A bearer token as its owner sees it; `handle` names it, the token itself is not kept. `scopes` None: all that the role may."""

    handle: str
    name: str
    created_at: datetime
    used_at: datetime | None
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None


_WITH_TOKEN: tuple[Column[Any], ...] = (*PERSON, api_tokens.c.used_at, api_tokens.c.scopes, api_tokens.c.expires_at)


class ApiTokens:
    _database: Database
    _clock: Clock

    def _real(self, length: timedelta) -> timedelta:
        raise NotImplementedError

    @writes
    def make_api_token(
        self, connection: Connection, person: Staff, name: str, *, scopes: Iterable[str] | None = None, days: int | None = None
    ) -> str:
        """A bearer token for the console's API, shown once."""
        token, now = fresh_token(), self._clock.now()
        kept = sorted(set(scopes)) if scopes is not None else None
        until = now + timedelta(days=days) if days else None
        connection.execute(
            api_tokens.insert().values(
                token_hash=hashed(token), name=name, staff_id=person.id, created_at=now, scopes=kept, expires_at=until
            )
        )
        write_down(connection, now, person.id, "made_api_token", name, {"scopes": kept, "days": days} if kept is not None or days else None)
        return token

    async def of_api_token(self, token: str) -> tuple[Staff, frozenset[str] | None] | None:
        """Whose token this is and what it may read (None: all that they may); None for a token that is unknown, withdrawn or too old."""
        found = await self._api_token(token)
        now = self._clock.now()
        if found is None or (found.expires_at is not None and found.expires_at <= now):
            return None
        if found.used_at is None or abs(now - found.used_at) > self._real(timedelta(minutes=1)):
            await self._used(token, now)
        return person_of(found), frozenset(found.scopes) if found.scopes is not None else None

    @reads
    def _api_token(self, connection: Connection, token: str) -> Row[Any] | None:
        query = select(*_WITH_TOKEN)
        query = query.join(api_tokens, api_tokens.c.staff_id == staff.c.id)
        return connection.execute(query.where(api_tokens.c.token_hash == hashed(token), staff.c.active)).one_or_none()

    @writes
    def _used(self, connection: Connection, token: str, now: datetime) -> None:
        connection.execute(update(api_tokens).where(api_tokens.c.token_hash == hashed(token)).values(used_at=now))

    @reads
    def api_tokens(self, connection: Connection, person: Staff) -> list[ApiToken]:
        """The tokens of a person, newest first."""
        rows = connection.execute(select(api_tokens).where(api_tokens.c.staff_id == person.id).order_by(api_tokens.c.created_at.desc()))
        return [
            ApiToken(
                handle=row.token_hash[:HANDLE], name=row.name, created_at=row.created_at, used_at=row.used_at,
                scopes=tuple(row.scopes) if row.scopes is not None else None, expires_at=row.expires_at,
            )
            for row in rows.all()
        ]  # fmt: skip

    @writes
    def withdraw_api_token(self, connection: Connection, person: Staff, handle: str) -> bool:
        """End one of the person's own tokens; False when they have none under this handle."""
        own = (api_tokens.c.staff_id == person.id) & (func.substr(api_tokens.c.token_hash, 1, HANDLE) == handle)
        gone = connection.execute(delete(api_tokens).where(own).returning(api_tokens.c.name)).first()
        if gone is not None:
            write_down(connection, self._clock.now(), person.id, "withdrew_api_token", gone.name)
        return gone is not None
