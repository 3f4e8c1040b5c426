"""Further pages of long texts, which citizens ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engagement.database import Database, writes
from engagement.tables import conversations, messages
from engagement.values import Choice
from hearback.clock import Clock

LOOK_BACK = 50  # lines in which a reply and its pages are looked for


def choices(row: Row[Any]) -> tuple[Choice, ...]:
    """What a line offers."""
    return tuple(Choice(**choice) for choice in row.choices or ())


class Pages:
    _database: Database
    _clock: Clock

    @writes
    def next_page(
        self, connection: Connection, conversation_id: str, message_id: int, *, pages: Callable[[str, tuple[Choice, ...]], int]
    ) -> int | None:
        """Answer a citizen who asks for more with the next page of what was said last; returns the new line's id.

        What was said on the web page of a conversation that goes on by text has no pages. `pages` counts the pages of a text with its
        choices. None, and nothing is written, where all of it was sent or nothing was said."""
        channel = select(messages.c.channel).where(messages.c.id == message_id).scalar_subquery()
        before = (messages.c.conversation_id == conversation_id) & (messages.c.id < message_id)
        said = connection.execute(
            select(messages)
            .where(before, messages.c.author != "citizen", messages.c.channel == channel)
            .order_by(messages.c.id.desc())
            .limit(LOOK_BACK)
        ).all()
        newest = next((row for row in said if row.page == 0), None)
        if newest is None:
            return None
        together = [row for row in reversed(said) if row.page == 0 and (row.reply_to or row.id) == (newest.reply_to or newest.id)]
        for first in together:
            page = 1 + max(row.page for row in said if row.text == first.text and row.id >= first.id)
            if page < pages(first.text, choices(first)):
                return self._add_page(connection, first, page, message_id)
        return None

    def _add_page(self, connection: Connection, first: Row[Any], page: int, message_id: int) -> int | None:
        now = self._clock.now()
        ours = conversations.c.id == first.conversation_id
        connection.execute(select(conversations.c.id).where(ours).with_for_update(key_share=True))  # before its messages, as all do
        asked = (messages.c.id == message_id) & (messages.c.state == "received")
        if connection.execute(update(messages).where(asked).values(state="answered", state_at=now)).rowcount == 0:
            return None
        added = connection.execute(
            messages.insert()
            .values(
                conversation_id=first.conversation_id, channel=first.channel, author=first.author, text=first.text, choices=first.choices,
                page=page, reply_to=message_id, state="queued", attempts=0, due_at=now, created_at=now, state_at=now,
            )
            .returning(messages.c.id)
        )  # fmt: skip
        connection.execute(update(conversations).where(ours).values(updated_at=now))
        return int(added.scalar_one())
