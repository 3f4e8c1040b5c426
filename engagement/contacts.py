"""Phone numbers and e-mail addresses: each is kept once, encrypted beside its keyed pseudonym."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from engagement.database import Database
from engagement.tables import contacts
from hearback.keys import Keys


def contact_id(connection: Connection, database: Database, keys: Keys, kind: str, value: str, now: datetime) -> int:
    """The id of a phone number (E.164) or an e-mail address, which is written down at its first sight."""
    pseudonym = keys.pseudonym(value)
    known = connection.execute(select(contacts.c.id).where(contacts.c.kind == kind, contacts.c.pseudonym == pseudonym))
    if (found := known.scalar_one_or_none()) is not None:
        return int(found)
    added = connection.execute(
        database.insert(contacts)
        .values(kind=kind, pseudonym=pseudonym, encrypted=keys.encrypt(value), created_at=now)
        .on_conflict_do_update(index_elements=["kind", "pseudonym"], set_={"pseudonym": pseudonym})
        .returning(contacts.c.id)
    )
    return int(added.scalar_one())
