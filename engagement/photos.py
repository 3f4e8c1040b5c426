"""Photos that citizens sent: whose they are and which message brought them. The pictures themselves lie in the data folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from engagement.database import Database, reads, writes
from engagement.tables import conversations, messages, photos
from engagement.values import GONE, Photo
from hearback.clock import Clock

MOST_UNSENT = 20  # of one conversation
UNSENT_FOR = timedelta(days=1)


class PhotoGone(Exception):
    """A photo is not this conversation's, or was sent already."""


class TooManyPhotos(Exception):
    """The conversation has more photos that were not sent than it may."""


class Photos:
    """`real` tells the real time: a photo that is never sent lies on the real disk."""

    def __init__(self, database: Database, *, real: Clock) -> None:
        self._database, self._real = database, real

    @writes
    def add(self, connection: Connection, *, id: str, conversation_id: str, content_type: str, size: int, width: int, height: int) -> Photo:
        """A photo that waits to be sent. Raises TooManyPhotos when too many wait, PhotoGone when the chat was deleted meanwhile."""
        gone = select(conversations.c.id).where(conversations.c.id == conversation_id, conversations.c.state.in_(GONE))
        if connection.execute(gone).first():
            raise PhotoGone
        unsent = select(func.count()).where(photos.c.conversation_id == conversation_id, photos.c.message_id.is_(None))
        if connection.execute(unsent).scalar_one() >= MOST_UNSENT:
            raise TooManyPhotos
        row = connection.execute(
            photos.insert()
            .values(
                id=id, conversation_id=conversation_id, content_type=content_type, size=size, width=width, height=height,
                created_at=self._real.now(),
            )
            .returning(photos)
        ).one()  # fmt: skip
        return _photo(row)

    @reads
    def get(self, connection: Connection, id: str) -> Photo | None:
        """None also from the moment on in which its conversation is deleted, whenever its file follows."""
        shown = (photos.c.id == id) & conversations.c.state.not_in(GONE)
        query = select(photos).join(conversations, conversations.c.id == photos.c.conversation_id)
        row = connection.execute(query.where(shown)).one_or_none()
        return _photo(row) if row else None

    @reads
    def of(self, connection: Connection, conversation_id: str, ids: Sequence[str]) -> list[Photo]:
        """These photos of a conversation, in this order; raises PhotoGone when one of them is not its own."""
        rows = connection.execute(select(photos).where(photos.c.conversation_id == conversation_id, photos.c.id.in_(ids)))
        found = {row.id: _photo(row) for row in rows}
        if not set(ids) <= set(found):
            raise PhotoGone
        return [found[id] for id in ids]

    @writes
    def attach(self, connection: Connection, message_id: int, media: Sequence[dict[str, Any]]) -> None:
        """Give a message that was written down before its pictures: `media` as it stands in messages."""
        row = connection.execute(
            update(messages).where(messages.c.id == message_id).values(media=list(media)).returning(messages.c.conversation_id)
        ).one()
        sent_with(connection, [one["photo"] for one in media if one.get("photo")], row.conversation_id, message_id)

    @writes
    def drop(self, connection: Connection, conversation_id: str, id: str) -> bool:
        """Forget a photo that was not sent; False when there is none."""
        ours = (photos.c.id == id) & (photos.c.conversation_id == conversation_id) & photos.c.message_id.is_(None)
        return connection.execute(delete(photos).where(ours)).rowcount == 1

    @reads
    def unsent(self, connection: Connection) -> list[Photo]:
        """Photos that were not sent in a day."""
        old = photos.c.created_at < self._real.now() - UNSENT_FOR
        return [_photo(row) for row in connection.execute(select(photos).where(photos.c.message_id.is_(None), old))]

    @reads
    def known(self, connection: Connection, ids: Sequence[str]) -> set[str]:
        """Which of these ids are photos."""
        return {row.id for row in connection.execute(select(photos.c.id).where(photos.c.id.in_(ids)))}

    @reads
    def of_conversation(self, connection: Connection, conversation_id: str) -> list[str]:
        """The ids of all photos of a conversation."""
        return [row.id for row in connection.execute(select(photos.c.id).where(photos.c.conversation_id == conversation_id))]


def sent_with(connection: Connection, ids: Sequence[str], conversation_id: str, message_id: int) -> None:
    """Mark photos as sent with a message, in its transaction; raises PhotoGone when one cannot be."""
    if not ids:
        return
    waiting = (photos.c.conversation_id == conversation_id) & photos.c.message_id.is_(None) & photos.c.id.in_(ids)
    if connection.execute(update(photos).where(waiting).values(message_id=message_id)).rowcount != len(set(ids)):
        raise PhotoGone


def _photo(row: Row[Any]) -> Photo:
    return Photo(**{item.name: getattr(row, item.name) for item in fields(Photo)})
