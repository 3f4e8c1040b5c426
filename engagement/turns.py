"""The worker's side of the inbox: what waits, in order, with a long text's parts as one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from engagement.contacts import Contacts, mention
from engagement.database import reads, writes
from engagement.outcome_answers import open_question
from engagement.tables import conversations, messages
from engagement.values import Choice, Conversation, Message, Waiting, turn_key
from hearback.personal import Personal, find, shown

MOST_PARTS = 10  # that are read as one text
LAST = 2**62  # after every message id


def as_message(row: Row[Any]) -> Message:
    choices = tuple(Choice(**choice) for choice in row.choices or ())
    return Message(
        id=row.id, conversation_id=row.conversation_id, channel=row.channel, author=row.author, text=row.text, state=row.state,
        created_at=row.created_at, payload=row.payload, choices=choices, reply_to=row.reply_to, intent=row.intent,
        confidence=row.confidence, understanding=row.understanding, attempts=row.attempts, segments=row.segments, error=row.error,
        provider_id=row.provider_id, media=tuple(row.media or ()), location=row.location, contacts=tuple(row.contacts or ()),
        page=row.page, cost=row.cost, by=row.by, trace=row.trace,
    )  # fmt: skip


class Turns(Contacts):
    """What the worker takes to the assistant."""

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

        A long text stands there with the parts that came right after it: `wait` while more may come, `unjoined` until `join`.
        The answer goes out the way the message came in, whichever way the conversation goes on.
        """
        rows = connection.execute(_WAITING, {"conversation": conversation_id}).all()
        if not rows:
            return None
        first, wait, unjoined = rows[0], 0.0, False
        whose = connection.execute(_WHOSE, {"conversation": conversation_id}).one()
        conversation = Conversation(
            id=conversation_id, channel=first.channel, state=whose.state, contact_id=whose.contact_id, language=whose.language
        )
        lines: Sequence[Row[Any]] = rows[:1]
        if first.part_of is not None:
            lines = [first, *self._joined(connection, first)]
        elif first.due_at is not None and conversation.state != "with_staff":
            lines, unjoined = _parts(rows), True
            if len(lines) == len(rows) < MOST_PARTS and lines[-1].due_at is not None:
                wait = max(0.0, self._clock.real_seconds((lines[-1].due_at - self._clock.now()).total_seconds()))
        offers = self._offers(connection, conversation_id, before=first.id, look_back=1)
        question = open_question(connection, conversation_id, self._clock.now(), turn=turn_key(conversation_id, first.id))
        return Waiting(
            conversation=conversation, lines=tuple(as_message(row) for row in lines), offered=offers[0] if offers else (), wait=wait,
            unjoined=unjoined, question=question, more=len(rows) > 1,
        )  # fmt: skip

    @writes
    def join(self, connection: Connection, ids: Sequence[int]) -> None:
        """Make these texts one, for good: the first is answered for all, also after a crash. What a seam cut in two is masked now."""
        now = self._clock.now()
        waiting = select(messages).where(messages.c.id.in_(ids), messages.c.state == "received", messages.c.part_of.is_(None))
        rows = connection.execute(waiting.order_by(messages.c.id)).all()
        if [row.id for row in rows] != sorted(ids):
            return
        texts, found = _masked([row.text for row in rows])
        theirs = [self._contact(connection, one.kind, one.value, now) for one in found if one.kind in {"phone", "email"}]
        for place, (row, text) in enumerate(zip(rows, texts, strict=True)):
            change: dict[str, Any] = {"part_of": rows[0].id, "text": text}
            if place:
                change |= {"state": "joined", "state_at": now}
            elif theirs:
                change["contacts"] = [*(row.contacts or ()), *theirs]
                mention(connection, theirs, row.id, row.conversation_id)
            connection.execute(update(messages).where(messages.c.id == row.id).values(**change))

    @reads
    def offered(self, connection: Connection, conversation_id: str, *, look_back: int) -> list[tuple[Choice, ...]]:
        """The choices of the latest `look_back` messages of the bot, newest first."""
        return self._offers(connection, conversation_id, before=None, look_back=look_back)

    def _offers(self, connection: Connection, conversation_id: str, *, before: int | None, look_back: int) -> list[tuple[Choice, ...]]:
        given = {"conversation": conversation_id, "before": before or LAST, "look_back": look_back}
        rows = connection.execute(_OFFERED, given)
        return [tuple(Choice(**choice) for choice in row.choices or ()) for row in rows]

    def _joined(self, connection: Connection, first: Row[Any]) -> Sequence[Row[Any]]:
        later = select(messages).where(
            messages.c.conversation_id == first.conversation_id, messages.c.id > first.id, messages.c.part_of == first.id
        )
        return connection.execute(later.order_by(messages.c.id).limit(MOST_PARTS)).all()


# What every turn asks, put together once.
_WAITING = (
    select(messages)
    .where(messages.c.conversation_id == bindparam("conversation"), messages.c.state == "received")
    .order_by(messages.c.id)
    .limit(MOST_PARTS)
)
_WHOSE = select(conversations.c.state, conversations.c.contact_id, conversations.c.language).where(
    conversations.c.id == bindparam("conversation")
)
_OFFERED = (
    select(messages.c.choices)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.author == "bot",
        messages.c.page == 0,  # a further page offers nothing new, and may be of a line before the last
        messages.c.id < bindparam("before"),
    )
    .order_by(messages.c.id.desc())
    .limit(bindparam("look_back"))
)


def _parts(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """The texts that go on from the first: each came while the one before could still be followed."""
    count = 1
    for before, row in zip(rows, rows[1:], strict=False):
        if before.due_at is None or row.created_at > before.due_at or row.error is not None:
            break
        count += 1
    return rows[:count]


def _masked(texts: list[str]) -> tuple[list[str], list[Personal]]:
    """Texts whose seams cut no phone number in two any more, and what was found there."""
    ends = list(accumulate(map(len, texts)))
    across = [one for one in find("".join(texts)) if any(one.start < end < one.end for end in ends)]
    cut = list(texts)
    for one in reversed(across):
        for place, end in enumerate(ends):
            begin = end - len(texts[place])
            low, high = max(one.start, begin), min(one.end, end)
            if low < high:
                seen = shown(one.kind, one.value) if low == one.start else ""
                cut[place] = cut[place][: low - begin] + seen + cut[place][high - begin :]
    return cut, across
