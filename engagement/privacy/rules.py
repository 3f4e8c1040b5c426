"""What retention takes away: for each rule what is due, in the order of age, and how it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, delete, exists, func, or_, select, update

from engagement.privacy.blanking import NO_REPORT, UNSENT, forget_contact
from engagement.privacy.links import LINKS, held_conversations
from engagement.tables import (
    api_tokens,
    audit,
    claims,
    contacts,
    conversations,
    erasure_orders,
    handovers,
    legal_holds,
    mails,
    marks,
    messages,
    metadata,
    notes,
    outcomes,
    phone_codes,
    photos,
    requests,
    retention_runs,
    staff_sessions,
    tasks,
)
from engagement.values import CLOSED, GONE

# A window with one of these is more than a window.
USED = (requests, handovers, claims, notes, tasks, photos, erasure_orders, legal_holds)
FORGOTTEN = "retention:rasa_trackers"  # the mark up to which the assistant's memory was deleted


Cursor = tuple[datetime, Any]  # date and key of the last that was looked at


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`key` names what goes, `date` is what its age is counted from; `act` takes keys away, None where others do it.

    Gone through `by_date` where that has an index, else by key.
    """

    key: Any
    date: Any
    due: Callable[[Connection], Sequence[ColumnElement[bool]]]
    act: Callable[[Connection, list[Any]], object] | None
    at_once: int = 200
    by_date: bool = False

    def conditions(self, connection: Connection, before: datetime) -> list[ColumnElement[bool]]:
        """What is due that is older than `before`."""
        return [self.date < before, *self.due(connection)]

    def behind(self, after: Cursor | None) -> list[ColumnElement[bool]]:
        if after is None:
            return []
        if self.by_date:
            # The first says nothing new, and leads to the index.
            return [self.date >= after[0], or_(self.date > after[0], self.key > after[1])]
        return [self.key > after[1]]

    @property
    def order(self) -> tuple[Any, ...]:
        return (self.date, self.key) if self.by_date else (self.key,)


def _at_rest(conversation: Any) -> list[ColumnElement[bool]]:
    """Nothing is open in the conversation: no request, no hand-over, no question whether it worked."""
    still = or_(requests.c.state.in_(UNSENT), and_(requests.c.state == "sent", requests.c.progress.not_in(CLOSED)))
    return [
        ~exists().where(requests.c.conversation_id == conversation, still),
        ~exists().where(handovers.c.conversation_id == conversation, handovers.c.state != "closed"),
        ~exists().where(outcomes.c.conversation_id == conversation, outcomes.c.state.in_(("waiting", "asked", "reminded"))),
        ~exists().where(outcomes.c.asked_in == conversation, outcomes.c.state.in_(("waiting", "asked", "reminded"))),
    ]


def _not_held(connection: Connection, conversation: Any) -> list[ColumnElement[bool]]:
    held = held_conversations(connection)
    return [conversation.not_in(held)] if held else []


def _words(connection: Connection) -> list[ColumnElement[bool]]:
    id = conversations.c.id
    return [conversations.c.state.not_in(GONE), *_at_rest(id), *_not_held(connection, id)]


def _unheard(connection: Connection) -> list[ColumnElement[bool]]:
    """Windows only: a text message that we sent first is something that was said to somebody."""
    id = conversations.c.id
    used = [~exists().where(table.c.conversation_id == id) for table in USED]
    spoke = exists().where(messages.c.conversation_id == id, messages.c.author == "citizen")
    return [conversations.c.channel == "web", conversations.c.contacted_at.is_(None), ~spoke, *used]


def _memory(connection: Connection) -> list[ColumnElement[bool]]:
    done = connection.execute(select(marks.c.at).where(marks.c.name == FORGOTTEN)).scalar_one_or_none()
    since = [conversations.c.updated_at > done] if done else []
    return [*since, conversations.c.state.not_in(GONE), *_not_held(connection, conversations.c.id)]


def _photos(connection: Connection) -> list[ColumnElement[bool]]:
    id = photos.c.conversation_id
    return [photos.c.message_id.is_not(None), *_at_rest(id), *_not_held(connection, id)]


def _reports(connection: Connection) -> list[ColumnElement[bool]]:
    over = or_(requests.c.progress.in_(CLOSED), requests.c.state.in_(("refused", "withdrawn")))
    full = cast(requests.c.report, Text) != "{}"
    return [over, requests.c.state.not_in(UNSENT), full, *_not_held(connection, requests.c.conversation_id)]


