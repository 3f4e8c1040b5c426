"""What became of texts: their state moves forwards only, in whatever order the provider tells."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, update

from engagement.database import Database, writes
from engagement.tables import contacts, conversations, messages
from hearback.clock import Clock

# A message only ever moves to a higher number: receipts come late and out of order.
RANK = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "undelivered": 3, "failed": 3}
# What a receipt says, as a state of ours; "sent" is that the provider has it. Others (receiving, received …) say nothing of it.
RECEIPTS = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), "sent"),
    **dict.fromkeys(("delivered", "read"), "delivered"),
    **dict.fromkeys(("undelivered", "partially_delivered"), "undelivered"),
    **dict.fromkeys(("failed", "canceled"), "failed"),
}


BY_PROVIDER = ("sms", "whatsapp")  # channels whose messages carry a provider's id: with it they are found by their index


class Receipts:
    _database: Database
    _clock: Clock

    @writes
    def receipt(
        self, connection: Connection, *, message_id: int | None, sid: str, status: str, error: str | None, stopped: bool = False
    ) -> bool:
        """Apply a delivery receipt, forwards only, with `stopped` because the citizen opted out; returns whether we know the message."""
        ours = messages.c.channel.in_(BY_PROVIDER) & (messages.c.provider_id == sid)
        if message_id is not None:
            ours = or_(ours, messages.c.id == message_id)
        row = (connection.execute(select(messages.c.id, messages.c.author).where(ours).limit(1))).one_or_none()
        if row is None or row.author == "citizen":
            return False
        if message_id is not None:
            connection.execute(update(messages).where(messages.c.id == row.id, messages.c.provider_id.is_(None)).values(provider_id=sid))
        if status in RECEIPTS:
            self._move(connection, row.id, RECEIPTS[status], error=error)
        if stopped:
            self._stop(connection, row.id)
        return True

    def _stop(self, connection: Connection, message_id: int) -> None:
        contact_id = (
            select(conversations.c.contact_id)
            .join(messages, messages.c.conversation_id == conversations.c.id)
            .where(messages.c.id == message_id)
            .scalar_subquery()
        )
        connection.execute(update(contacts).where(contacts.c.id == contact_id).values(stopped_at=self._clock.now()))

    def _move(self, connection: Connection, message_id: int, state: str, error: str | None = None) -> None:
        lower = [name for name, rank in RANK.items() if rank < RANK[state]]
        change = {"state": state, "state_at": self._clock.now(), "due_at": None}
        if error:
            change["error"] = error
        connection.execute(update(messages).where(messages.c.id == message_id, messages.c.state.in_(lower)).values(**change))
