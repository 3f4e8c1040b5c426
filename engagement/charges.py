"""What a conversation costs the council, added up as it happens, in pence by the rates of `data/council/costs.yml` at the time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, case, select, update

from engagement.tables import conversations, messages
from hearback import costs


def turn_charged() -> dict[str, Any]:
    """What one answer of the assistant changes in its conversation; with the first one comes the share of the overhead."""
    first = conversations.c.cost_turns == 0.0
    return {
        "cost_turns": conversations.c.cost_turns + costs.pence("bot_turn"),
        "cost_overhead": case((first, costs.pence("overhead")), else_=conversations.c.cost_overhead),
    }


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
