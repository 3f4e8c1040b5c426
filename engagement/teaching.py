"""Examples that colleagues take from what citizens said: proposed by one person, approved by another, taught by a training."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.exc import IntegrityError

from engagement.database import Database, reads, writes
from engagement.staff import Staff
from engagement.tables import conversations, examples, messages, staff, teachings
from engagement.trainings import Trainings
from engagement.turns import as_message
from engagement.values import Message
from hearback.clock import Clock
from hearback.teaching import known
from hearback.teaching.examples import ABOUT, Example, Marked, intents

PAGE = 25
STATES = {"waiting": ("waiting",), "approved": ("approved",), "taught": ("taught",), "refused": ("refused", "gate", "rolled_back")}
OPEN = ("waiting", "approved")
DECIDABLE = ("waiting", "approved", "gate", "rolled_back")  # what a gate refused, or was withdrawn with its model, may be looked at again
LONGEST_REASON = 1000
COUNTED_TO = 1000
MAY_APPROVE = ("approver", "admin")
Row = dict[str, Any]


class TeachingRefused(Exception):
    """What may not be taught, or not by this person. `why`: gone, open, own, role, state, running, held_out, label, reason, empty."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Teaching(Trainings):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @reads
    def message(self, connection: Connection, message_id: int) -> tuple[Message, str] | None:
        """A citizen's message that says something, and its language; None where there is none."""
        found = connection.execute(
            select(messages, conversations.c.language)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(messages.c.id == message_id, messages.c.author == "citizen", messages.c.text != "")
        ).one_or_none()
        if found is None:
            return None
        return as_message(found), str((found.understanding or {}).get("language") or found.language)

    async def propose(self, person: Staff, message_id: int, example: Example, *, redacted: Mapping[str, int]) -> int:
        """Put an example before a second person; returns its id. Raises TeachingRefused."""
        _check_label(example)
        try:
            return await self._propose(person, message_id, example, redacted)
        except IntegrityError:
            raise TeachingRefused("open") from None

    @writes
    def _propose(self, connection: Connection, person: Staff, message_id: int, example: Example, redacted: Mapping[str, int]) -> int:
        said = connection.execute(
            select(messages.c.intent, messages.c.confidence, messages.c.understanding).where(
                messages.c.id == message_id, messages.c.author == "citizen", messages.c.text != ""
            )
        ).one_or_none()
        if said is None:
            raise TeachingRefused("gone")
        if connection.execute(select(examples.c.id).where(examples.c.message_id == message_id, examples.c.state.in_(OPEN))).first():
            raise TeachingRefused("open")
        understood = said.understanding or {}
        heard = {"intent": said.intent, "confidence": said.confidence}
        heard |= {name: understood.get(name) or [] for name in ("intents", "services")}
        added = connection.execute(
            examples.insert()
            .values(
                message_id=message_id, state="waiting", text=example.text, intent=example.intent, about=example.about,
                marked=_as_rows(example.marked), heard=heard, redacted=dict(redacted), proposed_by=person.id, proposed_at=self._clock.now(),
            )
            .returning(examples.c.id)
        )  # fmt: skip
        return int(added.scalar_one())

    async def decide(self, person: Staff, example_id: int, *, approve: bool, reason: str = "") -> None:
        """A second person's word on an example; raises TeachingRefused. A no needs its reason."""
        held_out = await asyncio.to_thread(known.held_out)
        await self._decide(person, example_id, approve, reason.strip(), held_out)

    @writes
    def _decide(
        self, connection: Connection, person: Staff, example_id: int, approve: bool, reason: str, held_out: Mapping[str, Collection[str]]
    ) -> None:
        row = self._for_decision(connection, person, example_id)
        if len(reason) > LONGEST_REASON or (not approve and not reason):
            raise TeachingRefused("reason")
        if approve and row.state == "approved":
            raise TeachingRefused("state")
        if approve and known.is_held_out(row.text, held_out):
            raise TeachingRefused("held_out")
        now, state = self._clock.now(), "approved" if approve else "refused"
        change = dict(state=state, decided_by=person.id, decided_at=now, reason=reason or None)
        connection.execute(update(examples).where(examples.c.id == example_id).values(**change))

    @writes
    def correct(self, connection: Connection, person: Staff, example_id: int, *, intent: str, about: str | None) -> None:
        """Put another label on an example; then it waits for another second person. Raises TeachingRefused."""
        row = self._for_decision(connection, person, example_id)
        _check_label(Example(text=row.text, intent=intent, about=about))
        connection.execute(
            update(examples)
            .where(examples.c.id == example_id)
            .values(
                intent=intent, about=about, corrected_by=person.id, corrected_at=self._clock.now(), state="waiting", decided_by=None,
                decided_at=None, reason=None,
            )
        )  # fmt: skip

    def _for_decision(self, connection: Connection, person: Staff, example_id: int) -> Any:
        if person.role not in MAY_APPROVE:
            raise TeachingRefused("role")
        row = connection.execute(select(examples).where(examples.c.id == example_id).with_for_update()).one_or_none()
        if row is None:
            raise TeachingRefused("gone")
        if row.state not in DECIDABLE:
            raise TeachingRefused("state")
        if row.state == "approved" and connection.execute(select(teachings.c.id).where(teachings.c.state == "running")).first():
            raise TeachingRefused("running")
        if person.id in (row.proposed_by, row.corrected_by):
            raise TeachingRefused("own")
        return row

    @reads
    def one(self, connection: Connection, example_id: int) -> Row | None:
        row = connection.execute(_listed().where(examples.c.id == example_id)).one_or_none()
        return dict(row._mapping) if row else None

    @reads
    def listed(self, connection: Connection, show: str, page: int = 1) -> tuple[list[Row], int]:
        """A page of the examples that wait, are approved, taught or refused, the newest first, and how many there are."""
        wanted = examples.c.state.in_(STATES[show])
        rows = connection.execute(_listed().where(wanted).order_by(examples.c.id.desc()).limit(PAGE).offset((page - 1) * PAGE))
        return [dict(row._mapping) for row in rows], _count(connection, STATES[show])

    @reads
    def counts(self, connection: Connection) -> dict[str, int]:
        """How many there are under each tab; beyond a thousand it is no longer counted."""
        return {name: _count(connection, states) for name, states in STATES.items()}

    @reads
    def of_conversation(self, connection: Connection, conversation_id: str) -> dict[int, Row]:
        """{message id: {id, state}} of the latest example of each of its messages."""
        rows = connection.execute(
            select(examples.c.message_id, examples.c.id, examples.c.state)
            .join(messages, messages.c.id == examples.c.message_id)
            .where(messages.c.conversation_id == conversation_id)
            .order_by(examples.c.id)
        )
        return {row.message_id: {"id": row.id, "state": row.state} for row in rows}

    @reads
    def of_message(self, connection: Connection, message_id: int) -> list[Row]:
        """The examples that were made from a message, the newest first."""
        rows = connection.execute(_listed().where(examples.c.message_id == message_id).order_by(examples.c.id.desc()))
        return [dict(row._mapping) for row in rows]


