"""What service teams read: lists of conversations and requests, and one conversation whole."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, literal, select, tuple_

from engagement import worth
from engagement.database import Database, LogUnavailable, reads
from engagement.filters import SETS, STATES, Filter, conditions
from engagement.remarks import Remarks
from engagement.review_requests import RequestReview
from engagement.search import Hits, citizen_in, search
from engagement.tables import Utc, contacts, conversations, handovers, messages, requests, staff
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.personal import shown

__all__ = ["Count", "Filter", "Listed", "Review"]
MOST = 10_000  # conversations are counted, and shown page by page, up to here
WALK = "INDEXED BY ix_conversations_glance"
# SQLite's planner holds all states for equally common.
OF_STATE = {
    **dict.fromkeys(("waiting", "with_staff"), "INDEXED BY ix_conversations_state_updated_at"),
    "unanswered": "INDEXED BY ix_conversations_unanswered",
    "undelivered": "INDEXED BY ix_conversations_undelivered",
}
CHOICES_LAST = 180.0  # seconds
_newest = (conversations.c.updated_at.desc(), conversations.c.id.desc())
_place = tuple_(conversations.c.updated_at, conversations.c.id)


class Count(NamedTuple):
    """How many there are; `more`: at least so many."""

    number: int
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One line of the conversations list."""

    id: str
    channel: str
    state: str
    created_at: datetime
    updated_at: datetime
    messages: int
    unanswered: int
    undelivered: int  # texts that did not reach the citizen
    first_words: str | None
    last_intent: str | None
    references: tuple[str, ...] = ()
    waiting_for: str | None = None
    waiting_since: datetime | None = None
    language: str = "en"
    tasks: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    rating: int | None = None
    lowest_confidence: float | None = None
    lowest_margin: float | None = None
    why: tuple[str, ...] = ()  # why it is worth a look; see engagement/worth.py
    looked_at: datetime | None = None


