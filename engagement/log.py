"""The engagement log: conversations and their messages. The inbox and the outbox are states of a message."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update

from engagement.codes import Codes
from engagement.contacts import contact_id
from engagement.database import Database, reads, writes
from engagement.handovers import Handovers
from engagement.outbox import Outbox
from engagement.requests import Requests
from engagement.review import Review
from engagement.staff import StaffBook
from engagement.tables import chat_tokens, contacts, conversations, messages, requests
from engagement.updates import Updates
from engagement.values import Choice, Conversation, InboundMessage, Message, Received, Reply, Understanding, Waiting
from hearback import quiet
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.personal import Personal, mask

STILL_THERE = timedelta(minutes=10)  # since the citizen wrote


class UnknownConversation(Exception):
    """No conversation has this id or token."""


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def as_message(row: Row[Any]) -> Message:
    choices = tuple(Choice(**choice) for choice in row.choices or ())
    return Message(
        id=row.id, conversation_id=row.conversation_id, channel=row.channel, author=row.author, text=row.text, state=row.state,
        created_at=row.created_at, payload=row.payload, choices=choices, reply_to=row.reply_to, intent=row.intent,
        confidence=row.confidence, understanding=row.understanding, attempts=row.attempts, segments=row.segments, error=row.error,
        provider_id=row.provider_id, media=tuple(row.media or ()), location=row.location, contacts=tuple(row.contacts or ()),
        page=row.page, cost=row.cost,
    )  # fmt: skip


class EngagementLog:
    """What happened between citizens and the council; its other subjects hang on it: `outbox`, `requests`, `handovers` …"""

    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        self._database, self._clock, self._keys = database, clock, keys
        self.outbox = Outbox(database, clock, keys)
        self.requests = Requests(database, clock)
        self.updates = Updates(database, clock)
        self.handovers = Handovers(database, clock)
        self.codes = Codes(database, clock, keys)
        self.staff = StaffBook(database, clock)
        self.review = Review(database, keys)

    @writes
    def start_web_conversation(self, connection: Connection, greeting: Reply) -> tuple[str, Conversation, list[Message]]:
        """A new web conversation with its greeting; returns the browser's token, which is stored as a hash only."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        conversation = Conversation(id=secrets.token_hex(16), channel="web", state="open")
        connection.execute(conversations.insert().values(id=conversation.id, channel="web", state="open", created_at=now, updated_at=now))
        connection.execute(
            chat_tokens.insert().values(
                token_hash=token_hash(token), conversation_id=conversation.id, browser="", origin="", created_at=now,
                expires_at=now + timedelta(days=30),
            )
        )  # fmt: skip
        said = self._say(connection, conversation, [greeting], reply_to=None, now=now)
        return token, conversation, said

    @reads
    def conversation_of_token(self, connection: Connection, token: str) -> Conversation:
        held = select(chat_tokens.c.conversation_id).where(chat_tokens.c.token_hash == token_hash(token))
        return self._conversation(connection, conversations.c.id == held.scalar_subquery())

    @reads
    def conversation(self, connection: Connection, conversation_id: str) -> Conversation:
        return self._conversation(connection, conversations.c.id == conversation_id)

    @writes
    def receive(self, connection: Connection, inbound: InboundMessage) -> Received:
        """Write a citizen's message down, once for each (channel, provider_id); only then is the caller answered."""
        now = self._clock.now()
        conversation_id = inbound.conversation_id or self._conversation_of_sender(connection, inbound, now)
        found: list[Personal] = []
        text = mask(inbound.text, keep=found.append)
        added = connection.execute(
            self._database.insert(messages)
            .values(
                conversation_id=conversation_id, channel=inbound.channel, author="citizen", provider_id=inbound.provider_id, text=text,
                payload=inbound.payload, media=list(inbound.media) or None, location=inbound.location,
                contacts=[self._contact(connection, one.kind, one.value, now) for one in found] or None,
                state="answered" if inbound.opt_out else "received", attempts=0, created_at=now, state_at=now,
            )
            .on_conflict_do_nothing(index_elements=["channel", "provider_id"])
            .returning(messages.c.id)
        ).one_or_none()  # fmt: skip
        if added is None:
            ours = (messages.c.channel == inbound.channel) & (messages.c.provider_id == inbound.provider_id)
            known = connection.execute(select(messages.c.id, messages.c.conversation_id).where(ours)).one()
            return Received(id=known.id, conversation_id=known.conversation_id, new=False)
        if inbound.opt_out in {"STOP", "START"}:
            self._opt_out(connection, conversation_id, now if inbound.opt_out == "STOP" else None)
        connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(updated_at=now))
        return Received(id=added.id, conversation_id=conversation_id, new=True)

    @reads
    def unanswered(self, connection: Connection) -> list[str]:
        """The conversations that have a message waiting for the assistant, longest waiting first."""
        rows = connection.execute(
            select(messages.c.conversation_id)
            .where(messages.c.state == "received")
            .group_by(messages.c.conversation_id)
            .order_by(func.min(messages.c.id))
        )
        return [row.conversation_id for row in rows]

    @reads
    def next_message(self, connection: Connection, conversation_id: str) -> Waiting | None:
        """The oldest message of a conversation that the assistant has not answered, and what the citizen could choose from.

        The answer goes out the way the message came in, whichever way the conversation goes on.
        """
        whose = (
            conversations.c.state.label("conversation_state"),
            conversations.c.contact_id,
            conversations.c.language,
        )
        row = connection.execute(
            select(messages, *whose)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(messages.c.conversation_id == conversation_id, messages.c.state == "received")
            .order_by(messages.c.id)
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        conversation = Conversation(
            id=conversation_id, channel=row.channel, state=row.conversation_state, contact_id=row.contact_id, language=row.language
        )
        offers = self._offers(connection, conversation_id, before=row.id, look_back=1)
        return Waiting(conversation=conversation, message=as_message(row), offered=offers[0] if offers else ())

    @reads
    def offered(self, connection: Connection, conversation_id: str, *, look_back: int) -> list[tuple[Choice, ...]]:
        """The choices of the latest `look_back` messages of the bot, newest first."""
        return self._offers(connection, conversation_id, before=None, look_back=look_back)

    def _offers(self, connection: Connection, conversation_id: str, *, before: int | None, look_back: int) -> list[tuple[Choice, ...]]:
        query = select(messages.c.choices).where(
            messages.c.conversation_id == conversation_id, messages.c.author == "bot", messages.c.page == 0
        )  # a further page offers nothing new, and may be of a line before the last
        if before is not None:
            query = query.where(messages.c.id < before)
        rows = connection.execute(query.order_by(messages.c.id.desc()).limit(look_back))
        return [tuple(Choice(**choice) for choice in row.choices or ()) for row in rows]

    @writes
    def answer(
        self, connection: Connection, conversation: Conversation, message_id: int, understanding: Understanding, replies: Sequence[Reply]
    ) -> list[Message]:
        """Commit understanding, replies and "answered" together; an answer that was committed before is not written again."""
        now = self._clock.now()
        marked = connection.execute(
            update(messages)
            .where(messages.c.id == message_id, messages.c.state == "received")
            .values(
                state="answered", state_at=now, intent=understanding.intent, confidence=understanding.confidence,
                understanding=understanding.details,
            )
        )  # fmt: skip
        if marked.rowcount == 0:
            return []
        if language := understanding.details.get("language"):
            connection.execute(update(conversations).where(conversations.c.id == conversation.id).values(language=language))
        return self._say(connection, conversation, replies, reply_to=message_id, now=now)

    @writes
    def leave_to_staff(self, connection: Connection, message_id: int) -> None:
        """A person has this conversation: the message waits in the console, not for the assistant."""
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
        if once:
            said = connection.execute(
                select(messages.c.id).where(messages.c.reply_to == reply_to, messages.c.author == reply.author).limit(1)
            )
            if said.first():
                return []
        return self._say(connection, conversation, [reply], reply_to=reply_to, now=self._clock.now(), outreach=outreach)

    @reads
    def messages(self, connection: Connection, conversation_id: str, *, after: int = 0, limit: int = 200) -> list[Message]:
        """The lines of a conversation after a message id, oldest first."""
        rows = connection.execute(
            select(messages)
            .where(messages.c.conversation_id == conversation_id, messages.c.id > after)
            .order_by(messages.c.id)
            .limit(limit)
        )
        return [as_message(row) for row in rows]

    @reads
    def latest_question(self, connection: Connection, conversation_id: str) -> Message | None:
        """What the assistant said last, with its choices."""
        said = select(messages).where(messages.c.conversation_id == conversation_id, messages.c.author == "bot")
        row = connection.execute(said.order_by(messages.c.id.desc()).limit(1)).one_or_none()
        return as_message(row) if row else None

    @reads
    def answers_to(self, connection: Connection, message_id: int) -> list[Message] | None:
        """The replies to a message, or None while it has not been answered."""
        state = (connection.execute(select(messages.c.state).where(messages.c.id == message_id))).scalar_one_or_none()
        rows = connection.execute(select(messages).where(messages.c.reply_to == message_id).order_by(messages.c.id))
        said = [as_message(row) for row in rows]
        return said if said or state != "received" else None

    @writes
    def tell_reference(self, connection: Connection, key: str, conversation_id: str, reply: Reply) -> list[Message]:
        """Tell the citizen the reference of a request, once; as outreach (see `tell`), for it was to be told before."""
        now = self._clock.now()
        first = connection.execute(update(requests).where(requests.c.key == key, requests.c.told_at.is_(None)).values(told_at=now))
        if first.rowcount == 0:
            return []
        conversation = self._conversation(connection, conversations.c.id == conversation_id)
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
        await self._database.close()

    def _conversation(self, connection: Connection, condition: Any) -> Conversation:
        rows = connection.execute(
            select(
                conversations.c.id, conversations.c.channel, conversations.c.state, conversations.c.contact_id, conversations.c.language
            ).where(condition)
        )
        row = rows.one_or_none()
        if row is None:
            raise UnknownConversation
        return Conversation(id=row.id, channel=row.channel, state=row.state, contact_id=row.contact_id, language=row.language)

    def _conversation_of_sender(self, connection: Connection, inbound: InboundMessage, now: datetime) -> str:
        assert inbound.sender is not None
        sender_id = self._contact(connection, "phone", inbound.sender, now)
        current = connection.execute(
            select(conversations.c.id)
            .where(
                and_(conversations.c.contact_id == sender_id, conversations.c.channel == inbound.channel, conversations.c.state != "ended")
            )
            .order_by(conversations.c.updated_at.desc())
            .limit(1)
        )
        if known := current.scalar_one_or_none():
            connection.execute(update(conversations).where(conversations.c.id == known).values(reply_from=inbound.received_by))
            return str(known)
        conversation_id = secrets.token_hex(16)
        connection.execute(
            conversations.insert().values(
                id=conversation_id, channel=inbound.channel, contact_id=sender_id, reply_from=inbound.received_by, state="open",
                created_at=now, updated_at=now,
            )
        )  # fmt: skip
        return conversation_id

    def _opt_out(self, connection: Connection, conversation_id: str, stopped_at: datetime | None) -> None:
        contact_id = select(conversations.c.contact_id).where(conversations.c.id == conversation_id).scalar_subquery()
        connection.execute(update(contacts).where(contacts.c.id == contact_id).values(stopped_at=stopped_at))

    def _contact(self, connection: Connection, kind: str, value: str, now: datetime) -> int:
        """The id of a phone number or e-mail address, which is kept encrypted beside its keyed pseudonym."""
        return contact_id(connection, self._database, self._keys, kind, value, now)

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
    ) -> list[Message]:
        state = "posted" if conversation.channel == "web" else "queued"
        outreach = outreach and not self._wrote_lately(connection, conversation.id, now)
        rows = [
            dict(
                conversation_id=conversation.id, channel=conversation.channel, author=reply.author, text=reply.text,
                choices=[vars(choice) for choice in reply.choices] or None, reply_to=reply_to, state=state, attempts=0, outreach=outreach,
                due_at=None if state == "posted" else quiet.over(now) if outreach else now, created_at=now, state_at=now,
            )
            for reply in replies
        ]  # fmt: skip
        if not rows:
            return []
        added = connection.execute(messages.insert().returning(messages, sort_by_parameter_order=True), rows)
        said = [as_message(row) for row in added]
        connection.execute(update(conversations).where(conversations.c.id == conversation.id).values(updated_at=now))
        return said