def as_example(row: Row) -> Example:
    marked = tuple(Marked(*one) for one in row["marked"])
    return Example(text=row["text"], intent=row["intent"], about=row["about"], marked=marked, id=row["id"])


def _as_rows(marked: Iterable[Marked]) -> list[list[Any]]:
    return [[one.start, one.end, one.entity] for one in marked]


def _check_label(example: Example) -> None:
    if not example.text.strip():
        raise TeachingRefused("empty")
    if example.intent not in intents() or (example.about and example.intent not in ABOUT):
        raise TeachingRefused("label")


def _count(connection: Connection, states: tuple[str, ...]) -> int:
    some = select(examples.c.id).where(examples.c.state.in_(states)).limit(COUNTED_TO).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _listed() -> Select[Any]:
    """Examples with the names of those who touched them, and the conversation that they come from."""
    proposer, corrector, decider = staff.alias(), staff.alias(), staff.alias()
    return (
        select(
            examples,
            proposer.c.username.label("proposer"),
            corrector.c.username.label("corrector"),
            decider.c.username.label("decider"),
            messages.c.conversation_id,
        )
        .join(proposer, proposer.c.id == examples.c.proposed_by)
        .outerjoin(corrector, corrector.c.id == examples.c.corrected_by)
        .outerjoin(decider, decider.c.id == examples.c.decided_by)
        .outerjoin(messages, messages.c.id == examples.c.message_id)
    )
