"""Hand-overs: what waits for a person, in which order, and what the citizen left with it. A citizen quotes one as "C-000123"."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from engagement.charges import charge_staff
from engagement.database import Database, reads, writes
from engagement.outcome_events import OutcomeRows
from engagement.tables import conversations, handovers, outcomes
from engagement.values import NO, Handover
from hearback.clock import Clock


class Handovers(OutcomeRows):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @writes
    def open(
        self,
        connection: Connection,
        conversation_id: str,
        *,
        key: str,
        reason: str,
        priority: int = 0,
        contact_id: int | None = None,
        details: dict[str, Any] | None = None,
    ) -> tuple[Handover, bool]:
        """Ask for a person; the same key again gives the first hand-over back and False. `details` are for staff to read."""
        now = self._clock.now()
        added = connection.execute(
            self._database.insert(handovers)
            .values(
                key=key, conversation_id=conversation_id, reason=reason, priority=priority, state="waiting", created_at=now,
                contact_id=contact_id, details=details,
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(handovers.c.id)
        )  # fmt: skip
        new = added.one_or_none() is not None
        if new:
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id, conversations.c.state == "open")
                .values(state="waiting", updated_at=now)
            )
        row = connection.execute(select(handovers).where(handovers.c.key == key)).one()
        return _handover(row), new

    @writes
    def add(self, connection: Connection, key: str, *, contact_id: int | None, details: dict[str, Any]) -> None:
        """What the citizen said later to a hand-over."""
        connection.execute(update(handovers).where(handovers.c.key == key).values(contact_id=contact_id, details=details))

    @writes
    def close(self, connection: Connection, handover_id: int, *, staff_id: int, minutes: float, note: str | None = None) -> bool:
        """A colleague has done it, in so many minutes; False where it was closed before. The conversation is the assistant's again.

        With it the clock stops of the "no" that waited for somebody.
        """
        now = self._clock.now()
        row = connection.execute(select(handovers).where(handovers.c.id == handover_id).with_for_update()).one_or_none()
        if row is None or row.state == "closed":
            return False
        change = {"state": "closed", "closed_at": now, "staff_id": staff_id, "minutes": minutes, "note": note or None}
        connection.execute(update(handovers).where(handovers.c.id == handover_id).values(**change))
        charge_staff(connection, row.conversation_id, minutes)
        others = select(handovers.c.id).where(handovers.c.conversation_id == row.conversation_id, handovers.c.state != "closed")
        if connection.execute(others.limit(1)).first() is None:
            theirs = (conversations.c.id == row.conversation_id) & conversations.c.state.in_(("waiting", "with_staff"))
            connection.execute(update(conversations).where(theirs).values(state="open", updated_at=now))
        self._settle(connection, row, now)
        return True

    def _settle(self, connection: Connection, row: Row[Any], now: datetime) -> None:
        here = (outcomes.c.conversation_id == row.conversation_id) | (outcomes.c.asked_in == row.conversation_id)
        ours = or_(outcomes.c.handover_id == row.id, here & (outcomes.c.remedy == "with_team"))
        waiting = ours & outcomes.c.confirmed.in_(NO) & outcomes.c.settled_at.is_(None)
        for outcome_id in connection.execute(select(outcomes.c.id).where(waiting)).scalars().all():
            self._change(connection, outcome_id, now, settled_at=now)
            self._event(
                connection,
                outcome_id,
                key=f"{outcome_id}:settled:handover:{row.id}",
                at=now,
                fact="settled",
                value="closed",
                source="staff",
            )

    @reads
    def one(self, connection: Connection, handover_id: int) -> Handover | None:
        row = connection.execute(select(handovers).where(handovers.c.id == handover_id)).one_or_none()
        return _handover(row) if row else None

    @reads
    def waiting(self, connection: Connection, conversation_id: str, reason: str) -> Handover | None:
        """The hand-over of this conversation that waits for the same reason already."""
        ours = (handovers.c.conversation_id == conversation_id) & (handovers.c.reason == reason)
        row = connection.execute(select(handovers).where(ours, handovers.c.state == "waiting").limit(1)).one_or_none()
        return _handover(row) if row else None

    @reads
    def place_in_queue(self, connection: Connection, one: Handover) -> int:
        """1 for whoever is next: how many conversations wait for the same, this one counted."""
        ahead = select(func.count(handovers.c.conversation_id.distinct())).where(
            handovers.c.state == "waiting",
            handovers.c.reason == one.reason,
            handovers.c.id < one.id,
            handovers.c.conversation_id != one.conversation_id,
        )
        return int(connection.execute(ahead).scalar_one()) + 1

    @reads
    def of_citizen(self, connection: Connection, conversation_id: str) -> list[Handover]:
        """The hand-overs of this conversation or of others by the same phone number, newest first."""
        contact_id = select(conversations.c.contact_id).where(conversations.c.id == conversation_id).scalar_subquery()
        query = (
            select(handovers)
            .join(conversations, conversations.c.id == handovers.c.conversation_id)
            .where((handovers.c.conversation_id == conversation_id) | (conversations.c.contact_id == contact_id))
        )
        return [_handover(row) for row in connection.execute(query.order_by(handovers.c.id.desc()).limit(50))]


def _handover(row: Row[Any]) -> Handover:
    return Handover(**{item.name: getattr(row, item.name) for item in fields(Handover)})