class Review(RequestReview, Remarks):
    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database, self._keys, self._clock = database, keys, clock
        self._choices: tuple[float, dict[str, dict[str, str]]] | None = None
        self._looking: asyncio.Task[None] | None = None

    @reads
    def conversations(self, connection: Connection, wanted: Filter) -> tuple[list[Listed], Count]:
        """A page of conversations, newest first or by their worth, and how many there are in all."""
        query, hits = self._query(connection, wanted)
        # One walk gives both: whatever fits, as far as it is counted, and this page of it.
        fits = query.limit(MOST + 1).cte("fits").prefix_with("MATERIALIZED", dialect="postgresql")
        order = [fits.c[name].desc() for name in ("points", "updated_at", "id") if name in fits.c]
        number = select(func.count()).select_from(fits).scalar_subquery()
        here = select(fits.c.id, number.label("number")).order_by(*order).limit(wanted.per_page)
        rows = connection.execute(here.offset((max(wanted.page, 1) - 1) * wanted.per_page)).all()
        found = rows[0].number if rows else connection.execute(select(number)).scalar_one() if wanted.page > 1 else 0
        return self._listed(connection, [row.id for row in rows]), Count(min(found, MOST), more=found > MOST or hits.more)

    @reads
    def batch(self, connection: Connection, wanted: Filter, after: Listed | None) -> list[Listed]:
        """The conversations that come after one of the list, as many as `per_page`, however long the list is."""
        query, _ = self._query(connection, wanted)
        if wanted.state == "worth":
            return self._listed(connection, connection.execute(query).scalars().all()) if after is None else []
        if after is not None:
            query = query.where(_place < _at(after.updated_at, after.id))
        return self._listed(connection, connection.execute(query.limit(wanted.per_page)).scalars().all())

    @reads
    def neighbours(self, connection: Connection, wanted: Filter, conversation_id: str) -> tuple[str | None, str | None]:
        """The conversations before and after one in the list."""
        query, _ = self._query(connection, wanted)
        if wanted.state == "worth":
            ids: Sequence[str] = connection.execute(query).scalars().all()
            if conversation_id not in ids:  # it was looked at just now: what is next is at the top
                return None, next(iter(ids), None)
            place = ids.index(conversation_id)
            return (ids[place - 1] if place else None), (ids[place + 1] if place + 1 < len(ids) else None)
        row = connection.execute(select(conversations.c.updated_at).where(conversations.c.id == conversation_id)).one_or_none()
        if row is None:
            return None, None
        here = _at(row.updated_at, conversation_id)
        oldest = (conversations.c.updated_at, conversations.c.id)
        before = query.where(_place > here).order_by(None).order_by(*oldest)
        after = query.where(_place < here)
        return connection.execute(before.limit(1)).scalar_one_or_none(), connection.execute(after.limit(1)).scalar_one_or_none()

    def _query(self, connection: Connection, wanted: Filter) -> tuple[Select[Any], Hits]:
        """The ids of the conversations wanted, in their order, and what the words found."""
        fits, hits, now = conditions(wanted), Hits(ids=frozenset()), self._clock.now()
        query = select(conversations.c.id, conversations.c.updated_at)
        if wanted.text:
            hits = search(connection, wanted.text, until=wanted.until, narrow=wanted.narrow)
            fits.append(conversations.c.id.in_(hits.ids))
        elif wanted.citizen is None and wanted.behind is None:
            query = query.with_hint(conversations, OF_STATE.get(wanted.state or "", WALK), "sqlite")
        if wanted.state != "worth":
            return query.where(*fits).order_by(*_newest), hits
        candidates = (
            query.add_columns(worth.points(now).label("points"))
            .where(*fits, *worth.waits(now))
            .order_by(*_newest)
            .limit(worth.CANDIDATES)
            .subquery()
        )
        order = (candidates.c.points.desc(), candidates.c.updated_at.desc(), candidates.c.id.desc())
        return select(candidates).order_by(*order), hits

    @reads
    def conversation(self, connection: Connection, conversation_id: str) -> Listed | None:
        """One conversation as the list shows it."""
        return next(iter(self._listed(connection, [conversation_id])), None)

    @reads
    def states(self, connection: Connection) -> dict[str, Count]:
        """How many conversations there are in each state, with a message that nobody answered, with a text that did not arrive."""
        counts = []
        for name in (*STATES, "unanswered", "undelivered"):
            hint = OF_STATE.get(name, "INDEXED BY ix_conversations_state_updated_at")
            some = select(conversations.c.updated_at).where(*conditions(Filter(state=name))).with_hint(conversations, hint, "sqlite")
            counts.append(select(func.count()).select_from(some.limit(MOST + 1).subquery()).scalar_subquery().label(name))
        row = connection.execute(select(*counts)).one()
        return {name: Count(min(number, MOST), more=number > MOST) for name, number in row._mapping.items()}

    @reads
    def citizen(self, connection: Connection, typed: str) -> int | None:
        """The citizen whose number or address was typed: the contact's id, 0 where we know none; None where none was typed."""
        return citizen_in(connection, self._keys, typed)

    async def choices(self) -> dict[str, dict[str, str]]:
        """What the filters that are no fixed lists may be, with their names: service, partner, task, reason, language.

        Looked up anew every few minutes, while the page that asks shows what was known.
        """
        if self._choices is None:
            self._choices = time.monotonic(), await self._seen()
        elif time.monotonic() - self._choices[0] > CHOICES_LAST and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look_again())
        return self._choices[1]

    async def _look_again(self) -> None:
        with contextlib.suppress(LogUnavailable):
            self._choices = time.monotonic(), await self._seen()

    async def close(self) -> None:
        """End what goes on behind a page."""
        if self._looking is not None:
            await asyncio.wait({self._looking})

    @reads
    def _seen(self, connection: Connection) -> dict[str, dict[str, str]]:
        seen: dict[str, dict[str, str]] = {}
        for name in ("task", "service", "partner", "reason"):
            column = conversations.c[SETS[name]]
            rows = connection.execute(select(column).distinct().with_hint(conversations, WALK, "sqlite"))
            seen[name] = {word: word for word in sorted({word for row in rows for word in _words(row[0])})}
        for code in seen["service"]:
            named = select(requests.c.service_name).where(requests.c.service_code == code).limit(1)
            seen["service"][code] = connection.execute(named).scalar_one_or_none() or code
        spoken = connection.execute(select(conversations.c.language).distinct().with_hint(conversations, WALK, "sqlite"))
        return {**seen, "language": {word: word for word in sorted(spoken.scalars())}}

    def _listed(self, connection: Connection, ids: Sequence[str]) -> list[Listed]:
        if not ids:
            return []
        of, why = conversations.c, worth.reasons(self._clock.now())
        said = messages.c.conversation_id == of.id, messages.c.author == "citizen"
        first = select(messages.c.text).where(*said).order_by(messages.c.id).limit(1).scalar_subquery()
        query = select(conversations, first.label("first_words"), *(condition.label(f"why_{name}") for name, (_, condition) in why.items()))
        rows = {row.id: row for row in connection.execute(query.where(of.id.in_(ids)))}
        about = self._about(connection, ids)
        return [
            Listed(
                id=row.id, channel=row.channel, state=row.state, created_at=row.created_at, updated_at=row.updated_at,
                messages=row.message_count, unanswered=row.unanswered, undelivered=row.undelivered, first_words=row.first_words,
                last_intent=row.last_intent, language=row.language, tasks=_words(row.task_names), services=_words(row.services),
                partners=_words(row.partners), outcomes=_words(row.outcome_words), rating=row.rating,
                lowest_confidence=row.lowest_confidence, lowest_margin=row.lowest_margin, looked_at=row.looked_at,
                why=tuple(name for name in why if getattr(row, f"why_{name}")), **about.get(row.id, {}),
            )
            for row in (rows[one] for one in ids if one in rows)
        ]  # fmt: skip

    def _about(self, connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        about: dict[str, dict[str, Any]] = {}
        raised = connection.execute(
            select(requests.c.conversation_id, requests.c.reference)
            .where(requests.c.conversation_id.in_(ids), requests.c.reference.is_not(None))
            .order_by(requests.c.id)
        )
        for row in raised:
            one = about.setdefault(row.conversation_id, {"references": ()})
            one["references"] += (row.reference,)
        waiting = connection.execute(
            select(handovers.c.conversation_id, handovers.c.reason, handovers.c.created_at)
            .where(handovers.c.conversation_id.in_(ids), handovers.c.state == "waiting")
            .order_by(handovers.c.priority, handovers.c.id.desc())  # the most urgent, then the oldest, has the last word
        )
        for wait in waiting:
            about.setdefault(wait.conversation_id, {}).update(waiting_for=wait.reason, waiting_since=wait.created_at)
        return about

    @reads
    def handovers(self, connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
        """When and why this conversation asked for a person, and where to reach the citizen, masked."""
        rows = connection.execute(
            select(handovers, staff.c.username, contacts.c.kind, contacts.c.encrypted)
            .outerjoin(staff, staff.c.id == handovers.c.staff_id)
            .outerjoin(contacts, contacts.c.id == handovers.c.contact_id)
            .where(handovers.c.conversation_id == conversation_id)
            .order_by(handovers.c.id)
        )
        return [{**row._mapping, "contact": shown(row.kind, self._keys.decrypt(row.encrypted)) if row.encrypted else None} for row in rows]

    @reads
    def phone(self, connection: Connection, conversation_id: str, *, whole: bool = False) -> str | None:
        """The number that the citizen writes from, else the latest that they left with a hand-over; its middle hidden unless `whole`."""
        numbers = select(contacts.c.encrypted).where(contacts.c.kind == "phone").limit(1)
        own = numbers.join(conversations, conversations.c.contact_id == contacts.c.id).where(conversations.c.id == conversation_id)
        left = numbers.join(handovers, handovers.c.contact_id == contacts.c.id).where(handovers.c.conversation_id == conversation_id)
        encrypted = connection.execute(own).scalar_one_or_none()
        if encrypted is None:
            encrypted = connection.execute(left.order_by(handovers.c.id.desc())).scalar_one_or_none()
        if encrypted is None:
            return None
        number = self._keys.decrypt(encrypted)
        return number if whole else f"{number[:3]}{'•' * (len(number) - 6)}{number[-3:]}"


def _words(joined: str) -> tuple[str, ...]:
    """The words of a set that is written "|one|two|"."""
    return tuple(word for word in joined.split("|") if word)


def _at(updated_at: datetime, conversation_id: str) -> Any:
    return tuple_(literal(updated_at, Utc()), literal(conversation_id))
