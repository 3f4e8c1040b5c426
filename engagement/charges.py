"""What a conversation costs the council, added up as it happens, in pence by the rates of `data/council/costs.yml` at the time."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from engagement.tables import conversations, messages
from hearback import costs


def charge_turn(connection: Connection, conversation_id: str) -> None:
    """One answer of the assistant; with the first one comes the conversation's share of the overhead."""
    first = conversations.c.cost_turns == 0.0
    connection.execute(
        update(conversations).where(conversations.c.id == conversation_id, first).values(cost_overhead=costs.pence("overhead"))
    )
    connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(cost_turns=conversations.c.cost_turns + costs.pence("bot_turn"))
    )


def charge_text(connection: Connection, message_id: int, cost: float | None) -> None:
    """A text costs this, instead of what was thought before; None: nothing."""
    row = connection.execute(select(messages.c.conversation_id, messages.c.cost).where(messages.c.id == message_id)).one_or_none()
    if row is None:
        return
    connection.execute(update(messages).where(messages.c.id == message_id).values(cost=cost))
    difference = (cost or 0.0) - (row.cost or 0.0)
    if difference:
        connection.execute(
            update(conversations)
            .where(conversations.c.id == row.conversation_id)
            .values(cost_texts=conversations.c.cost_texts + difference)
        )


def charge_staff(connection: Connection, conversation_id: str, minutes: float) -> None:
    """A colleague's time."""
    connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(cost_staff=conversations.c.cost_staff + minutes * costs.pence("staff_minute"))
    )
