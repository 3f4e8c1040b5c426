"""Which conversations a phone number or an e-mail address belongs to, how we know, and the way back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, or_, select

from engagement.tables import conversations, handovers, legal_holds, mails, mentions, phone_codes, requests

# How a contact is known in a conversation: the table that says so, and its column with the conversation's id.
LINKS: dict[str, tuple[Any, Any]] = {
    "writes": (conversations, conversations.c.id),
    "code": (phone_codes, phone_codes.c.conversation_id),  # a code was sent there, perhaps never given back
    "request": (requests, requests.c.conversation_id),
    "handover": (handovers, handovers.c.conversation_id),
    "mail": (mails, mails.c.conversation_id),
    "mentioned": (mentions, mentions.c.conversation_id),  # it stands in what was said, perhaps as somebody else's
}
OWN = tuple(how for how in LINKS if how not in ("code", "mentioned"))  # which of them say that it is their own


def conversations_of(connection: Connection, contact_ids: set[int]) -> dict[str, set[str]]:
    """The conversations of these contacts, each with how we know it."""
    found: dict[str, set[str]] = {}
    for how, (table, conversation) in LINKS.items():
        for id in connection.execute(select(conversation).where(table.c.contact_id.in_(contact_ids)).distinct()).scalars():
            found.setdefault(id, set()).add(how)
    return found


def contacts_of(connection: Connection, conversation_ids: set[str], hows: tuple[str, ...] = OWN) -> set[int]:
    """The contacts that these conversations belong to."""
    found: set[int] = set()
    for how in hows:
        table, conversation = LINKS[how]
        theirs = conversation.in_(conversation_ids) & table.c.contact_id.is_not(None)
        found |= set(connection.execute(select(table.c.contact_id).where(theirs).distinct()).scalars())
    return found


def held_conversations(connection: Connection) -> set[str]:
    """Every conversation that a legal hold is on, or on whose citizen one is."""
    query = select(legal_holds.c.contact_id, legal_holds.c.conversation_id).where(legal_holds.c.lifted_at.is_(None))
    held = connection.execute(query).all()
    whose = {row.contact_id for row in held if row.contact_id is not None}
    return {row.conversation_id for row in held if row.conversation_id} | (set(conversations_of(connection, whose)) if whose else set())


def holds_on(connection: Connection, conversation_ids: set[str], contact_ids: set[int]) -> list[int]:
    """The ids of the holds that keep these from being erased."""
    whose = contact_ids | contacts_of(connection, conversation_ids, tuple(LINKS))
    about = or_(legal_holds.c.conversation_id.in_(conversation_ids), legal_holds.c.contact_id.in_(whose))
    on = select(legal_holds.c.id).where(legal_holds.c.lifted_at.is_(None), about).order_by(legal_holds.c.id)
    return list(connection.execute(on).scalars())
