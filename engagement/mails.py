"""What citizens are told and asked by e-mail: written in the commit that makes it due, sent by `channels/mail.py`.

A mail server that took a mail cannot be asked about it afterwards. A mail whose sending was begun and never ended is sent again, with the
same Message-ID, by which mail systems can drop a repeat: at least once, for a question that never came asks nothing. One that was refused
for good, or that the server said it took, is never sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from engagement.database import Database, reads, writes
from engagement.mail_links import MailLinks, token_hash
from engagement.tables import contacts, conversations, mails, outcomes
from engagement.values import GONE
from hearback import quiet
from hearback.clock import Clock
from hearback.keys import Keys

LEASE = timedelta(seconds=120)
GENERAL = "utter_mail_outcome_general"
OPEN = ("asked", "reminded")  # states of an outcome whose question waits for an answer


@dataclass(frozen=True, kw_only=True)
class Mail:
    """An e-mail that this process may send now. `token` opens the answer page and `stop` ends all e-mail; neither is stored."""

    id: int
    kind: str  # chooses the subject line: outcome, reminder, general (a question without a report), progress, remedy
    message_id: str  # the same at every try, without the part behind "@"
    to: str = field(repr=False)
    response: str
    values: dict[str, str] = field(repr=False)
    language: str
    token: str | None = field(repr=False)
    stop: str = field(repr=False)
    attempts: int
    created_at: datetime


class Mails(MailLinks):
    """`on`: whether the council sends e-mail. Where it does not, nothing is written down, and questions wait in the chat."""

    def __init__(self, database: Database, clock: Clock, keys: Keys, *, on: bool) -> None:
        self._database, self._clock, self._keys, self.on = database, clock, keys, on

    # Writing.

    @writes
    def write(
        self, connection: Connection, *, key: str, contact_id: int | None, conversation_id: str, response: str, values: Mapping[str, str]
    ) -> bool:
        """Have a response of domain.yml sent to the e-mail address that a citizen gave; the same `key` again changes nothing.

        `key` begins with progress: or remedy:, which chooses the subject line. Write it before the news is marked as told: a crash between
        the two then repeats nothing. Returns whether this is a new mail; no mail goes to a phone or to who wishes none.
        """
        return self._write(connection, key=key, contact_id=contact_id, conversation_id=conversation_id, response=response, values=values)

    def question(self, connection: Connection, outcome_id: int, contact_id: int, reminder: bool) -> None:
        """The outcome question by e-mail, for `Outcomes.ask`, in its own commit."""
        outcome, street = self._asked_about(connection, outcome_id)
        within = outcome.asked_in or outcome.conversation_id
        response, values = GENERAL, {}
        if outcome.reference:
            response = "utter_mail_outcome_reminder" if reminder else "utter_mail_outcome"
            values = {"about": ", ".join(filter(None, (outcome.service_name, street))), "reference": outcome.reference}
        if reminder:  # a question that could not be sent until now need not go any more
            stale = (mails.c.key == f"outcome:{outcome_id}:asked") & (mails.c.state == "queued")
            connection.execute(update(mails).where(stale).values(state="dropped", error="reminded", due_at=None))
        self._write(
            connection, key=f"outcome:{outcome_id}:{'reminded' if reminder else 'asked'}", contact_id=contact_id, conversation_id=within,
            response=response, values=values, outcome_id=outcome_id,
        )  # fmt: skip

    def _write(
        self,
        connection: Connection,
        *,
        key: str,
        contact_id: int | None,
        conversation_id: str,
        response: str,
        values: Mapping[str, str],
        outcome_id: int | None = None,
    ) -> bool:
        whose = connection.execute(select(contacts.c.kind, contacts.c.stopped_at).where(contacts.c.id == contact_id)).one_or_none()
        state = connection.execute(select(conversations.c.state).where(conversations.c.id == conversation_id)).scalar_one()
        if not self.on or whose is None or whose.kind != "email" or whose.stopped_at is not None or state in GONE:
            return False
        now = self._clock.now()
        added = connection.execute(
            self._database.insert(mails)
            .values(
                key=key, contact_id=contact_id, conversation_id=conversation_id, response=response, values=dict(values), state="queued",
                token_hash=token_hash(self.answer_token(outcome_id)) if outcome_id is not None else None, outcome_id=outcome_id, attempts=0,
                due_at=quiet.over(now), created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(mails.c.id)
        )  # fmt: skip
        return added.one_or_none() is not None

    # Sending.

    @writes
    def claim(self, connection: Connection, limit: int = 10) -> list[Mail]:
        """Take due mails for sending, none in the quiet hours; what a process left in the middle is taken again.

        Dropped instead: what is for somebody who wishes no more e-mail, of a deleted conversation, or a question answered meanwhile.
        """
        now = self._clock.now()
        due = mails.c.state.in_(("queued", "sending")) & (mails.c.due_at <= now)
        if (morning := quiet.over(now)) > now:
            connection.execute(update(mails).where(due).values(state="queued", due_at=morning))
            return []
        query = (
            select(mails, conversations.c.language, conversations.c.state.label("chat"))
            .add_columns(contacts.c.encrypted, contacts.c.stopped_at, outcomes.c.state.label("question"))
            .join(conversations, conversations.c.id == mails.c.conversation_id)
            .outerjoin(contacts, contacts.c.id == mails.c.contact_id)
            .outerjoin(outcomes, outcomes.c.id == mails.c.outcome_id)
            .where(due)
            .order_by(mails.c.due_at, mails.c.id)
            .limit(limit)
            .with_for_update(of=mails, skip_locked=True)
        )
        taken: list[Mail] = []
        for row in connection.execute(query).all():
            if reason := _unwanted(row):
                self._set(connection, row.id, state="dropped", error=reason, due_at=None)
                continue
            self._set(connection, row.id, state="sending", attempts=row.attempts + 1, due_at=now + self._clock.lease(LEASE))
            taken.append(self._mail(row))
        return taken

    @writes
    def sent(self, connection: Connection, mail_id: int) -> None:
        """The mail server has it."""
        self._sending(connection, mail_id, state="sent", sent_at=self._clock.now(), due_at=None, error=None)

    @writes
    def again(self, connection: Connection, mail_id: int, *, after: timedelta, error: str) -> None:
        """It could not be handed over now; try once more later."""
        self._sending(connection, mail_id, state="queued", due_at=self._clock.now() + after, error=error)

    @writes
    def failed(self, connection: Connection, mail_id: int, *, error: str) -> None:
        """The mail server will never take it."""
        self._sending(connection, mail_id, state="failed", due_at=None, error=error)

    @reads
    def next_due(self, connection: Connection) -> datetime | None:
        """When the next mail is to be sent."""
        due = select(func.min(mails.c.due_at)).where(mails.c.state.in_(("queued", "sending")))
        moment: datetime | None = connection.execute(due).scalar_one()
        return moment

    @reads
    def of_conversation(self, connection: Connection, conversation_id: str) -> list[dict[str, Any]]:
        """What was mailed because of a conversation, oldest first, for the team: {kind, state, error, created_at, sent_at}."""
        rows = connection.execute(select(mails).where(mails.c.conversation_id == conversation_id).order_by(mails.c.id)).all()
        shown = ("state", "error", "created_at", "sent_at")
        return [{"kind": _kind(row), **{name: row._mapping[name] for name in shown}} for row in rows]

    def _mail(self, row: Row[Any]) -> Mail:
        return Mail(
            id=row.id, kind=_kind(row), message_id=self._keys.pseudonym(f"mail {row.key}"),
            to=self._keys.decrypt(row.encrypted), response=row.response, values=row._mapping["values"], language=row.language,
            token=self.answer_token(row.outcome_id) if row.outcome_id is not None else None, stop=self.stop_token(row.contact_id),
            attempts=row.attempts + 1, created_at=row.created_at,
        )  # fmt: skip

    def _sending(self, connection: Connection, mail_id: int, **change: Any) -> None:
        ours = (mails.c.id == mail_id) & or_(mails.c.state == "sending", mails.c.state == "queued")
        connection.execute(update(mails).where(ours).values(**change))

    def _set(self, connection: Connection, mail_id: int, **change: Any) -> None:
        connection.execute(update(mails).where(mails.c.id == mail_id).values(**change))


def _kind(row: Row[Any]) -> str:
    kind, _, rest = row.key.partition(":")
    if kind != "outcome":
        return str(kind)
    return "general" if row.response == GENERAL else "reminder" if rest.endswith(":reminded") else "outcome"


def _unwanted(row: Row[Any]) -> str | None:
    """Why a mail that was written down is not sent any more."""
    if row.encrypted is None or row.chat in GONE:
        return "erased"
    if row.stopped_at is not None:
        return "stopped"
    return "answered" if row.outcome_id is not None and row.question not in OPEN else None