def _mails(connection: Connection) -> list[ColumnElement[bool]]:
    full = cast(mails.c["values"], Text) != "{}"
    return [mails.c.state.not_in(("queued", "sending")), full, *_not_held(connection, mails.c.conversation_id)]


def _unused(connection: Connection) -> list[ColumnElement[bool]]:
    used = [~exists().where(table.c.contact_id == contacts.c.id) for table, _ in LINKS.values()]
    held = exists().where(legal_holds.c.contact_id == contacts.c.id, legal_holds.c.lifted_at.is_(None))
    return [contacts.c.encrypted != "", *used, ~held]


def _codes(connection: Connection) -> list[ColumnElement[bool]]:
    return _not_held(connection, phone_codes.c.conversation_id)


def _nothing(connection: Connection) -> list[ColumnElement[bool]]:
    return []


def _delete(key: Any) -> Callable[[Connection, list[Any]], object]:
    return lambda connection, keys: connection.execute(delete(key.table).where(key.in_(keys)))


def _delete_conversations(connection: Connection, ids: list[Any]) -> None:
    for table in reversed(metadata.sorted_tables):
        if "conversation_id" in table.c:
            connection.execute(delete(table).where(table.c.conversation_id.in_(ids)))
    connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))


def _forget_pictures(connection: Connection, ids: list[Any]) -> None:
    with_them = select(photos.c.message_id).where(photos.c.id.in_(ids))
    connection.execute(update(messages).where(messages.c.id.in_(with_them)).values(media=None))
    connection.execute(delete(photos).where(photos.c.id.in_(ids)))


def _forget_contacts(connection: Connection, ids: list[Any]) -> None:
    for id in ids:
        forget_contact(connection, id)


def _empty_reports(connection: Connection, ids: list[Any]) -> None:
    connection.execute(update(requests).where(requests.c.id.in_(ids)).values(**NO_REPORT))


def _empty_mails(connection: Connection, ids: list[Any]) -> None:
    connection.execute(update(mails).where(mails.c.id.in_(ids)).values(values={}, token_hash=None, contact_id=None))


def _rows(key: Any, date: Any, due: Callable[[Connection], Sequence[ColumnElement[bool]]] = _nothing) -> Rule:
    return Rule(key=key, date=date, due=due, act=_delete(key))


LAST_USED = func.coalesce(api_tokens.c.used_at, api_tokens.c.created_at)
WORDS, MEMORY, PICTURES = "messages.words", "rasa_trackers.memory", "photos.files"
# In the order in which they run: what frees a number comes before the numbers that nothing needs.
RULES: dict[str, Rule] = {
    "conversations.unheard": Rule(
        key=conversations.c.id, date=conversations.c.updated_at, due=_unheard, act=_delete_conversations, at_once=100, by_date=True
    ),
    WORDS: Rule(key=conversations.c.id, date=conversations.c.updated_at, due=_words, act=None, at_once=4, by_date=True),
    PICTURES: Rule(key=photos.c.id, date=photos.c.created_at, due=_photos, act=_forget_pictures, at_once=50),
    "requests.report": Rule(key=requests.c.id, date=requests.c.updated_at, due=_reports, act=_empty_reports),
    "mails.values": Rule(key=mails.c.id, date=mails.c.created_at, due=_mails, act=_empty_mails),
    "phone_codes.rows": _rows(phone_codes.c.id, phone_codes.c.created_at, _codes),
    "contacts.unused": Rule(key=contacts.c.id, date=contacts.c.created_at, due=_unused, act=_forget_contacts),
    MEMORY: Rule(key=conversations.c.id, date=conversations.c.updated_at, due=_memory, act=None, at_once=50, by_date=True),
    "staff_sessions.rows": _rows(staff_sessions.c.token_hash, staff_sessions.c.seen_at),
    "api_tokens.unused": _rows(api_tokens.c.token_hash, LAST_USED),
    "audit.rows": _rows(audit.c.id, audit.c.at),
    "legal_holds.rows": _rows(legal_holds.c.id, legal_holds.c.lifted_at),
    "erasure_orders.rows": _rows(erasure_orders.c.id, erasure_orders.c.ordered_at, lambda connection: [erasure_orders.c.state == "done"]),
    "retention_runs.rows": _rows(retention_runs.c.id, retention_runs.c.started_at),
}
