"""The engagement log: conversations and their messages. The inbox and the outbox are states of a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from engagement.audit import AuditBook
from engagement.charges import turn_charged
from engagement.chats import Chats, ChatState, UnknownConversation, held, state_of
from engagement.codes import Codes
from engagement.colleagues import Colleagues
from engagement.copies import Copies
from engagement.dangers import Dangers
from engagement.database import Database, reads, writes
from engagement.depths import Waits
from engagement.desk import Desk
from engagement.erasure import Erasures
from engagement.handovers import Handovers
from engagement.inbound import Inbound
from engagement.journal import keep_journal
from engagement.mails import Mails
from engagement.measures.book import MeasureBook
from engagement.open_data import OpenData
from engagement.outbox import Outbox
from engagement.outcomes import Outcomes
from engagement.photos import Photos
from engagement.privacy.holds import Holds
from engagement.privacy.retention import Retention
from engagement.privacy.subjects import Subjects
from engagement.requests import Requests
from engagement.review import Review
from engagement.saved_views import SavedViews
from engagement.second_factor import SecondFactors
from engagement.settling import Settling
from engagement.staff import StaffBook
from engagement.tables import conversations, messages, requests
from engagement.teaching import Teaching
from engagement.turns import Turns, as_message
from engagement.updates import Updates
from engagement.values import GONE, Conversation, Message, Reply, Understanding
from engagement.watch import Watch
from hearback import quiet
from hearback.clock import Clock
from hearback.keys import Keys

STILL_THERE = timedelta(minutes=10)  # since the citizen wrote


def _replies(conversation_id: Any, message_id: Any) -> tuple[Any, ...]:
    """Replies stand after what they answer in the same conversation: found by its index, however long it has become."""
    return messages.c.conversation_id == conversation_id, messages.c.id > message_id, messages.c.reply_to == message_id


class EngagementLog(Inbound, Turns):
    """What happened between citizens and the council; its other subjects hang on it: `chats`, `outbox`, `requests`, `handovers` …

    `real` tells the real time, by which browsers' tokens age. `email`: whether the council sends e-mail.
    """

    AT_ONCE = 200  # lines that are read together

    def __init__(self, database: Database, clock: Clock, keys: Keys, *, real: Clock | None = None, email: bool = False) -> None:
        super().__init__(database, clock, keys)
        real = real or Clock()
        self.chats = Chats(database, clock, keys, say=self._say, real=real)
        self.photos = Photos(database, real=real)
        self.erasures = Erasures(database, clock)
        self.subjects = Subjects(database, clock, keys)
        self.retention = Retention(database, clock, self.erasures)
        self.holds = Holds(database, clock, self.erasures)
        self.outbox = Outbox(database, clock, keys)
        self.requests = Requests(database, clock)
        self.updates = Updates(database, clock)
        self.watch = Watch(database, clock)
        self.mails = Mails(database, clock, keys, on=email)
        self.outcomes = Outcomes(database, clock, say=self._say, mail=self.mails.question)
        self.handovers = Handovers(database, clock)
        self.dangers = Dangers(database)
        self.settling = Settling(database, clock)
        self.desk = Desk(database, clock, self.handovers, say=self._say)
        self.codes = Codes(database, clock, keys)
        self.staff = StaffBook(database, clock)
        self.colleagues = Colleagues(database, clock)
        self.factors = SecondFactors(database, clock, keys)
        self.audit = AuditBook(database)
        self.review = Review(database, keys, clock)
        self.saved_views = SavedViews(database, clock)
        self.measures = MeasureBook(database, clock)
        self.open_data = OpenData(database, clock)
        self.teaching = Teaching(database, clock)
        self.waits = Waits(database, clock)
        self.copies = Copies(database, clock, self.erasures)

    @reads
    def conversation(self, connection: Connection, conversation_id: str) -> Conversation:
        return self._conversation(connection, conversations.c.id == conversation_id)

    @writes
    def answer(
        self, connection: Connection, conversation: Conversation, message_id: int, understanding: Understanding, replies: Sequence[Reply]
    ) -> list[Message]:
        """Commit understanding, replies and "answered" together; an answer that was committed before is not written again.

        Where a colleague took the conversation over while the assistant thought, it says nothing: they read what it would have said.
        """
        now = self._clock.now()
        taken_over = self._taken_over(connection, conversation.id)  # first: who erases holds the conversation before its messages
        if taken_over and conversation.state != "with_staff":
            unsaid = {**understanding.details, "unsaid": [reply.text for reply in replies]}
            understanding, replies = replace(understanding, details=unsaid), ()
            answered = "with_staff"
        else:
            answered = "answered"
        marked = connection.execute(
            update(messages)
            .where(messages.c.id == message_id, messages.c.state == "received")
            .values(
                state=answered, state_at=now, intent=understanding.intent, confidence=understanding.confidence,
                understanding=understanding.details, margin=understanding.margin, corrected=understanding.corrected,
            )
        )  # fmt: skip
        if marked.rowcount == 0:
            return []
        keep_journal(connection, self._database, conversation, message_id, understanding.details.get("journal") or (), now)
        change = turn_charged()
        if language := understanding.details.get("language"):
            change["language"] = language
        return self._say(connection, conversation, replies, reply_to=message_id, now=now, change=change)

    def _taken_over(self, connection: Connection, conversation_id: str) -> bool:
        """Whether a colleague has the conversation; it stays so until this transaction ends."""
        return held(connection, conversation_id) == "with_staff"

    @writes
    def leave_to_staff(self, connection: Connection, message_id: int) -> None:
        """A person has this conversation: the message waits in the console, not for the assistant.

        Where they have just given it back, nothing is done: the assistant answers it.
        """
        whose = connection.execute(select(messages.c.conversation_id).where(messages.c.id == message_id)).scalar_one()
        if not self._taken_over(connection, whose):
            return
        connection.execute(update(messages).where(messages.c.id == message_id).values(state="with_staff", state_at=self._clock.now()))

    @writes
    def tell(
        self,
        connection: Connection,
        conversation: Conversation,
        reply: Reply,
        *,
        reply_to: int | None = None,
        once: bool = False,
        outreach: bool = False,
    ) -> list[Message]:
        """Say something that is no answer of the assistant; with `once`, at most one such line for each message replied to.

        `outreach`: it answers nothing, so that as a text message it waits for the morning, unless the citizen wrote just now.
        """
        # It may have been erased meanwhile.
        conversation = self._conversation(connection, conversations.c.id == conversation.id, hold=once)
        if once and reply_to is not None:
            told = (*_replies(conversation.id, reply_to), messages.c.author == reply.author)
            if connection.execute(select(messages.c.id).where(*told).limit(1)).first():
                return []
        return self._say(connection, conversation, [reply], reply_to=reply_to, now=self._clock.now(), outreach=outreach)

    @reads
    def messages(self, connection: Connection, conversation_id: str, *, after: int = 0, limit: int = AT_ONCE) -> list[Message]:
        """The lines of a conversation after a message id, oldest first."""
        return self._lines(connection, conversation_id, after, limit)

    @reads
    def news(self, connection: Connection, conversation_id: str, *, after: int) -> tuple[ChatState, list[Message]]:
        """How a chat stands, and its lines after a message id, the first `AT_ONCE` of them."""
        return state_of(connection, conversation_id), self._lines(connection, conversation_id, after, self.AT_ONCE)

    @reads
    def latest_question(self, connection: Connection, conversation_id: str) -> Message | None:
        """What the assistant said last, with its choices."""
        said = select(messages).where(messages.c.conversation_id == conversation_id, messages.c.author == "bot")
        row = connection.execute(said.order_by(messages.c.id.desc()).limit(1)).one_or_none()
        return as_message(row) if row else None

    @reads
    def answers_to(self, connection: Connection, message_id: int) -> list[Message] | None:
        """The replies to a message, or None while it has not been answered."""
        asked = connection.execute(_ASKED, {"message": message_id}).one_or_none()
        if asked is None:
            return []
        rows = connection.execute(_REPLIES, {"conversation": asked.conversation_id, "message": message_id})
        said = [as_message(row) for row in rows]
        return said if said or asked.state != "received" else None

    def _lines(self, connection: Connection, conversation_id: str, after: int, limit: int) -> list[Message]:
        later = (messages.c.conversation_id == conversation_id) & (messages.c.id > after)
        return [as_message(row) for row in connection.execute(select(messages).where(later).order_by(messages.c.id).limit(limit))]

    @writes
    def tell_reference(self, connection: Connection, key: str, conversation_id: str, reply: Reply) -> list[Message]:
        """Tell the citizen the reference of a request, once; as outreach (see `tell`), for it was to be told before."""
        now = self._clock.now()
        conversation = self._conversation(connection, conversations.c.id == conversation_id, hold=True)
        first = connection.execute(update(requests).where(requests.c.key == key, requests.c.told_at.is_(None)).values(told_at=now))
        if first.rowcount == 0:
            return []
        return self._say(connection, conversation, [reply], reply_to=None, now=now, outreach=True)

    @reads
    def ping(self, connection: Connection) -> None:
        """Raises LogUnavailable when the log cannot be read."""
        connection.execute(select(1)).scalar_one()

    async def hand_over(self, conversation_id: str, *, key: str, reason: str, priority: int = 0) -> bool:
        """Ask for a person, once for each `key`; returns whether this call was the first."""
        _, new = await self.handovers.open(conversation_id, key=key, reason=reason, priority=priority)
        return new

    async def close(self) -> None:
        await self.measures.kept.close()
        await self.review.close()
        await self._database.close()

    def _conversation(self, connection: Connection, condition: Any, *, hold: bool = False) -> Conversation:
        """With `hold`, nobody else writes in it until this transaction ends."""
        found = select(
            conversations.c.id, conversations.c.channel, conversations.c.state, conversations.c.contact_id, conversations.c.language
        ).where(condition)
        row = connection.execute(found.with_for_update(key_share=True) if hold else found).one_or_none()
        if row is None:
            raise UnknownConversation
        return Conversation(id=row.id, channel=row.channel, state=row.state, contact_id=row.contact_id, language=row.language)

    def _wrote_lately(self, connection: Connection, conversation_id: str, now: datetime) -> bool:
        """Whether the citizen is still there: what is told them now disturbs nobody."""
        lately = (messages.c.author == "citizen") & (messages.c.created_at > now - STILL_THERE)
        return bool(connection.execute(select(messages.c.id).where(messages.c.conversation_id == conversation_id, lately).limit(1)).first())

    def _say(
        self,
        connection: Connection,
        conversation: Conversation,
        replies: Iterable[Reply],
        *,
        reply_to: int | None,
        now: datetime,
        outreach: bool = False,
        change: Mapping[str, Any] = MappingProxyType({}),
    ) -> list[Message]:
        """`change`: what else becomes of the conversation's row."""
        if conversation.state in GONE:
            return []
        state = "posted" if conversation.channel == "web" else "queued"
        outreach = outreach and not self._wrote_lately(connection, conversation.id, now)
        rows = [
            dict(
                conversation_id=conversation.id, channel=conversation.channel, author=reply.author, text=reply.text,
                choices=[vars(choice) for choice in reply.choices] or None, reply_to=reply_to, state=state, attempts=0, outreach=outreach,
                due_at=None if state == "posted" else quiet.over(now) if outreach else now, created_at=now, state_at=now,
                by=reply.by, staff_id=reply.staff_id,
            )
            for reply in replies
        ]  # fmt: skip
        if not rows and not change:
            return []
        # First, for it keeps others from writing here until this is committed: lines are seen in the order of their ids.
        alive = (conversations.c.id == conversation.id) & conversations.c.state.not_in(GONE)
        changed = {**change, "updated_at": now} if rows else change
        if connection.execute(update(conversations).where(alive).values(**changed)).rowcount == 0 or not rows:
            return []
        return [as_message(row) for row in connection.execute(_SAID, rows)]


# What every turn asks, put together once.
_SAID = messages.insert().returning(messages, sort_by_parameter_order=True)
_ASKED = select(messages.c.conversation_id, messages.c.state).where(messages.c.id == bindparam("message"))
_REPLIES = select(messages).where(*_replies(bindparam("conversation"), bindparam("message"))).order_by(messages.c.id)
