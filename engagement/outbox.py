"""What is still to be sent by text message, and what became of what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from engagement.charges import charge_text
from engagement.database import Database, reads, writes
from engagement.pages import Pages, choices
from engagement.receipts import Receipts
from engagement.tables import contacts, conversations, messages
from engagement.values import Choice
from hearback import quiet
from hearback.clock import Clock
from hearback.keys import Keys

LEASE = timedelta(seconds=60)
ASKED = messages.alias("asked")
TRACE = select(ASKED.c.trace).where(ASKED.c.id == messages.c.reply_to).correlate(messages).scalar_subquery().label("asked_trace")
WHOSE = (conversations.c.reply_from, conversations.c.language, contacts.c.encrypted, contacts.c.stopped_at, TRACE)
EARLIER = messages.alias("earlier")
# Texts of a conversation go one after another: what answers the citizen first, then what does not, each in the order it was said.
BLOCKED = (
    select(EARLIER.c.id)
    .where(
        EARLIER.c.conversation_id == messages.c.conversation_id,
        EARLIER.c.state.in_(("queued", "sending")),  # says nothing new, and leads to the index
        (EARLIER.c.state == "sending")
        | ((EARLIER.c.state == "queued") & (EARLIER.c.outreach == messages.c.outreach) & (EARLIER.c.id < messages.c.id))
        | ((EARLIER.c.state == "queued") & messages.c.outreach & ~EARLIER.c.outreach),
    )
    .correlate(messages)
    .exists()
)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A text message that this process may send now. `to` and `sender` are numbers or a Messaging Service."""

    id: int
    channel: str
    to: str
    sender: str | None
    text: str
    choices: tuple[Choice, ...]
    page: int
    language: str
    outreach: bool
    attempts: int
    error: str | None
    created_at: datetime
    author: str = "bot"
    trace: str | None = None  # of the message that it answers


