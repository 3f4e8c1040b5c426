"""One citizen: whoever a phone number, an e-mail address, a reference or a conversation leads to, and what is held of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from engagement.database import Database, reads, writes
from engagement.privacy.links import OWN, contacts_of, conversations_of, holds_on
from engagement.privacy.places import Place, places
from engagement.tables import audit, contacts, conversations, handovers, messages, photos, requests
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.personal import CASE, EMAIL, find, shown

CONVERSATION = re.compile(r"[0-9a-f]{32}")
MOST = 2000  # conversations of one citizen


class Several(Exception):
    """A reference that several citizens follow and nobody here reported: it does not say who is meant."""


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A conversation of the citizen. `how`: writes, code, request, handover, mail, mentioned (only typed in it), or asked (named)."""

    id: str
    channel: str
    state: str
    created_at: datetime
    updated_at: datetime
    how: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A number or address; `value` is masked unless the whole was asked for, and empty where only the pseudonym is left."""

    id: int
    kind: str
    value: str = field(repr=False)
    stopped: bool
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Holding:
    """How many rows of a table there are of the citizen, and from when to when."""

    table: str
    count: int
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """`name` finds the same citizen again without saying who it is: "contact:12" or "conversation:ab…"."""

    name: str
    contacts: tuple[Contact, ...]
    chats: tuple[Chat, ...]
    holdings: tuple[Holding, ...]
    references: tuple[tuple[str, str, str], ...]  # of the council's own systems: reference, service, agency
    texts: int  # that Twilio carried
    photos: tuple[str, ...]
    holds: tuple[int, ...]
    unsent: int  # requests that are still on their way to the back office

    @property
    def conversation_ids(self) -> tuple[str, ...]:
        return tuple(chat.id for chat in self.chats)

    @property
    def contact_ids(self) -> tuple[int, ...]:
        return tuple(contact.id for contact in self.contacts)


def kind_of(value: str) -> str:
    """What somebody gave to find a citizen by: phone, email, reference or conversation."""
    value = value.strip()
    if EMAIL.fullmatch(value):
        return "email"
    if CONVERSATION.fullmatch(value):
        return "conversation"
    return "phone" if any(one.kind == "phone" and one.end - one.start >= len(value) for one in find(value)) else "reference"


class Subjects:
    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        self._database, self._clock, self._keys = database, clock, keys

    @reads
    def find(self, connection: Connection, kind: str, value: str) -> str | None:
        """The name of the citizen that a `phone`, `email`, `reference` or `conversation` leads to; None where nothing is held.

        Raises Several where a reference does not say who is meant.
        """
        value = value.strip()
        if kind in ("phone", "email"):
            return self._contact(connection, kind, value)
        if kind == "reference":
            return self._reference(connection, value)
        known = connection.execute(select(conversations.c.id).where(conversations.c.id == value)).scalar_one_or_none()
        return f"conversation:{known}" if known else None

    def _contact(self, connection: Connection, kind: str, value: str) -> str | None:
        written = value.lower() if kind == "email" else next((one.value for one in find(value) if one.kind == kind), value)
        known = (contacts.c.kind == kind) & (contacts.c.pseudonym == self._keys.pseudonym(written))
        id = connection.execute(select(contacts.c.id).where(known)).scalar_one_or_none()
        return f"contact:{id}" if id is not None else None

    def _reference(self, connection: Connection, value: str) -> str | None:
        if case := CASE.fullmatch(value):
            whose = select(handovers.c.conversation_id).where(handovers.c.id == int(case[1]))
            id = connection.execute(whose).scalar_one_or_none()
            return f"conversation:{id}" if id else None
        same = requests.c.reference.in_({value, value.upper(), value.lower()})
        rows = connection.execute(select(requests.c.conversation_id, requests.c.followed).where(same)).all()
        reported = {row.conversation_id for row in rows if not row.followed} or {row.conversation_id for row in rows}
        if len(reported) > 1:
            raise Several
        return f"conversation:{reported.pop()}" if reported else None

    @reads
    def of(self, connection: Connection, name: str, *, whole: bool = False) -> Subject | None:
        """Everything that is held of a citizen; `whole` shows numbers and addresses in full."""
        kind, _, id = name.partition(":")
        named = {id} if kind == "conversation" else set()
        known = contacts.c.id == int(id) if kind == "contact" and id.isdecimal() else None
        theirs = {int(id)} if known is not None and connection.execute(select(contacts.c.id).where(known)).first() else set()
        theirs, links = self._all_of(connection, theirs, named)
        chats = self._chats(connection, links)
        if not chats and not theirs:
            return None
        ids = {chat.id for chat in chats}
        sent = (messages.c.conversation_id.in_(ids)) & (messages.c.channel != "web")
        waits = requests.c.conversation_id.in_(ids) & requests.c.state.in_(("kept", "sending"))
        return Subject(
            name=name,
            contacts=self._contacts(connection, theirs, whole),
            chats=chats,
            holdings=tuple(self._held(connection, place, ids, theirs) for place in places()),
            references=self._references(connection, ids),
            texts=int(connection.execute(select(func.count()).where(sent)).scalar_one()),
            photos=tuple(connection.execute(select(photos.c.id).where(photos.c.conversation_id.in_(ids)).order_by(photos.c.id)).scalars()),
            holds=tuple(holds_on(connection, ids, theirs)),
            unsent=int(connection.execute(select(func.count()).where(waits)).scalar_one()),
        )

    @reads
    def rows(self, connection: Connection, subject: Subject, spared: Iterable[str] = ()) -> dict[str, list[dict[str, Any]]]:
        """The rows of every table of the citizen as they may have them: no secrets, staff by their role, nobody else's data."""
        ids = set(subject.conversation_ids) - set(spared)
        found = {}
        for place in places():
            query = place.rows(ids, set(subject.contact_ids))
            found[place.name] = [place.shown(dict(row._mapping), self._keys) for row in connection.execute(query)]
        return found

    @writes
    def exported(self, connection: Connection, name: str, *, staff_id: int | None) -> None:
        """Write into the audit, before it is made, that a copy of a citizen's data is."""
        entry = {"at": self._clock.now(), "staff_id": staff_id, "action": "exported_citizen", "subject": name.removeprefix("conversation:")}
        connection.execute(audit.insert().values(**entry))

    def _all_of(self, connection: Connection, theirs: set[int], named: set[str]) -> tuple[set[int], dict[str, set[str]]]:
        """What belongs together: the numbers and addresses that were given in a citizen's conversations, and the conversations of those.

        A conversation in which a number was only typed, or to prove which a code was sent, leads no further: it may be another's.
        """
        while True:
            links = conversations_of(connection, theirs) if theirs else {}
            links |= {one: links.get(one, set()) | {"asked"} for one in named}
            own = {one for one, how in links.items() if how & {*OWN, "asked"}}
            more = contacts_of(connection, own) - theirs
            if not more or len(links) > MOST:
                return theirs, links
            theirs |= more

    def _chats(self, connection: Connection, how: dict[str, set[str]]) -> tuple[Chat, ...]:
        columns = [conversations.c[name] for name in ("id", "channel", "state", "created_at", "updated_at")]
        query = select(*columns).where(conversations.c.id.in_(how)).order_by(conversations.c.created_at).limit(MOST)
        return tuple(Chat(**row._mapping, how=tuple(sorted(how[row.id]))) for row in connection.execute(query))

    def _contacts(self, connection: Connection, ids: set[int], whole: bool) -> tuple[Contact, ...]:
        found = []
        for row in connection.execute(select(contacts).where(contacts.c.id.in_(ids)).order_by(contacts.c.id)):
            value = self._keys.decrypt(row.encrypted) if row.encrypted else ""
            value = value if whole or not value else shown(row.kind, value)
            stopped = row.stopped_at is not None
            found.append(Contact(id=row.id, kind=row.kind, value=value, stopped=stopped, created_at=row.created_at))
        return tuple(found)

    def _held(self, connection: Connection, place: Place, ids: set[str], theirs: set[int]) -> Holding:
        rows = place.rows(ids, theirs).subquery()
        dates = [func.min(rows.c[place.date]), func.max(rows.c[place.date])] if place.date else []
        count, *period = connection.execute(select(func.count(), *dates).select_from(rows)).one()
        return Holding(table=place.name, count=int(count), **dict(zip(("first", "last"), period, strict=False)))

    def _references(self, connection: Connection, ids: set[str]) -> tuple[tuple[str, str, str], ...]:
        own = requests.c.conversation_id.in_(ids) & requests.c.reference.is_not(None)
        query = select(requests.c.reference, requests.c.service_name, requests.c.agency_responsible).where(own).order_by(requests.c.id)
        return tuple((row.reference, row.service_name, row.agency_responsible or "") for row in connection.execute(query))
