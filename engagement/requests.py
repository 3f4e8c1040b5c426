"""Service requests: written before the back office is called, sent once, told once."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from engagement.database import Database, reads, writes
from engagement.tables import conversations, requests
from engagement.values import Request
from hearback.clock import Clock

LEASE = timedelta(seconds=60)


class Requests:
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
    ) -> tuple[Request, bool]:
        """Write a request down under its key; the same key again gives the first one back and False."""
        now = self._clock.now()
        added = connection.execute(
            self._database.insert(requests)
            .values(
                key=key, conversation_id=conversation_id, service_code=service_code, service_name=service_name, report=report,
                    contact_id=contact_id, updates=updates,
                state="sending", attempts=1, due_at=now + LEASE, created_at=now, updated_at=now,
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(requests.c.id)
        )  # fmt: skip
        new = added.one_or_none() is not None
        row = (connection.execute(_all().where(requests.c.key == key))).one()
        return _request(row), new

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
    ) -> None:
        """Write down that the citizen joins a report that the back office has already: nothing of it is ever sent."""
        now = self._clock.now()
        connection.execute(
            self._database.insert(requests)
            .values(
                key=key, conversation_id=conversation_id, service_code=service_code, service_name=service_name, report=report,
                    contact_id=contact_id, updates=updates, followed=True, reference=reference,
                state="sent", status="open", attempts=0, told_at=now, created_at=now, updated_at=now,
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )  # fmt: skip

    @writes
    def take_due(self, connection: Connection, limit: int = 20) -> list[Request]:
        """Requests that wait to be sent, or whose sender died on the way; each is taken for a minute by the caller."""
        now = self._clock.now()
        rows = (
            connection.execute(
                _all().where(requests.c.state.in_(("kept", "sending")), requests.c.due_at <= now).order_by(requests.c.id).limit(limit)
            )
        ).all()
        if rows:
            connection.execute(
                update(requests)
                .where(requests.c.id.in_([row.id for row in rows]))
                .values(state="sending", attempts=requests.c.attempts + 1, due_at=now + LEASE)
            )
        return [_request(row) for row in rows]

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
    ) -> None:
        """The back office has the request; `told` when the citizen hears the reference in the same breath."""
        change: dict[str, Any] = {
            "state": "sent", "reference": reference, "token": token, "service_notice": service_notice, "status": "open", "due_at": None,
            "error": None,
        }  # fmt: skip
        if agency:
            change["agency_responsible"] = agency
        if told:
            change["told_at"] = self._clock.now()
        self._change(connection, key, **change)

    @writes
    def keep(self, connection: Connection, key: str, *, after: timedelta, error: str) -> None:
        """The back office did not take it now; it is sent later."""
        self._change(connection, key, state="kept", due_at=self._clock.now() + after, error=error)

    @writes
    def refuse(self, connection: Connection, key: str, *, error: str) -> None:
        """The back office will not take it as it is: a person must look."""
        self._change(connection, key, state="refused", due_at=None, error=error)

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

    @writes
    def told(self, connection: Connection, key: str) -> None:
        self._change(connection, key, told_at=self._clock.now())

    @reads
    def untold(self, connection: Connection) -> list[Request]:
        """Requests that the back office has and whose citizen has not heard the reference."""
        query = _all().where(requests.c.state == "sent", requests.c.told_at.is_(None), requests.c.reference.is_not(None))
        return [_request(row) for row in connection.execute(query)]

    @writes
    def noticed(
        self,
        connection: Connection,
        key: str,
        *,
        status: str,
        status_notes: str | None,
        agency: str | None,
        declared_at: datetime | None,
        expected_at: datetime | None,
    ) -> None:
        """What the back office says of the request now."""
        self._change(
            connection,
            key,
            status=status,
            status_notes=status_notes,
            agency_responsible=agency,
            declared_at=declared_at,
            expected_at=expected_at,
        )

    @reads
    def of_conversation(self, connection: Connection, conversation_id: str) -> list[Request]:
        """The requests raised in a conversation, newest first."""
        query = _all().where(requests.c.conversation_id == conversation_id).order_by(requests.c.id.desc())
        return [_request(row) for row in connection.execute(query)]

    @reads
    def of_citizen(self, connection: Connection, conversation_id: str) -> list[Request]:
        """The requests raised in this conversation or in others by the same phone number, newest first."""
        contact_id = select(conversations.c.contact_id).where(conversations.c.id == conversation_id).scalar_subquery()
        query = _all().where((requests.c.conversation_id == conversation_id) | (conversations.c.contact_id == contact_id))
        return [_request(row) for row in connection.execute(query.order_by(requests.c.id.desc()).limit(20))]

    @reads
    def by_reference(self, connection: Connection, reference: str) -> Request | None:
        row = (connection.execute(_all().where(requests.c.reference == reference).limit(1))).one_or_none()
        return _request(row) if row else None

    def _change(self, connection: Connection, key: str, **change: Any) -> None:
        connection.execute(update(requests).where(requests.c.key == key).values(updated_at=self._clock.now(), **change))


def _all() -> Select[Any]:
    return select(requests, conversations.c.channel).join(conversations, conversations.c.id == requests.c.conversation_id)


def _request(row: Row[Any]) -> Request:
    return Request(**{item.name: getattr(row, item.name) for item in fields(Request)})
