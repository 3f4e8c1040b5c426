"""What administrators do with the people of the console: add, change, reset, deactivate. The last active administrator stays one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from engagement.audit import write_down
from engagement.database import Database, reads, writes
from engagement.people import ADMIN, PERSON, Staff, person_of
from engagement.tables import api_tokens, recovery_codes, staff, staff_sessions
from hearback.clock import Clock

HANDED_OUT_FOR = timedelta(days=7)  # a one-time password


class LastAdministrator(Exception):
    """Nobody could manage the console's people any more."""


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """A person as administrators see them. `signed_in_at` is the latest time, None for never."""

    person: Staff
    active: bool
    created_at: datetime
    signed_in_at: datetime | None
    tokens: int = 0


class Colleagues:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @reads
    def all(self, connection: Connection) -> list[Colleague]:
        """Everybody, active ones first, by name."""
        query = _colleagues().order_by(staff.c.active.desc(), func.lower(staff.c.username))
        return [_colleague(row) for row in connection.execute(query)]

    @reads
    def one(self, connection: Connection, staff_id: int) -> Colleague | None:
        row = connection.execute(_colleagues().where(staff.c.id == staff_id)).one_or_none()
        return _colleague(row) if row else None

    @writes
    def add(
        self,
        connection: Connection,
        by: Staff,
        username: str,
        password_hash: str,
        role: str,
        *,
        display_name: str | None,
        teams: Iterable[str],
    ) -> int | None:
        """Add a person with a password that holds for a week and once; None when the name is taken, whatever its capitals."""
        if connection.execute(select(staff.c.id).where(func.lower(staff.c.username) == username.lower())).first():
            return None
        now, kept = self._clock.now(), sorted(set(teams))
        added = connection.execute(
            self._database.insert(staff)
            .values(
                username=username, password_hash=password_hash, role=role, failures=0, active=True, created_at=now,
                display_name=display_name, teams=kept, password_once_until=now + self._clock.lease(HANDED_OUT_FOR),
            )
            .on_conflict_do_nothing(index_elements=["username"])
            .returning(staff.c.id)
        ).scalar_one_or_none()  # fmt: skip
        if added is not None:
            write_down(connection, now, by.id, "added_person", username, {"role": role, "teams": kept})
        return added

    @writes
    def change(
        self, connection: Connection, by: Staff, staff_id: int, *, role: str, display_name: str | None, teams: Iterable[str]
    ) -> None:
        """Give a person another role, name or teams; open sessions and tokens follow at once. Raises LastAdministrator."""
        before = connection.execute(select(staff).where(staff.c.id == staff_id)).one()
        if before.role == ADMIN != role and before.active:
            self._not_the_last(connection, staff_id)
        after: dict[str, Any] = {"role": role, "display_name": display_name, "teams": sorted(set(teams))}
        connection.execute(update(staff).where(staff.c.id == staff_id).values(**after))
        was = {"role": before.role, "display_name": before.display_name, "teams": sorted(before.teams or [])}
        changed = {name: [was[name], after[name]] for name in after if was[name] != after[name]}
        if changed:
            write_down(connection, self._clock.now(), by.id, "changed_person", before.username, changed)

    @writes
    def deactivate(self, connection: Connection, by: Staff, staff_id: int) -> None:
        """Nobody signs in as this person any more; their sessions and tokens end. Raises LastAdministrator."""
        row = connection.execute(select(staff.c.username, staff.c.role, staff.c.active).where(staff.c.id == staff_id)).one()
        if row.role == ADMIN and row.active:
            self._not_the_last(connection, staff_id)
        connection.execute(update(staff).where(staff.c.id == staff_id).values(active=False))
        for table in (staff_sessions, api_tokens):
            connection.execute(delete(table).where(table.c.staff_id == staff_id))
        write_down(connection, self._clock.now(), by.id, "deactivated_person", row.username)

    @writes
    def activate(self, connection: Connection, by: Staff, staff_id: int) -> None:
        """The person may sign in again, with the password and the second factor of before."""
        name = connection.execute(update(staff).where(staff.c.id == staff_id).values(active=True).returning(staff.c.username)).scalar_one()
        write_down(connection, self._clock.now(), by.id, "activated_person", name)

    @writes
    def reset_password(self, connection: Connection, by: Staff, staff_id: int, password_hash: str) -> None:
        """Hand out a password that holds for a week and once; the person's sessions end."""
        now = self._clock.now()
        once = {"password_hash": password_hash, "failures": 0, "locked_until": None}
        name = connection.execute(
            update(staff)
            .where(staff.c.id == staff_id)
            .values(**once, password_once_until=now + self._clock.lease(HANDED_OUT_FOR))
            .returning(staff.c.username)
        ).scalar_one()
        connection.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id))
        write_down(connection, now, by.id, "reset_password", name)

    @writes
    def reset_second_factor(self, connection: Connection, by: Staff | None, staff_id: int) -> None:
        """Forget a second factor that was lost; the person's sessions end. `by` is None at the server's command line."""
        values = {"totp": None, "totp_new": None, "totp_step": None}
        name = connection.execute(update(staff).where(staff.c.id == staff_id).values(**values).returning(staff.c.username)).scalar_one()
        for table in (recovery_codes, staff_sessions):
            connection.execute(delete(table).where(table.c.staff_id == staff_id))
        write_down(connection, self._clock.now(), by.id if by else None, "reset_second_factor", name)

    # People who sign in at the council's single sign-on.

    @writes
    def by_openid(
        self, connection: Connection, issuer: str, subject: str, *, username: str, display_name: str | None, role: str
    ) -> Staff | None:
        """The person bound to this issuer and subject, added at their first sign-in, in the role that they have there now.

        None for somebody who was deactivated here. The name and e-mail address of before bind nobody: both can change hands.
        """
        now = self._clock.now()
        bound = (staff.c.openid_issuer == issuer) & (staff.c.openid_subject == subject)
        row = connection.execute(select(staff.c.id, staff.c.active, staff.c.role, staff.c.username).where(bound)).one_or_none()
        if row is None:
            staff_id = connection.execute(
                staff.insert().values(
                    username=self._free(connection, username), password_hash="", role=role, failures=0, active=True, created_at=now,
                    display_name=display_name, openid_issuer=issuer, openid_subject=subject,
                ).returning(staff.c.id)
            ).scalar_one()  # fmt: skip
            write_down(connection, now, staff_id, "added_person", username, {"role": role, "way": "openid"})
        elif not row.active:
            write_down(connection, now, row.id, "sign_in_refused", row.username, {"way": "openid", "reason": "deactivated"})
            return None
        else:
            staff_id = row.id
            if row.role != role and self._may_leave(connection, row.id, row.role):
                connection.execute(update(staff).where(staff.c.id == row.id).values(role=role))
                write_down(connection, now, row.id, "changed_person", row.username, {"role": [row.role, role], "way": "openid"})
        return person_of(connection.execute(select(*PERSON).where(staff.c.id == staff_id)).one())

    @writes
    def refused_openid(self, connection: Connection, reason: str) -> None:
        """Write down that somebody came from the single sign-on and was refused; who it was is not ours to keep."""
        write_down(connection, self._clock.now(), None, "sign_in_refused", None, {"way": "openid", "reason": reason})

    def _free(self, connection: Connection, username: str) -> str:
        lower = func.lower(staff.c.username)
        taken = set(connection.execute(select(lower).where(lower.startswith(username.lower(), autoescape=True))).scalars())
        names = [username, *(f"{username}-{number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name.lower() not in taken)

    def _may_leave(self, connection: Connection, staff_id: int, role: str) -> bool:
        if role != ADMIN:
            return True
        try:
            self._not_the_last(connection, staff_id)
        except LastAdministrator:
            return False
        return True

    def _not_the_last(self, connection: Connection, staff_id: int) -> None:
        # Two administrators who remove each other at once wait for one another here; SQLite has one writer anyway.
        admins = connection.execute(select(staff.c.id).where(staff.c.role == ADMIN, staff.c.active).order_by(staff.c.id).with_for_update())
        if not set(admins.scalars()) - {staff_id}:
            raise LastAdministrator


def _colleagues() -> Any:
    tokens = select(func.count()).where(api_tokens.c.staff_id == staff.c.id).scalar_subquery()
    return select(*PERSON, staff.c.active, staff.c.created_at, staff.c.signed_in_at, tokens.label("tokens"))


def _colleague(row: Row[Any]) -> Colleague:
    return Colleague(person=person_of(row), active=row.active, created_at=row.created_at, signed_in_at=row.signed_in_at, tokens=row.tokens)
