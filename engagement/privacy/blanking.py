"""Taking a conversation's words out of the log, in a transaction that is open already."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from engagement.privacy.forgotten import blank_elsewhere
from engagement.privacy.links import LINKS, contacts_of
from engagement.tables import (
    claims,
    contacts,
    conversations,
    handovers,
    legal_holds,
    mails,
    mentions,
    messages,
    outcome_events,
    outcomes,
    phone_codes,
    requests,
)

UNSENT = ("kept", "sending")  # a request on its way needs its words until it is there
NO_WORDS: dict[str, Any] = {
    "text": "", "payload": None, "choices": None, "media": None, "location": None, "contacts": None, "understanding": None, "due_at": None,
}  # fmt: skip
NO_REPORT: dict[str, Any] = {
    "report": {},
    "contact_id": None,
    "place_key": None,
    "error": None,
    "status_notes": None,
    "service_notice": None,
}


def blank(connection: Connection, conversation_id: str, now: datetime) -> None:
    """Nothing that was said in it stays, nothing more is sent of it, and numbers that only it needed go."""
    ours = messages.c.conversation_id == conversation_id
    theirs = given_in(connection, conversation_id)
    connection.execute(update(messages).where(ours).values(**NO_WORDS))
    waiting = messages.c.state.in_(("received", "with_staff"))
    connection.execute(update(messages).where(ours, waiting).values(state="answered", state_at=now))
    unsent = messages.c.state.in_(("queued", "sending"))
    connection.execute(update(messages).where(ours, unsent).values(state="failed", error="erased"))
    _blank_requests(connection, conversation_id)
    waits = (handovers.c.conversation_id == conversation_id) & (handovers.c.state != "closed")
    connection.execute(update(handovers).where(waits).values(state="closed", closed_at=now))
    held = (claims.c.conversation_id == conversation_id) & claims.c.ended_at.is_(None)
    connection.execute(update(claims).where(held).values(ended_at=now, ended="left"))
    _blank_outcomes(connection, conversation_id)
    _blank_mails(connection, conversation_id)
    _blank_texts(connection, theirs, conversation_id)
    _blank_codes(connection, conversation_id)
    blank_elsewhere(connection, conversation_id)
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(contact_id=None))
    for contact_id in theirs:
        forget_contact(connection, contact_id)


def _blank_mails(connection: Connection, conversation_id: str) -> None:
    """Nothing more is mailed, and no link in what was mailed opens anything."""
    mailed = mails.c.conversation_id == conversation_id
    unsent = mails.c.state.in_(("queued", "sending"))
    connection.execute(update(mails).where(mailed, unsent).values(state="dropped", error="erased", due_at=None))
    connection.execute(update(mails).where(mailed).values(values={}, token_hash=None, contact_id=None))


def _blank_codes(connection: Connection, conversation_id: str) -> None:
    """The conversations in which codes of this chat were texted; each began together with its code."""
    code = (phone_codes.c.contact_id == conversations.c.contact_id) & (phone_codes.c.created_at == conversations.c.created_at)
    texted = select(conversations.c.id).join(phone_codes, code).where(phone_codes.c.conversation_id == conversation_id)
    ids = connection.execute(texted.where(conversations.c.state == "ended")).scalars().all()
    ours = messages.c.conversation_id.in_(ids)
    connection.execute(update(messages).where(ours).values(text=""))
    unsent = messages.c.state.in_(("queued", "sending"))
    connection.execute(update(messages).where(ours, unsent).values(state="failed", error="erased", due_at=None))
    connection.execute(update(conversations).where(conversations.c.id.in_(ids)).values(contact_id=None))


def _blank_requests(connection: Connection, conversation_id: str) -> None:
    """The back office has what was sent; our copy keeps what it was about and where it stands."""
    over = (requests.c.conversation_id == conversation_id) & requests.c.state.not_in(UNSENT)
    connection.execute(update(requests).where(over).values(**NO_REPORT))


def _blank_outcomes(connection: Connection, conversation_id: str) -> None:
    """What the citizen said of it goes, and nobody asks any more; how it came out stays as a fact."""
    ours = or_(outcomes.c.conversation_id == conversation_id, outcomes.c.asked_in == conversation_id)
    ids = connection.execute(select(outcomes.c.id).where(ours)).scalars().all()
    connection.execute(update(outcomes).where(outcomes.c.id.in_(ids)).values(words=None))
    connection.execute(update(outcome_events).where(outcome_events.c.outcome_id.in_(ids)).values(notes=None))
    unanswered = outcomes.c.id.in_(ids) & outcomes.c.state.in_(("open", "waiting", "asked", "reminded", "silent"))
    connection.execute(update(outcomes).where(unanswered).values(state="dropped", due_at=None))


def _blank_texts(connection: Connection, theirs: set[int], conversation_id: str) -> None:
    """What we texted of this chat to a number that was given in it, where nobody ever wrote back."""
    wrote = select(messages.c.id).where(messages.c.conversation_id == conversations.c.id, messages.c.author == "citizen").exists()
    ours = conversations.c.contact_id.in_(theirs) & (conversations.c.channel == "sms") & (conversations.c.id != conversation_id)
    held = select(legal_holds.c.id).where(legal_holds.c.conversation_id == conversations.c.id, legal_holds.c.lifted_at.is_(None)).exists()
    one_sided = select(conversations.c.id).where(ours, conversations.c.state == "open", ~wrote, ~held)
    ids = connection.execute(one_sided).scalars().all()
    texts = messages.c.conversation_id.in_(ids)
    connection.execute(update(messages).where(texts).values(text="", choices=None))
    unsent = messages.c.state.in_(("queued", "sending"))
    connection.execute(update(messages).where(texts, unsent).values(state="failed", error="erased", due_at=None))
    connection.execute(update(conversations).where(conversations.c.id.in_(ids)).values(contact_id=None, state="erased"))


def given_in(connection: Connection, conversation_id: str) -> set[int]:
    """The numbers and addresses that the citizen gave in this conversation, and only since it began."""
    begun = select(conversations.c.created_at).where(conversations.c.id == conversation_id).scalar_subquery()
    found = contacts_of(connection, {conversation_id}, tuple(LINKS))
    own = select(contacts.c.id).where(contacts.c.id.in_(found), contacts.c.created_at >= begun)
    return set(connection.execute(own).scalars())


def cut_links(connection: Connection, contact_id: int, erased: set[str]) -> None:
    """Take a number out of the conversations that are not erased with it: they may be another citizen's."""
    for how, (table, conversation) in LINKS.items():
        elsewhere = (table.c.contact_id == contact_id) & conversation.not_in(erased)
        if how == "mentioned":
            ids = connection.execute(select(mentions.c.message_id).where(elsewhere)).scalars().all()
            for row in connection.execute(select(messages.c.id, messages.c.contacts).where(messages.c.id.in_(ids))).all():
                left = [one for one in row.contacts or () if one != contact_id]
                connection.execute(update(messages).where(messages.c.id == row.id).values(contacts=left or None))
        if how in ("mentioned", "code"):
            connection.execute(delete(table).where(elsewhere))
        else:
            connection.execute(update(table).where(elsewhere).values(contact_id=None))


def forget_contact(connection: Connection, contact_id: int) -> bool:
    """Delete a number or address that nothing needs any more; False while something does.

    Of who said STOP the keyed pseudonym stays, without the number: so nobody texts it again.
    """
    used = [select(table.c.contact_id).where(table.c.contact_id == contact_id) for table, _ in LINKS.values()]
    used.append(select(legal_holds.c.id).where(legal_holds.c.contact_id == contact_id, legal_holds.c.lifted_at.is_(None)))
    if any(connection.execute(one.limit(1)).first() for one in used):
        return False
    wished = or_(contacts.c.stopped_at.is_not(None), contacts.c.declined_at.is_not(None))
    connection.execute(update(contacts).where(contacts.c.id == contact_id, wished).values(encrypted=""))
    connection.execute(update(legal_holds).where(legal_holds.c.contact_id == contact_id).values(contact_id=None))
    connection.execute(delete(contacts).where(contacts.c.id == contact_id, ~wished))
    return True