class Outbox(Receipts, Pages):
    def __init__(self, database: Database, clock: Clock, keys: Keys) -> None:
        self._database, self._clock, self._keys = database, clock, keys

    @writes
    def claim(self, connection: Connection, limit: int = 10, *, outreach: int = 10) -> list[Outgoing]:
        """Take due messages for sending, answers before outreach, of which at most `outreach`, in order within each conversation.

        Nothing is taken for a citizen who said STOP, and no outreach in the quiet hours.
        """
        now = self._clock.now()
        taken: list[Outgoing] = []
        for is_outreach, most in ((False, limit), (True, min(limit, outreach))):
            if is_outreach and quiet.over(now) > now:
                self._wait_for_morning(connection, now)
                break
            for row in self._due(connection, is_outreach, min(most, limit - len(taken)), now):
                if row.stopped_at is not None:
                    self._move(connection, row.id, "failed", error="stopped")
                    continue
                connection.execute(
                    update(messages)
                    .where(messages.c.id == row.id)
                    .values(state="sending", state_at=now, attempts=messages.c.attempts + 1, due_at=now + self._clock.lease(LEASE))
                )
                taken.append(self._outgoing(row, row.attempts + 1))
        return taken

    def _due(self, connection: Connection, outreach: bool, most: int, now: datetime) -> Sequence[Row[Any]]:
        if most <= 0:
            return ()
        return connection.execute(
            select(messages, *WHOSE)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .join(contacts, contacts.c.id == conversations.c.contact_id)
            .where(messages.c.state == "queued", messages.c.due_at <= now, messages.c.outreach == outreach, ~BLOCKED)
            .order_by(messages.c.id)
            .limit(most)
            .with_for_update(of=messages, skip_locked=True)
        ).all()

    def _wait_for_morning(self, connection: Connection, now: datetime) -> None:
        waiting = (messages.c.state == "queued") & messages.c.outreach & (messages.c.due_at <= now)
        connection.execute(update(messages).where(waiting).values(due_at=quiet.over(now)))

    @reads
    def doubtful(self, connection: Connection) -> list[Outgoing]:
        """Messages whose sending began and never ended: a process died there. The provider must be asked before any resend."""
        now = self._clock.now()
        rows = connection.execute(
            select(messages, *WHOSE)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .join(contacts, contacts.c.id == conversations.c.contact_id)
            .where(messages.c.state == "sending", messages.c.due_at <= now)
        )
        return [self._outgoing(row, row.attempts) for row in rows]

    @writes
    def take_doubtful(self, connection: Connection, message_id: int) -> bool:
        """Whether this process is the one that asks the provider about a doubtful message now."""
        now = self._clock.now()
        due = (messages.c.id == message_id) & (messages.c.state == "sending") & (messages.c.due_at <= now)
        return connection.execute(update(messages).where(due).values(due_at=now + self._clock.lease(LEASE))).rowcount == 1

    @reads
    def known(self, connection: Connection, sids: Sequence[str]) -> set[str]:
        """Those of the provider's ids that a message of ours has already."""
        return set(connection.execute(select(messages.c.provider_id).where(messages.c.provider_id.in_(sids))).scalars())

    @writes
    def accepted(
        self, connection: Connection, message_id: int, *, sid: str, segments: int | None = None, cost: float | None = None
    ) -> None:
        """The provider has the message; `cost` in pence."""
        ours = messages.c.id == message_id
        connection.execute(update(messages).where(ours).values(provider_id=sid, segments=segments))
        charge_text(connection, message_id, cost)
        connection.execute(update(messages).where(ours, messages.c.state.in_(("queued", "sending"))).values(error=None))  # an earlier try's
        self._move(connection, message_id, "sent")

    @writes
    def again(self, connection: Connection, message_id: int, *, after: timedelta, error: str) -> None:
        """Sending failed for now; try once more later."""
        connection.execute(
            update(messages)
            .where(messages.c.id == message_id, messages.c.state == "sending")
            .values(state="queued", error=error, due_at=self._clock.now() + after)
        )

    @writes
    def doubt(
        self,
        connection: Connection,
        message_id: int,
        *,
        after: timedelta,
        error: str,
        segments: int | None = None,
        cost: float | None = None,
    ) -> None:
        """Nobody knows yet whether the provider took the message; ask it later. What it costs if it did: a receipt may be all we hear."""
        ours = messages.c.id == message_id
        if segments is not None:
            unknown = connection.execute(update(messages).where(ours, messages.c.cost.is_(None)).values(segments=segments))
            if unknown.rowcount:
                charge_text(connection, message_id, cost)
        connection.execute(
            update(messages).where(ours, messages.c.state == "sending").values(error=error, due_at=self._clock.now() + after)
        )

    @writes
    def refused(self, connection: Connection, message_id: int, *, error: str, stopped: bool = False) -> None:
        """The provider will never take this message; with `stopped` because the citizen opted out there."""
        self._move(connection, message_id, "failed", error=error)
        failed = (messages.c.id == message_id) & (messages.c.state == "failed")
        if connection.execute(update(messages).where(failed).values(segments=None)).rowcount:
            charge_text(connection, message_id, None)
        if stopped:
            self._stop(connection, message_id)

    @reads
    def next_due(self, connection: Connection, *, outreach: bool = True) -> datetime | None:
        """When the next message is to be sent or asked about; without `outreach` as long as none of that kind may go."""
        ready = (messages.c.state == "queued") & ~BLOCKED
        if not outreach:
            ready &= ~messages.c.outreach
        due = connection.execute(select(func.min(messages.c.due_at)).where(ready | (messages.c.state == "sending")))
        moment: datetime | None = due.scalar_one()
        return moment

    def _outgoing(self, row: Row[Any], attempts: int) -> Outgoing:
        return Outgoing(
            id=row.id, channel=row.channel, to=self._keys.decrypt(row.encrypted), sender=row.reply_from, text=row.text,
            choices=choices(row), page=row.page, language=row.language, outreach=row.outreach, attempts=attempts, error=row.error,
            created_at=row.created_at, author=row.author, trace=row.asked_trace,
        )  # fmt: skip
