"""A citizen's web chat as their browser holds it: its tokens, what they thought of it, how it ends. Tokens age by the real clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, or_, select, update

from engagement.database import Database, reads, writes
from engagement.tables import chat_tokens, claims, conversations, handovers, ratings
from engagement.values import GONE, Conversation, Message, Reply
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.personal import mask

LIFE = timedelta(days=30)
FRESH = timedelta(days=1)  # how long a token is used before it is replaced
GRACE = timedelta(minutes=2)  # how long a token lives on beside its used successor, for other tabs
Say = Callable[..., list[Message]]


class UnknownConversation(Exception):
    """No conversation has this id, or this token opens none here."""


class ChatOver(Exception):
    """The chat has ended or was deleted, perhaps while this message was on its way."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds a token: `browser` is a hash of what the browser says it is, `origin` the page's; an empty one is not looked at."""

    browser: str = ""
    origin: str = ""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a token opens. `renewed` is the token to use from now on, where it is time for another."""

    conversation: Conversation
    expires_at: datetime
    renewed: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChatState:
    """How a chat stands: open, waiting (for a person), with_staff (`by` whom), ended or erased."""

    conversation: str
    state: str
    language: str
    rated: bool
    by: str | None = None

    def public(self) -> dict[str, Any]:
        shown = {**vars(self), "state": "erased" if self.state in GONE else self.state}
        if self.by is None:
            del shown["by"]
        return shown


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Chats:
    """`real` tells the real time, also where the product's clock goes faster."""

    def __init__(self, database: Database, clock: Clock, keys: Keys, *, say: Say, real: Clock) -> None:
        self._database, self._clock, self._keys, self._say, self._real = database, clock, keys, say, real

    @writes
    def start(
        self, connection: Connection, greeting: Reply, *, holder: Holder | None = None, language: str = "en"
    ) -> tuple[str, Conversation, list[Message]]:
        """A new web conversation with its greeting; returns the browser's token, which is stored as a hash only."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        conversation = Conversation(id=secrets.token_hex(16), channel="web", state="open", language=language)
        connection.execute(
            conversations.insert().values(
                id=conversation.id, channel="web", state="open", language=language, created_at=now, updated_at=now
            )
        )  # fmt: skip
        self._give(connection, token, conversation.id, holder or Holder())
        said = self._say(connection, conversation, [greeting], reply_to=None, now=now)
        return token, conversation, said

    async def open(self, token: str, holder: Holder) -> Opened:
        """The conversation of a token in the hands of its holder; raises UnknownConversation for any other.

        A token used for a day gets a successor, made from it with our key: whoever shows the old one again, because the answer was
        lost or from another tab, gets the same successor. The old one ends two minutes after the successor was first shown.
        """
        opened, first_use, needed = await self._look(token, holder)
        if first_use:
            await self._replaced(opened.conversation.id, token_hash(token))
        if needed and opened.renewed:
            await self._renew(opened.conversation.id, token, opened.renewed, holder)
        return opened

    @reads
    def _look(self, connection: Connection, token: str, holder: Holder) -> tuple[Opened, bool, bool]:
        """What the token opens; whether it is a successor in use for the first time; whether a successor must be written down."""
        row, now = connection.execute(_TOKEN, {"token": token_hash(token)}).one_or_none(), self._real.now()
        if row is None or not _alive(row, now) or row.browser not in ("", holder.browser) or row.origin not in ("", holder.origin):
            raise UnknownConversation
        due = row.replaced_at is not None or now - row.created_at >= FRESH
        opened = Opened(conversation=_conversation(row), expires_at=row.expires_at, renewed=self._successor(token) if due else None)
        return opened, row.first_use, due and row.successor is None

    @writes
    def _replaced(self, connection: Connection, conversation_id: str, successor: str) -> None:
        ours = (chat_tokens.c.conversation_id == conversation_id) & (chat_tokens.c.successor == successor)
        connection.execute(update(chat_tokens).where(ours, chat_tokens.c.replaced_at.is_(None)).values(replaced_at=self._real.now()))

    @writes
    def _renew(self, connection: Connection, conversation_id: str, token: str, successor: str, holder: Holder) -> None:
        ours, now = chat_tokens.c.conversation_id == conversation_id, self._real.now()
        connection.execute(
            update(chat_tokens).where(ours, chat_tokens.c.token_hash == token_hash(token)).values(successor=token_hash(successor))
        )
        dead = or_(chat_tokens.c.expires_at <= now, chat_tokens.c.replaced_at <= now - GRACE)
        connection.execute(delete(chat_tokens).where(ours, dead))
        self._give(connection, successor, conversation_id, holder)

    def _give(self, connection: Connection, token: str, conversation_id: str, holder: Holder) -> None:
        now = self._real.now()
        connection.execute(
            self._database.insert(chat_tokens)
            .values(
                token_hash=token_hash(token), conversation_id=conversation_id, browser=holder.browser, origin=holder.origin,
                created_at=now, expires_at=now + LIFE,
            )
            .on_conflict_do_nothing(index_elements=["token_hash"])
        )  # fmt: skip

    def _successor(self, token: str) -> str:
        made = hmac.digest(self._keys.pseudonym_key.encode(), b"the chat token after " + token.encode(), "sha256")
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    @writes
    def forget_expired(self, connection: Connection) -> int:
        """Delete the tokens that open nothing any more."""
        return connection.execute(delete(chat_tokens).where(chat_tokens.c.expires_at <= self._real.now())).rowcount

    @reads
    def state(self, connection: Connection, conversation_id: str) -> ChatState:
        return state_of(connection, conversation_id)

    @writes
    def end(self, connection: Connection, conversation_id: str) -> None:
        """The citizen is done. Who waits in it for nothing but a talk waits no more; a call that was promised is still made."""
        now = self._clock.now()
        ours = (conversations.c.id == conversation_id) & conversations.c.state.not_in(("ended", *GONE))
        connection.execute(update(conversations).where(ours).values(state="ended", ended_at=now, updated_at=now))
        waits = (handovers.c.conversation_id == conversation_id) & (handovers.c.state == "waiting")
        only_talk = (handovers.c.reason == "talk_to_person") & handovers.c.contact_id.is_(None)
        connection.execute(update(handovers).where(waits, only_talk).values(state="closed", closed_at=now))

    @writes
    def rate(self, connection: Connection, conversation_id: str, score: int, words: str | None) -> None:
        """What the citizen thought of the chat, 1 very dissatisfied to 5 very satisfied; again replaces it.

        Raises UnknownConversation where the chat was deleted meanwhile.
        """
        if held(connection, conversation_id) in (None, *GONE):
            raise UnknownConversation
        given = {"score": score, "words": mask(words) if words else None, "created_at": self._clock.now()}
        row = self._database.insert(ratings).values(conversation_id=conversation_id, **given)
        connection.execute(row.on_conflict_do_update(index_elements=["conversation_id"], set_=given))


_OF_CONVERSATION = (
    conversations.c.channel,
    conversations.c.state,
    conversations.c.contact_id,
    conversations.c.language,
)


_older = chat_tokens.alias()
_first_use = exists().where(
    _older.c.conversation_id == chat_tokens.c.conversation_id,
    _older.c.successor == chat_tokens.c.token_hash,
    _older.c.replaced_at.is_(None),
)
# What every call asks, put together once.
_TOKEN = (
    select(chat_tokens, _first_use.label("first_use"), *_OF_CONVERSATION)
    .join(conversations, conversations.c.id == chat_tokens.c.conversation_id)
    .where(chat_tokens.c.token_hash == bindparam("token"))
)
_HELD = select(conversations.c.state).where(conversations.c.id == bindparam("conversation")).with_for_update()


def _alive(row: Row[Any], now: datetime) -> bool:
    return bool(row.expires_at > now and (row.replaced_at is None or now < row.replaced_at + GRACE))


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.conversation_id, channel=row.channel, state=row.state, contact_id=row.contact_id, language=row.language
    )  # fmt: skip


def still_open(connection: Connection, conversation_id: str, *, late: bool = False) -> None:
    """Raises ChatOver where nothing more is said in a chat; what comes `late` is heard until the chat is deleted."""
    if held(connection, conversation_id) in (None, *(() if late else ("ended",)), *GONE):
        raise ChatOver


def held(connection: Connection, conversation_id: str) -> str | None:
    """The state of a chat, which stays so until this transaction ends: who deletes the chat now deletes what it writes too."""
    return connection.execute(_HELD, {"conversation": conversation_id}).scalar_one_or_none()


def state_of(connection: Connection, conversation_id: str) -> ChatState:
    """How a chat stands, in a transaction that is open already."""
    rated = exists().where(ratings.c.conversation_id == conversations.c.id)
    held = (claims.c.conversation_id == conversations.c.id) & claims.c.ended_at.is_(None)
    by = select(claims.c.name).where(held, conversations.c.state == "with_staff").correlate(conversations).scalar_subquery()
    stands = select(conversations.c.state, conversations.c.language, rated.label("rated"), by.label("by"))
    query = stands.where(conversations.c.id == conversation_id)
    if (row := connection.execute(query).one_or_none()) is None:
        raise UnknownConversation
    return ChatState(conversation=conversation_id, state=row.state, language=row.language, rated=row.rated, by=row.by)
