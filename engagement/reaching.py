"""Where a citizen hears of what they asked for: in the same conversation, or by text where they gave a number in a web chat."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, select

from engagement.tables import contacts, conversations
from engagement.values import GONE, Conversation


def where_to_reach(connection: Connection, conversation: Conversation, contact_id: int | None, now: datetime) -> Conversation:
    """The conversation itself, or the number's own one, which is begun where there is none yet."""
    given = connection.execute(select(contacts.c.kind).where(contacts.c.id == contact_id).with_for_update()).scalar_one_or_none()
    if conversation.channel != "web" or conversation.state in GONE or given != "phone":
        return conversation
    theirs = select(conversations).where(
        conversations.c.contact_id == contact_id, conversations.c.channel == "sms", conversations.c.state.not_in(("ended", *GONE))
    )
    row = connection.execute(theirs.order_by(conversations.c.updated_at.desc()).limit(1)).one_or_none()
    if row is not None:
        return Conversation(id=row.id, channel=row.channel, state=row.state, contact_id=row.contact_id, language=row.language)
    begun = Conversation(
        id=secrets.token_hex(16), channel="sms", state="open", contact_id=contact_id, language=conversation.language
    )  # fmt: skip
    connection.execute(conversations.insert().values(**vars(begun), created_at=now, updated_at=now))
    return begun
