"""Phone numbers and e-mail addresses: each is kept once, encrypted beside its keyed pseudonym."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from engagement.database import Database
from engagement.tables import contacts, conversations, mentions, messages
from hearback.clock import Clock
from hearback.keys import Keys


def contact_id(connection: Connection, database: Database, keys: Keys, kind: str, value: str, now: datetime) -> int:
    """The id of a phone number (E.164) or an e-mail address, which is written down at its first sight."""
    pseudonym = keys.pseudonym(value)
    known = select(contacts.c.id, contacts.c.encrypted).where(contacts.c.kind == kind, contacts.c.pseudonym == pseudonym)
    if (found := connection.execute(known).one_or_none()) is not None:
        if not found.encrypted:  # erased, but for the STOP; now they give it anew
            connection.execute(update(contacts).where(contacts.c.id == found.id).values(encrypted=keys.encrypt(value)))
        return int(found.id)
    added = connection.execute(
        database.insert(contacts)
        .values(kind=kind, pseudonym=pseudonym, encrypted=keys.encrypt(value), created_at=now)
        .on_conflict_do_update(index_elements=["kind", "pseudonym"], set_={"pseudonym": pseudonym})
        .returning(contacts.c.id)
    )
    return int(added.scalar_one())


def mention(connection: Connection, contact_ids: Collection[int], message_id: int, conversation_id: str) -> None:
    """Write down whose number or address stands in a message."""
    if not contact_ids:
        return
    known = set(connection.execute(select(mentions.c.contact_id).where(mentions.c.message_id == message_id)).scalars())
    if new := set(contact_ids) - known:
        rows = [{"contact_id": one, "message_id": message_id, "conversation_id": conversation_id} for one in sorted(new)]
        connection.execute(mentions.insert(), rows)


class Contacts:
    """Who wishes no texts."""

    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        self._database, self._clock, self._keys = database, clock, keys

    def _contact(self, connection: Connection, kind: str, value: str, now: datetime) -> int:
        """The id of a phone number or e-mail address, which is kept encrypted beside its keyed pseudonym."""
        return contact_id(connection, self._database, self._keys, kind, value, now)

    def _stopped(self, connection: Connection, contact_id: int | None) -> bool:
        stopped = select(contacts.c.stopped_at).where(contacts.c.id == contact_id)
        return connection.execute(stopped).scalar_one_or_none() is not None

    def _opt(self, connection: Connection, opted: str, contact_id: int, now: datetime) -> None:
        """Nothing more goes to this citizen, or from now on it does; what waited to be sent until now never goes.

        START of a citizen who never stopped changes nothing: their answers still go.
        """
        if opted == "START" and not self._stopped(connection, contact_id):
            return
        connection.execute(update(contacts).where(contacts.c.id == contact_id).values(stopped_at=now if opted == "STOP" else None))
        theirs = select(conversations.c.id).where(conversations.c.contact_id == contact_id)
        connection.execute(
            update(messages)
            .where(messages.c.conversation_id.in_(theirs), messages.c.state == "queued")
            .values(state="failed", error="stopped", due_at=None, state_at=now)
        )
