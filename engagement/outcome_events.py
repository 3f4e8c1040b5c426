"""The history of outcomes: every change of a fact with its time, source and channel; the same news twice is one event."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from engagement.database import Database
from engagement.tables import outcome_events, outcomes
from engagement.values import Outcome, Request
from hearback import asking, back_office
from hearback.clock import Clock

FORGOTTEN = timedelta(days=60)  # nobody is asked about what was done longer ago when we hear of it


class OutcomeRows:
    """What the verbs about outcomes share: reading a row, changing it, writing an event down."""

    _database: Database
    _clock: Clock

    def _begin(self, connection: Connection, *, key: str, now: datetime, **values: Any) -> int | None:
        """Write a new outcome down; None when it stands there already."""
        row = self._database.insert(outcomes).values(key=key, created_at=now, updated_at=now, **values)
        added = connection.execute(row.on_conflict_do_nothing(index_elements=["key"]).returning(outcomes.c.id))
        return added.scalar_one_or_none()

    def _begin_round(self, connection: Connection, request: Request, *, number: int, now: datetime, task: str | None = None) -> int | None:
        """A request's next round: from being sent, or reopened, until the citizen says how it came out."""
        partner, contractor = back_office.partner_of(request.agency_responsible)
        outcome_id = self._begin(
            connection, key=f"request:{request.key}:{number}", now=now, subject="request", round=number,
            conversation_id=request.conversation_id, request_id=request.id, reference=request.reference, channel=request.channel,
            task=task or "report_problem", service_code=request.service_code, service_name=request.service_name, state="open",
            agency_responsible=request.agency_responsible, partner=partner, contractor=contractor, handled_at=now,
            handled_by="bot",
        )  # fmt: skip
        if outcome_id is not None:
            self._event(
                connection,
                outcome_id,
                key=f"{outcome_id}:handled",
                at=now,
                fact="handled",
                value="bot",
                source="bot",
                channel=request.channel,
            )
        return outcome_id

    def _event(self, connection: Connection, outcome_id: int, *, key: str, at: datetime, fact: str, source: str, **more: Any) -> bool:
        """Whether this was news."""
        row = self._database.insert(outcome_events).values(outcome_id=outcome_id, key=key, at=at, fact=fact, source=source, **more)
        added = connection.execute(row.on_conflict_do_nothing(index_elements=["key"]).returning(outcome_events.c.id))
        return added.scalar_one_or_none() is not None

    def _change(self, connection: Connection, outcome_id: int, now: datetime, **change: Any) -> None:
        connection.execute(update(outcomes).where(outcomes.c.id == outcome_id).values(updated_at=now, **change))

    def _latest(self, connection: Connection, request_id: int) -> Row[Any] | None:
        """The round in which a request is."""
        rounds = select(outcomes).where(outcomes.c.request_id == request_id).order_by(outcomes.c.round.desc()).limit(1)
        return connection.execute(rounds).one_or_none()

    def _declare(self, connection: Connection, row: Row[Any], now: datetime, *, word: str, at: datetime, **more: Any) -> None:
        """Done, as the back office or its partner says; where it says so, the citizen is asked when the council's data says."""
        what = row.service_code if row.subject == "request" else row.subject
        fresh = word == "done" and at > now - FORGOTTEN
        ask_at = asking.asking().ask_at(what or row.subject, at) if fresh else None
        question = {"state": "waiting", "due_at": ask_at} if ask_at else {"state": "dropped", "due_at": None}
        if row.state not in ("open", "waiting", "dropped"):
            question = {}  # it was asked, or said unasked
        self._change(connection, row.id, now, declared=word, declared_at=at, **question, **more)

    def _begin_declared(self, connection: Connection, *, key: str, handled_by: str, **values: Any) -> int:
        """An outcome that counts as done from the beginning, such as support that was found; the id of the first one with this key."""
        now = self._clock.now()
        outcome_id = self._begin(connection, key=key, now=now, handled_at=now, handled_by=handled_by, state="open", **values)
        row = connection.execute(select(outcomes).where(outcomes.c.key == key)).one()
        if outcome_id is not None:
            for fact, value in (("handled", handled_by), ("declared", "done")):
                self._event(connection, row.id, key=f"{row.id}:{fact}", at=now, fact=fact, value=value, source=handled_by)
            self._declare(connection, row, now, word="done", at=now)
        return int(row.id)


def read_outcomes() -> Select[Any]:
    return select(outcomes)


def as_outcome(row: Row[Any]) -> Outcome:
    return Outcome(**{item.name: getattr(row, item.name) for item in fields(Outcome)})
