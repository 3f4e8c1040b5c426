"""Hand-overs: what waits for a person, in which order, and what the citizen left with it. A citizen quotes one as "C-000123"."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from engagement.charges import charge_staff
from engagement.database import Database, reads, writes
from engagement.outcome_events import OutcomeRows
from engagement.tables import claims, conversations, handovers, outcomes, requests
from engagement.values import Handover
from hearback.clock import Clock
from hearback.teams import teams

NOT_ASKED = ("report_danger", "outcome_fixed", "outcome_partly", "outcome_not_fixed", "outcome_support")  # what else asks after


def dispute_key(outcome_id: int) -> str:
    """The key of the hand-over about a "no"."""
    return f"outcome:{outcome_id}"


def disputed(key: str) -> int | None:
    """The outcome that a hand-over is about."""
    kind, _, number = key.partition(":")
    return int(number) if kind == "outcome" and number.isdecimal() else None


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
        """Ask for a person; the same key again gives the first hand-over back and False. `details` are for staff to read.

        The conversation waits for a person then, but not with a "no" (see `dispute_key`): whoever acts on that does so elsewhere.
        """
        now = self._clock.now()
        added = connection.execute(
            self._database.insert(handovers)
            .values(
                key=key, conversation_id=conversation_id, reason=reason, priority=priority, state="waiting", created_at=now,
                contact_id=contact_id, details=details, team=self._team(connection, conversation_id, reason),
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(handovers.c.id)
        )  # fmt: skip
        new = added.one_or_none() is not None
        if new and disputed(key) is None:
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id, conversations.c.state == "open")
                .values(state="waiting", updated_at=now)
            )
        row = connection.execute(select(handovers).where(handovers.c.key == key)).one()
        return _handover(row), new

    def _team(self, connection: Connection, conversation_id: str, reason: str) -> str:
        """Who is to answer: by the reason, or by what was reported last in this conversation."""
        ours = select(requests.c.service_code).where(requests.c.conversation_id == conversation_id)
        reported = connection.execute(ours.order_by(requests.c.id.desc()).limit(1)).scalar_one_or_none()
        return teams().for_what(reason, reported).key

    @writes
    def add(self, connection: Connection, key: str, *, contact_id: int | None, details: dict[str, Any]) -> None:
        """What the citizen said later to a hand-over."""
        connection.execute(update(handovers).where(handovers.c.key == key).values(contact_id=contact_id, details=details))

    @writes
    def close(self, connection: Connection, handover_id: int, *, staff_id: int, minutes: float, note: str | None = None) -> bool:
        """A colleague has done it, in so many minutes; False where it was closed before.

        Whether it helped is asked when `outcomes.yml` says. The clock of a "no" that the hand-over was about ends with it.
        """
        return self.closed(connection, handover_id, staff_id=staff_id, minutes=minutes, note=note)

    def closed(
        self, connection: Connection, handover_id: int, *, staff_id: int, minutes: float, note: str | None, result: str | None = None
    ) -> bool:
        """See `close`, in a transaction that is open already; `result` is what came of it."""
        now = self._clock.now()
        ours = (handovers.c.id == handover_id) & (handovers.c.state != "closed")
        done = {"state": "closed", "closed_at": now, "staff_id": staff_id, "minutes": minutes, "note": note or None, "result": result}
        if connection.execute(update(handovers).where(ours).values(**done)).rowcount == 0:
            return False
        row = connection.execute(
            select(handovers, conversations.c.channel)
            .join(conversations, conversations.c.id == handovers.c.conversation_id)
            .where(handovers.c.id == handover_id)
        ).one()
        charge_staff(connection, row.conversation_id, minutes)
        open_ones = (handovers.c.conversation_id == row.conversation_id) & (handovers.c.state != "closed")
        if connection.execute(select(handovers.c.id).where(open_ones).limit(1)).first() is None:
            held = claims.c.conversation_id == row.conversation_id, claims.c.ended_at.is_(None)
            ours_still = connection.execute(select(claims.c.id).where(*held)).first() is not None
            back = ("waiting",) if ours_still else ("waiting", "with_staff")  # whoever talks with the citizen goes on
            free = (conversations.c.id == row.conversation_id) & conversations.c.state.in_(back)
            connection.execute(update(conversations).where(free).values(state="open", updated_at=now))
        earlier = connection.execute(select(outcomes).where(outcomes.c.handover_id == handover_id)).all()
        about = connection.execute(select(outcomes).where(outcomes.c.id == disputed(row.key))).all()
        for one in (*earlier, *about):
            if one.act_by is not None and one.settled_at is None:
                self._change(connection, one.id, now, settled_at=now)
                self._event(connection, one.id, key=f"{one.id}:settled", at=now, fact="settled", source="staff")
        if row.reason not in NOT_ASKED and result != "no_answer":
            number = len(earlier) + 1
            self._begin_declared(
                connection, key=f"handover:{row.key}" + (f":{number}" if earlier else ""), subject="handover", round=number,
                conversation_id=row.conversation_id, channel=row.channel, task=row.reason, handover_id=handover_id, handled_by="staff",
            )  # fmt: skip
        return True

    @writes
    def reopen(self, connection: Connection, handover_id: int) -> Handover:
        """The citizen says that it did not help: it waits again."""
        now = self._clock.now()
        closed = (handovers.c.id == handover_id) & (handovers.c.state == "closed")
        again = connection.execute(
            update(handovers).where(closed).values(state="waiting", closed_at=None, staff_id=None, told_at=None)
        ).rowcount
        row = connection.execute(select(handovers).where(handovers.c.id == handover_id)).one()
        if again:
            still_open = (conversations.c.id == row.conversation_id) & (conversations.c.state == "open")
            connection.execute(update(conversations).where(still_open).values(state="waiting", updated_at=now))
        return _handover(row)

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
