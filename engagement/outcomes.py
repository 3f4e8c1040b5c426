"""The outcome question: put once after "done", reminded once. Answers and what a "no" does have files of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engagement.database import Database, reads, writes
from engagement.outcome_answers import Answers
from engagement.outcome_events import as_outcome
from engagement.remedies import Remedies
from engagement.tables import contacts, conversations, messages, outcomes, requests
from engagement.values import GONE, Conversation, Message, Outcome, Reply, Request
from hearback import asking
from hearback.clock import Clock

BUSY = timedelta(minutes=30)  # since the citizen wrote: what they are doing comes first
Say = Callable[..., list[Message]]


@dataclass(frozen=True, kw_only=True)
class Question:
    """An outcome whose question, or its reminder, is due. `reminder` when it was asked before."""

    outcome: Outcome
    conversation: Conversation  # in which to ask
    contact_id: int | None  # the number or address that the citizen gave with the request, where they did
    contact_kind: str | None  # phone, email
    reminder: bool


class Outcomes(Answers, Remedies):
    def __init__(
        self, database: Database, clock: Clock, *, say: Say, mail: Callable[[Connection, int, int, bool], None] | None = None
    ) -> None:
        self._database, self._clock, self._speak, self._mail = database, clock, say, mail

    # What is asked about beside requests, whose rounds begin by themselves (see `Requests.sent` and `Watch`).

    @writes
    def begin(
        self,
        connection: Connection,
        *,
        key: str,
        subject: str,
        conversation: Conversation,
        task: str,
        service_code: str | None = None,
        service_name: str | None = None,
        partner: str | None = None,
        handover_id: int | None = None,
        handled_by: str = "bot",
    ) -> None:
        """Write down that the citizen got support, an answer or a person; the same key again changes nothing.

        It counts as declared done now: whether it worked is asked when `outcomes.yml` says for the subject, if it says so.
        """
        now = self._clock.now()
        outcome_id = self._begin(
            connection, key=key, now=now, subject=subject, conversation_id=conversation.id, channel=conversation.channel, task=task,
            service_code=service_code, service_name=service_name, partner=partner, handover_id=handover_id, handled_at=now,
            handled_by=handled_by, state="open",
        )  # fmt: skip
        if outcome_id is None:
            return
        self._event(connection, outcome_id, key=f"{outcome_id}:handled", at=now, fact="handled", value=handled_by, source=handled_by)
        row = connection.execute(select(outcomes).where(outcomes.c.id == outcome_id)).one()
        ask_at = asking.asking().ask_at(subject, now)
        self._declare(connection, row, now, word="done", at=now)
        self._change(connection, outcome_id, now, **({"state": "waiting", "due_at": ask_at} if ask_at else {"state": "dropped"}))
        self._event(connection, outcome_id, key=f"{outcome_id}:declared", at=now, fact="declared", value="done", source=handled_by)

    # Asking.

    @reads
    def due(self, connection: Connection, limit: int = 50) -> list[Question]:
        """Questions and reminders to put now. None where the citizen is busy with something else, wrote STOP or deleted the chat."""
        now = self._clock.now()
        query = (
            select(outcomes, conversations.c.state.label("chat"), conversations.c.language, conversations.c.contact_id.label("own"))
            .add_columns(conversations.c.channel.label("way"), requests.c.contact_id.label("given"), requests.c.updates)
            .join(conversations, conversations.c.id == outcomes.c.conversation_id)
            .outerjoin(requests, requests.c.id == outcomes.c.request_id)
            .where(outcomes.c.state.in_(("waiting", "asked")), outcomes.c.due_at <= now)
            .order_by(outcomes.c.due_at, outcomes.c.id)
            .limit(limit)
        )
        return [self._question(connection, row) for row in connection.execute(query).all()]

    def _question(self, connection: Connection, row: Row[Any]) -> Question:
        conversation = Conversation(id=row.conversation_id, channel=row.way, state=row.chat, contact_id=row.own, language=row.language)
        kind = connection.execute(select(contacts.c.kind).where(contacts.c.id == row.given)).scalar_one_or_none()
        return Question(
            outcome=as_outcome(row), conversation=conversation, contact_id=row.given, contact_kind=kind, reminder=row.state == "asked"
        )

    @reads
    def busy(self, connection: Connection, conversation_id: str) -> bool:
        """Whether the citizen is in the middle of something in this conversation, so that a question would be in the way."""
        latest = (
            select(messages.c.created_at, messages.c.understanding)
            .where(messages.c.conversation_id == conversation_id, messages.c.author == "citizen")
            .order_by(messages.c.id.desc())
            .limit(1)
        )
        row = connection.execute(latest).one_or_none()
        return row is not None and row.created_at > self._clock.now() - BUSY and bool((row.understanding or {}).get("form"))

    @writes
    def ask(self, connection: Connection, outcome_id: int, reply: Reply, *, within: str, email_to: int | None = None) -> list[Message]:
        """Put the question, or its reminder, in the conversation `within`, once; nothing where it need not be put any more.

        With `email_to`, a contact's id, it goes to that e-mail address too.
        """
        now = self._clock.now()
        row = connection.execute(select(outcomes).where(outcomes.c.id == outcome_id).with_for_update()).one()
        whose = connection.execute(
            select(conversations, contacts.c.stopped_at)
            .outerjoin(contacts, contacts.c.id == conversations.c.contact_id)
            .where(conversations.c.id == within)
        ).one()
        if row.state not in ("waiting", "asked") or row.due_at is None or row.due_at > now:
            return []
        if whose.stopped_at is not None or whose.state in GONE:
            self._change(connection, outcome_id, now, state="dropped" if row.state == "waiting" else "silent", due_at=None)
            return []
        rules, reminder = asking.asking(), row.state == "asked"
        fact = "reminded" if reminder else "asked"
        if reminder:
            change: dict[str, Any] = {"state": "reminded", "reminded_at": now, "due_at": now + rules.give_up_after}
        else:
            change = {"state": "asked", "asked_at": now, "asked_in": within, "due_at": rules.remind_at(now)}
        self._change(connection, outcome_id, now, **change)
        self._event(connection, outcome_id, key=f"{outcome_id}:{fact}", at=now, fact=fact, source="clock", channel=whose.channel)
        if email_to is not None and self._mail:
            self._mail(connection, outcome_id, email_to, reminder)
        conversation = Conversation(
            id=within, channel=whose.channel, state=whose.state, contact_id=whose.contact_id, language=whose.language
        )
        return self._speak(connection, conversation, [reply], reply_to=None, now=now, outreach=True)

    @writes
    def drop(self, connection: Connection, outcome_id: int) -> None:
        """It need not be asked, or cannot be."""
        now = self._clock.now()
        waiting = (outcomes.c.id == outcome_id) & (outcomes.c.state == "waiting")
        connection.execute(update(outcomes).where(waiting).values(state="dropped", due_at=None, updated_at=now))

    @writes
    def give_up(self, connection: Connection) -> int:
        """Questions that got no answer in time stay without one: silence is never success."""
        now = self._clock.now()
        over = outcomes.c.state.in_(("reminded",)) & (outcomes.c.due_at <= now)
        return connection.execute(update(outcomes).where(over).values(state="silent", due_at=None, updated_at=now)).rowcount

    @writes
    def no_reminder(self, connection: Connection, outcome_id: int) -> None:
        """The citizen wished to hear no more than the question."""
        now, later = self._clock.now(), asking.asking().give_up_after
        asked = (outcomes.c.id == outcome_id) & (outcomes.c.state == "asked")
        connection.execute(update(outcomes).where(asked).values(state="reminded", due_at=now + later, updated_at=now))

    @writes
    def tell_progress(self, connection: Connection, request: Request, conversation: Conversation, reply: Reply) -> list[Message]:
        """Tell the citizen how their request goes, once for each change."""
        now = self._clock.now()
        same = (requests.c.id == request.id) & (requests.c.progress == request.progress)
        untold = same & requests.c.progress_told.is_distinct_from(request.progress)
        if connection.execute(update(requests).where(untold).values(progress_told=request.progress)).rowcount == 0:
            return []
        return self._speak(connection, conversation, [reply], reply_to=None, now=now, outreach=True)
