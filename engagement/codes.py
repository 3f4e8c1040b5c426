"""Codes that prove a phone number, so that a web chat can go on by text message.

The code goes to the number in a conversation of its own, which no browser opens: nobody reads it in the chat that asked for it,
nor in one that the number was proved for before. It lasts by the real clock, also where the product's goes faster.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select, update

from engagement.chats import still_open
from engagement.contacts import contact_id
from engagement.database import Database, writes
from engagement.tables import contacts, conversations, messages, phone_codes
from engagement.values import Reply
from hearback.clock import Clock
from hearback.keys import Keys

LASTS = timedelta(minutes=10)
MOST_TRIES = 5
MOST_FOR_NUMBER, MOST_FOR_CHAT = 3, 5
WITHIN = timedelta(hours=1)
HIDDEN = "••••••"


class CodeRefused(Exception):
    """No code is sent, or this one does not count. `response` says what the citizen reads."""

    response = "utter_code_wrong"


class NumberStopped(CodeRefused):
    """The number opted out of our texts."""

    response = "utter_code_number_stopped"


class TooManyCodes(CodeRefused):
    """This number or this chat had enough codes for now."""

    response = "utter_code_too_many"


class Codes:
    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        self._database, self._clock, self._keys = database, clock, keys

    @writes
    def send(self, connection: Connection, conversation_id: str, number: str, text: Callable[[str], Reply]) -> None:
        """Queue a text with a new code to a number (E.164); raises CodeRefused or ChatOver. Earlier codes of this chat are void.

        `text` makes the words of the text message from the code.
        """
        still_open(connection, conversation_id)
        now = self._clock.now()
        contact = contact_id(connection, self._database, self._keys, "phone", number, now)
        if connection.execute(select(contacts.c.stopped_at).where(contacts.c.id == contact)).scalar_one() is not None:
            raise NumberStopped
        for column, value, most in (("contact_id", contact, MOST_FOR_NUMBER), ("conversation_id", conversation_id, MOST_FOR_CHAT)):
            sent = select(func.count()).where(phone_codes.c[column] == value, phone_codes.c.created_at > now - WITHIN * self._clock.scale)
            if connection.execute(sent).scalar_one() >= most:
                raise TooManyCodes
        code = f"{secrets.randbelow(10**6):06}"
        connection.execute(update(phone_codes).where(_open(conversation_id, now)).values(expires_at=now))
        connection.execute(
            phone_codes.insert().values(
                conversation_id=conversation_id, contact_id=contact, code_hash=self._hash(conversation_id, code), attempts=0,
                created_at=now, expires_at=now + LASTS * self._clock.scale,
            )
        )  # fmt: skip
        reply = text(code)
        connection.execute(
            messages.insert().values(
                conversation_id=self._own_conversation(connection, contact, now), channel="sms", author=reply.author, text=reply.text,
                state="queued", attempts=0, due_at=now, created_at=now, state_at=now,
            )
        )  # fmt: skip

    @writes
    def prove(self, connection: Connection, conversation_id: str, code: str) -> str | None:
        """The last digits of the number that the code proves; None for a wrong, old, used or too often tried one.

        From now on the conversation belongs to that number and goes on by text. Raises ChatOver.
        """
        still_open(connection, conversation_id)
        now = self._clock.now()
        row = connection.execute(
            select(phone_codes).where(_open(conversation_id, now)).order_by(phone_codes.c.id.desc()).limit(1).with_for_update()
        ).one_or_none()
        if row is None or row.attempts >= MOST_TRIES:
            return None
        if not hmac.compare_digest(row.code_hash, self._hash(conversation_id, code)):
            connection.execute(update(phone_codes).where(phone_codes.c.id == row.id).values(attempts=row.attempts + 1))
            return None
        connection.execute(update(phone_codes).where(phone_codes.c.id == row.id).values(used_at=now))
        where = conversations.c.id == conversation_id
        connection.execute(update(conversations).where(where).values(channel="sms", contact_id=row.contact_id, updated_at=now))
        told = messages.c.conversation_id.in_(select(conversations.c.id).where(conversations.c.contact_id == row.contact_id))
        carries = told & (messages.c.author == "system") & (messages.c.created_at >= row.created_at) & messages.c.text.contains(code)
        connection.execute(update(messages).where(carries).values(text=func.replace(messages.c.text, code, HIDDEN)))
        number = connection.execute(select(contacts.c.encrypted).where(contacts.c.id == row.contact_id)).scalar_one()
        return self._keys.decrypt(number)[-3:]

    def _own_conversation(self, connection: Connection, contact: int, now: datetime) -> str:
        """It is over from the beginning: what the citizen texts next goes where it would have gone."""
        made = secrets.token_hex(16)
        values = {
            "id": made,
            "channel": "sms",
            "contact_id": contact,
            "state": "ended",
            "created_at": now,
            "updated_at": now,
            "ended_at": now,
        }
        connection.execute(conversations.insert().values(values))
        return made

    def _hash(self, conversation_id: str, code: str) -> str:
        return self._keys.pseudonym(f"{conversation_id}:{code}")


def _open(conversation_id: str, now: datetime) -> ColumnElement[bool]:
    return (phone_codes.c.conversation_id == conversation_id) & phone_codes.c.used_at.is_(None) & (phone_codes.c.expires_at > now)
