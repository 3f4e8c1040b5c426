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
from engagement.reaching import where_to_reach
from engagement.remedies import Remedies
from engagement.tables import contacts, conversations, messages, outcomes, requests
from engagement.values import GONE, Conversation, Message, Outcome, Reply, Request
from hearback import asking
from hearback.clock import Clock

BUSY = timedelta(minutes=30)  # since the citizen wrote: what they are doing comes first
APART = timedelta(hours=3)  # between two questions in a conversation: who answers "no" means one of them
LATER = timedelta(minutes=10)  # until a question that would be in the way is looked at again
Say = Callable[..., list[Message]]
Mail = Callable[[Connection, int, int, bool], None]  # outcome, contact, whether it is the reminder


@dataclass(frozen=True, kw_only=True)
class Question:
    """An outcome whose question, or its reminder, is due. `reminder` when it was asked before."""

    outcome: Outcome
    conversation: Conversation  # in which it was asked for
    contact_id: int | None  # the number or address that the citizen gave with the request, where they did
    contact_kind: str | None  # phone, email
    place: str | None  # what it is about, as the citizen said it
    reminder: bool


class Outcomes(Answers, Remedies):
    def __init__(self, database: Database, clock: Clock, *, say: Say, mail: Mail | None = None) -> None:
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
    ) -> int:
        """Write down that the citizen got support, an answer or a person; the same key again changes nothing. Returns its id.

        It counts as declared done now: whether it worked is asked when `outcomes.yml` says for the subject, if it says so.
        """
        return self._begin_declared(
            connection, key=key, subject=subject, conversation_id=conversation.id, channel=conversation.channel, task=task,
            service_code=service_code, service_name=service_name, partner=partner, handover_id=handover_id, handled_by=handled_by,
        )  # fmt: skip

    # Asking.

    @reads
    def due(self, connection: Connection, limit: int = 50) -> list[Question]:
        """Questions and reminders to put now."""
        query = (
            select(outcomes, conversations.c.state.label("chat"), conversations.c.language, conversations.c.contact_id.label("own"))
            .add_columns(conversations.c.channel.label("way"), requests.c.contact_id.label("given"), requests.c.report, contacts.c.kind)
            .join(conversations, conversations.c.id == outcomes.c.conversation_id)
            .outerjoin(requests, requests.c.id == outcomes.c.request_id)
            .outerjoin(contacts, contacts.c.id == requests.c.contact_id)
            .where(outcomes.c.state.in_(("waiting", "asked")), outcomes.c.due_at <= self._clock.now())
            .order_by(outcomes.c.due_at, outcomes.c.id)
            .limit(limit)
        )
        return [_question(row) for row in connection.execute(query).all()]

    @writes
    def place(self, connection: Connection, conversation: Conversation, contact_id: int | None) -> Conversation:
        """Where the citizen is told and asked of what was raised in `conversation` with this contact."""
        return where_to_reach(connection, conversation, contact_id, self._clock.now())

    @reads
    def busy(self, connection: Connection, conversation_id: str) -> bool:
        """Whether news would be in the way: the citizen is in the middle of something, or with a colleague."""
        latest = (
            select(messages.c.created_at, messages.c.understanding)
            .where(messages.c.conversation_id == conversation_id, messages.c.author == "citizen")
            .order_by(messages.c.id.desc())
            .limit(1)
        )
        row = connection.execute(latest).one_or_none()
        in_hand = row is not None and row.created_at > self._clock.now() - BUSY and bool((row.understanding or {}).get("form"))
        state = connection.execute(select(conversations.c.state).where(conversations.c.id == conversation_id)).scalar_one()
        return in_hand or state == "with_staff"

    @reads
    def asked_lately(self, connection: Connection, conversation_id: str, *, but: int) -> bool:
        """Whether another question than the one about the outcome `but` was put there a moment ago and waits for its answer."""
        open_ones = outcomes.c.state.in_(("asked", "reminded")) & (outcomes.c.asked_at > self._clock.now() - APART)
        other = select(outcomes.c.id).where(outcomes.c.asked_in == conversation_id, open_ones, outcomes.c.id != but)
        return connection.execute(other.limit(1)).first() is not None

    @writes
    def later(self, connection: Connection, outcome_id: int) -> None:
        """Not now: look at this question again in a while, so that others come first."""
        now = self._clock.now()
        due = (outcomes.c.id == outcome_id) & outcomes.c.state.in_(("waiting", "asked")) & (outcomes.c.due_at <= now)
        connection.execute(update(outcomes).where(due).values(due_at=now + LATER))

    @writes
    def ask(self, connection: Connection, outcome_id: int, reply: Reply, *, within: str, email_to: int | None = None) -> list[Message]:
        """Put the question, or its reminder, in the conversation `within`, once; nothing where it need not be put any more.

        With `email_to`, a contact's id, it goes to that e-mail address too. Who wished no updates is asked and never reminded.
        """
        now = self._clock.now()
        row = connection.execute(select(outcomes).where(outcomes.c.id == outcome_id).with_for_update()).one()
        whose = connection.execute(
            select(conversations, contacts.c.stopped_at)
            .outerjoin(contacts, contacts.c.id == conversations.c.contact_id)
            .where(conversations.c.id == within)
        ).one()
        request = connection.execute(select(requests).where(requests.c.id == row.request_id)).one_or_none()
        if row.state not in ("waiting", "asked") or row.due_at is None or row.due_at > now:
            return []
        if whose.stopped_at is not None or whose.state in GONE or (request is not None and request.hears == "none"):
            self._change(connection, outcome_id, now, state="dropped" if row.state == "waiting" else "silent", due_at=None)
            return []
        rules, reminder = asking.asking(), row.state == "asked"
        fact = "reminded" if reminder else "asked"
        if reminder:
            change: dict[str, Any] = {"state": "reminded", "reminded_at": now, "due_at": now + rules.give_up_after}
        else:
            change = {"state": "asked", "asked_at": now, "asked_in": within, "due_at": rules.remind_at(now)}
            if request is not None:
                connection.execute(update(requests).where(requests.c.id == request.id).values(progress_told=row.declared))
                if not request.updates:
                    change |= {"state": "reminded", "due_at": now + rules.give_up_after}
        self._change(connection, outcome_id, now, **change)
        self._event(connection, outcome_id, key=f"{outcome_id}:{fact}", at=now, fact=fact, source="clock", channel=whose.channel)
        if email_to is not None and self._mail:
            self._mail(connection, outcome_id, email_to, reminder)
        conversation = Conversation(
            id=within, channel=whose.channel, state=whose.state, contact_id=whose.contact_id, language=whose.language
        )
        return self._speak(connection, conversation, [reply], reply_to=None, now=now, outreach=True)

    @writes
    def give_up(self, connection: Connection) -> int:
        """Questions that got no answer in time stay without one: silence is never success."""
        now = self._clock.now()
        over = (outcomes.c.state == "reminded") & (outcomes.c.due_at <= now)
        return connection.execute(update(outcomes).where(over).values(state="silent", due_at=None, updated_at=now)).rowcount

    @writes
    def tell_progress(self, connection: Connection, request: Request, conversation: Conversation, reply: Reply) -> list[Message]:
        """Tell the citizen how their request goes, once for each change."""
        now = self._clock.now()
        same = (requests.c.id == request.id) & (requests.c.progress == request.progress)
        untold = same & requests.c.progress_told.is_distinct_from(request.progress)
        if connection.execute(update(requests).where(untold).values(progress_told=request.progress)).rowcount == 0:
            return []
        return self._speak(connection, conversation, [reply], reply_to=None, now=now, outreach=True)


def _question(row: Row[Any]) -> Question:
    conversation = Conversation(id=row.conversation_id, channel=row.way, state=row.chat, contact_id=row.own, language=row.language)
    place = str((row.report or {}).get("address") or "") or None
    return Question(
        outcome=as_outcome(row), conversation=conversation, contact_id=row.given, contact_kind=row.kind, place=place,
        reminder=row.state == "asked",
    )  # fmt: skip
