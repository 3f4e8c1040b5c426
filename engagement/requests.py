"""Service requests: written before the back office is called, sent once, told once."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from engagement.database import Database, reads, writes
from engagement.outcome_events import OutcomeRows
from engagement.places import asked_before, place_key
from engagement.tables import conversations, outcomes, requests
from engagement.values import Request
from hearback.clock import Clock

LEASE = timedelta(seconds=60)
AGAIN = ":again"  # behind an outcome's key: the request that was made because it was disputed


class Requests(OutcomeRows):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @writes
    def open(
        self,
        connection: Connection,
        *,
        key: str,
        conversation_id: str,
        service_code: str,
        service_name: str,
        report: dict[str, Any],
        contact_id: int | None = None,
        updates: bool = False,
        hears: str = "all",
        linked_to: str | None = None,
    ) -> tuple[Request, bool]:
        """Write a request down under its key; the same key again gives the first one back and False."""
        now, place = self._clock.now(), place_key(report)
        before = asked_before(
            connection, service_code=service_code, place=place, contact_id=contact_id, conversation_id=conversation_id, now=now
        )
        added = connection.execute(
            self._database.insert(requests)
            .values(
                key=key, conversation_id=conversation_id, service_code=service_code, service_name=service_name, report=report,
                    contact_id=contact_id, updates=updates, hears=hears, linked_to=linked_to, place_key=place, repeat_of=before,
                state="sending", attempts=1, due_at=now + self._clock.lease(LEASE), created_at=now, updated_at=now,
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(requests.c.id)
        )  # fmt: skip
        new = added.one_or_none() is not None
        row = (connection.execute(all_requests().where(requests.c.key == key))).one()
        return as_request(row), new

    @writes
    def follow(
        self,
        connection: Connection,
        *,
        key: str,
        reference: str,
        conversation_id: str,
        service_code: str,
        service_name: str,
        report: dict[str, Any],
        contact_id: int | None = None,
        updates: bool = False,
        hears: str = "all",
    ) -> None:
        """Write down that the citizen joins a report that the back office has already: nothing of it is ever sent."""
        now, place = self._clock.now(), place_key(report)
        before = asked_before(
            connection, service_code=service_code, place=place, contact_id=contact_id, conversation_id=conversation_id, now=now
        )
        connection.execute(
            self._database.insert(requests)
            .values(
                key=key, conversation_id=conversation_id, service_code=service_code, service_name=service_name, report=report,
                    contact_id=contact_id, updates=updates, hears=hears, followed=True, reference=reference,
                    place_key=place, repeat_of=before,
                state="sent", status="open", progress="open", watch_at=now, attempts=0, told_at=now, created_at=now, updated_at=now,
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )  # fmt: skip
        self._followed(connection, key, now)

    @writes
    def take_due(self, connection: Connection, limit: int = 20) -> list[Request]:
        """Requests that wait to be sent, or whose sender died on the way; each is taken for a minute by the caller."""
        now = self._clock.now()
        rows = (
            connection.execute(
                all_requests()
                .where(requests.c.state.in_(("kept", "sending")), requests.c.due_at <= now)
                .order_by(requests.c.id)
                .limit(limit)
                .with_for_update(of=requests, skip_locked=True)
            )
        ).all()
        if rows:
            connection.execute(
                update(requests)
                .where(requests.c.id.in_([row.id for row in rows]))
                .values(state="sending", attempts=requests.c.attempts + 1, due_at=now + self._clock.lease(LEASE))
            )
        return [as_request(row) for row in rows]

    @writes
    def sent(
        self,
        connection: Connection,
        key: str,
        *,
        reference: str | None,
        token: str | None,
        service_notice: str | None,
        told: bool,
        agency: str | None = None,
        task: str | None = None,
    ) -> None:
        """The back office has the request; `told` when the citizen hears the reference in the same breath.

        From now on it is watched, and its first round has begun. `task` is what the citizen asked for: report_problem, order_bin …
        """
        change: dict[str, Any] = {
            "state": "sent", "reference": reference, "token": token, "service_notice": service_notice, "status": "open", "due_at": None,
            "error": None, "progress": "open", "watch_at": self._clock.now(),
        }  # fmt: skip
        if agency:
            change["agency_responsible"] = agency
        if told:
            change["told_at"] = self._clock.now()
        self._set(connection, key, **change)
        self._followed(connection, key, self._clock.now(), task=task)

    def _followed(self, connection: Connection, key: str, now: datetime, *, task: str | None = None) -> None:
        request = as_request(connection.execute(all_requests().where(requests.c.key == key)).one())
        self._begin_round(connection, request, number=1, now=now, task=task)

    @writes
    def keep(self, connection: Connection, key: str, *, after: timedelta, settles: timedelta = timedelta(0), error: str) -> None:
        """The back office did not take it now; it is sent later, and not before it `settles`, in real time."""
        due_at = self._clock.now() + max(after, self._clock.lease(settles))
        self._set(connection, key, state="kept", due_at=due_at, error=error)

    @writes
    def refuse(self, connection: Connection, key: str, *, error: str) -> None:
        """The back office will not take it as it is: a person must look."""
        self._set(connection, key, state="refused", due_at=None, error=error)

    @writes
    def drop(self, connection: Connection, key: str) -> bool:
        """The citizen takes back what has not been sent yet: it never will be. False when it is under way already."""
        waiting = (requests.c.key == key) & (requests.c.state == "kept")
        dropped = connection.execute(update(requests).where(waiting).values(state="withdrawn", due_at=None, updated_at=self._clock.now()))
        return dropped.rowcount == 1

    @writes
    def withdrawn(self, connection: Connection, reference: str) -> None:
        """The citizen took back what the back office has: it is closed there, and nobody asks whether it was fixed."""
        change = {"state": "withdrawn", "status": "closed", "updated_at": self._clock.now()}
        connection.execute(update(requests).where(requests.c.reference == reference).values(**change))
        unanswered = (outcomes.c.reference == reference) & outcomes.c.state.in_(("open", "waiting", "asked", "reminded", "silent"))
        connection.execute(update(outcomes).where(unanswered).values(state="dropped", due_at=None, updated_at=self._clock.now()))

    @writes
    def told(self, connection: Connection, key: str) -> None:
        self._set(connection, key, told_at=self._clock.now())

    @writes
    def named(self, connection: Connection, key: str, reference: str) -> None:
        """The back office has given a reference for the token that it gave first."""
        self._set(connection, key, reference=reference)
        theirs = select(requests.c.id).where(requests.c.key == key).scalar_subquery()
        connection.execute(update(outcomes).where(outcomes.c.request_id == theirs).values(reference=reference))
        first = outcomes.c.key == key.removesuffix(AGAIN)
        connection.execute(update(outcomes).where(first, outcomes.c.remedy == "linked").values(remedy_reference=reference))

    @reads
    def untold(self, connection: Connection) -> list[Request]:
        """Requests that the back office has and whose citizen has not heard the reference."""
        query = all_requests().where(requests.c.state == "sent", requests.c.told_at.is_(None), requests.c.reference.is_not(None))
        return [as_request(row) for row in connection.execute(query)]

    @reads
    def of_conversation(self, connection: Connection, conversation_id: str) -> list[Request]:
        """The requests raised in a conversation, newest first."""
        query = all_requests().where(requests.c.conversation_id == conversation_id).order_by(requests.c.id.desc())
        return [as_request(row) for row in connection.execute(query)]

    @reads
    def of_citizen(self, connection: Connection, conversation_id: str) -> list[Request]:
        """The requests raised in this conversation or in others by the same phone number, newest first."""
        contact_id = select(conversations.c.contact_id).where(conversations.c.id == conversation_id).scalar_subquery()
        query = all_requests().where((requests.c.conversation_id == conversation_id) | (conversations.c.contact_id == contact_id))
        return [as_request(row) for row in connection.execute(query.order_by(requests.c.id.desc()).limit(20))]

    @reads
    def one(self, connection: Connection, request_id: int) -> Request:
        return as_request(connection.execute(all_requests().where(requests.c.id == request_id)).one())

    @reads
    def by_reference(self, connection: Connection, reference: str) -> Request | None:
        row = (connection.execute(all_requests().where(requests.c.reference == reference).limit(1))).one_or_none()
        return as_request(row) if row else None

    def _set(self, connection: Connection, key: str, **change: Any) -> None:
        connection.execute(update(requests).where(requests.c.key == key).values(updated_at=self._clock.now(), **change))


def all_requests() -> Select[Any]:
    return select(requests, conversations.c.channel).join(conversations, conversations.c.id == requests.c.conversation_id)


def as_request(row: Row[Any]) -> Request:
    return Request(**{item.name: getattr(row, item.name) for item in fields(Request)})
