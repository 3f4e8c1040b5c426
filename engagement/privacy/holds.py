"""Legal holds: what must not be erased, because a claim, an investigation or a request for information needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engagement.database import Database, reads, writes
from engagement.erasure import Erasures
from engagement.tables import audit, contacts, conversations, legal_holds, staff
from hearback.clock import Clock

MOST_SHOWN = 500


class NothingToHold(Exception):
    """There is no such citizen or conversation, or it was erased."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """On a citizen (`contact_id`) or on a conversation. `subject` finds them: see Subjects."""

    id: int
    contact_id: int | None
    conversation_id: str | None
    kind: str | None  # of the contact: phone, email
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None

    @property
    def subject(self) -> str | None:
        if self.conversation_id:
            return f"conversation:{self.conversation_id}"
        return f"contact:{self.contact_id}" if self.contact_id is not None else None


class Holds:
    def __init__(self, database: Database, clock: Clock, erasures: Erasures) -> None:
        self._database, self._clock, self._erasures = database, clock, erasures

    @writes
    def place(self, connection: Connection, subject: str, reason: str, *, staff_id: int) -> int:
        """Put a hold on a subject; written into the audit in the same commit. Raises NothingToHold."""
        kind, _, id = subject.partition(":")
        if kind == "contact" and id.isdecimal():
            known = connection.execute(select(contacts.c.id).where(contacts.c.id == int(id))).one_or_none()
            on: dict[str, Any] = {"contact_id": int(id)}
        else:
            alive = (conversations.c.id == id) & conversations.c.state.not_in(("erasing", "erased"))
            known = connection.execute(select(conversations.c.id).where(alive).with_for_update()).one_or_none()
            on = {"conversation_id": id}
        if known is None:
            raise NothingToHold
        now = self._clock.now()
        added = connection.execute(
            legal_holds.insert().values(**on, reason=reason, placed_by=staff_id, placed_at=now).returning(legal_holds.c.id)
        ).scalar_one()
        self._note(connection, staff_id, "placed_hold", subject, int(added), now)
        return int(added)

    @writes
    def lift(self, connection: Connection, hold_id: int, *, staff_id: int) -> int | None:
        """End a hold, and begin to erase what citizens wished to delete meanwhile: how many conversations; None for no such hold."""
        now = self._clock.now()
        lifted = connection.execute(
            update(legal_holds)
            .where(legal_holds.c.id == hold_id, legal_holds.c.lifted_at.is_(None))
            .values(lifted_at=now, lifted_by=staff_id)
            .returning(legal_holds.c.contact_id, legal_holds.c.conversation_id)
        ).one_or_none()
        if lifted is None:
            return None
        subject = f"conversation:{lifted.conversation_id}" if lifted.conversation_id else f"contact:{lifted.contact_id}"
        self._note(connection, staff_id, "lifted_hold", subject, hold_id, now)
        return len(self._erasures.release(connection))

    @reads
    def all(self, connection: Connection, ids: Sequence[int] | None = None) -> list[Hold]:
        """The holds, those in force first, then the newest; only these `ids` where they are given."""
        query = _holds().order_by(legal_holds.c.lifted_at.is_not(None), legal_holds.c.id.desc()).limit(MOST_SHOWN)
        return [_hold(row) for row in connection.execute(query if ids is None else query.where(legal_holds.c.id.in_(ids)))]

    def _note(self, connection: Connection, staff_id: int, action: str, subject: str, hold_id: int, now: datetime) -> None:
        connection.execute(
            audit.insert().values(
                at=now, staff_id=staff_id, action=action, subject=subject.removeprefix("conversation:"), details={"hold": hold_id}
            )
        )


_placer, _lifter = staff.alias(), staff.alias()


def _holds() -> Any:
    return (
        select(legal_holds, contacts.c.kind, _placer.c.username.label("placer"), _lifter.c.username.label("lifter"))
        .join(_placer, _placer.c.id == legal_holds.c.placed_by)
        .outerjoin(_lifter, _lifter.c.id == legal_holds.c.lifted_by)
        .outerjoin(contacts, contacts.c.id == legal_holds.c.contact_id)
    )


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        id=row.id, contact_id=row.contact_id, conversation_id=row.conversation_id, kind=row.kind, reason=row.reason,
        placed_by=row.placer, placed_at=row.placed_at, lifted_by=row.lifter, lifted_at=row.lifted_at,
    )  # fmt: skip
