"""A person of the staff as the console knows them, and the tokens that stand for one."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row

from engagement.tables import staff

HANDLE = 16  # characters of a token's hash that name it
ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class Staff:
    """`display_name` is what citizens read; `teams` are names of data/council/teams.yml, none of them means all."""

    id: int
    username: str
    role: str
    password_hash: str
    locked_until: datetime | None
    display_name: str | None = None
    teams: tuple[str, ...] = ()
    shortcuts: bool = True
    second_factor: bool = False
    password_once_until: datetime | None = None
    openid_issuer: str | None = None

    @property
    def name(self) -> str:
        """What others read."""
        return self.display_name or self.username


PERSON: tuple[Column[Any], ...] = (
    staff.c.id, staff.c.username, staff.c.role, staff.c.password_hash, staff.c.locked_until, staff.c.display_name, staff.c.teams,
    staff.c.shortcuts, staff.c.totp, staff.c.password_once_until, staff.c.openid_issuer,
)  # fmt: skip
_SAME = ("id", "username", "role", "password_hash", "locked_until", "display_name", "shortcuts", "password_once_until", "openid_issuer")


def person_of(row: Row[Any]) -> Staff:
    """A row of PERSON's columns, others beside them."""
    return Staff(**{name: getattr(row, name) for name in _SAME}, teams=tuple(row.teams or ()), second_factor=row.totp is not None)


def fresh_token() -> str:
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
