"""Every table that can hold something of a citizen, and what of its rows the citizen may see.

A table that points to a conversation is among them without being named here; what is named here is what cannot be told from its columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, literal, select

from engagement.privacy.forgotten import of_conversations
from engagement.tables import audit, contacts, conversations, mentions, metadata, outcome_events, outcomes, staff
from hearback.keys import Keys

# Secrets, other people, and numbers that only our own tables understand.
HIDDEN = frozenset(
    "token token_hash code_hash csrf browser origin successor pseudonym payload reply_from provider_id place_key key contacts choices"
    " staff_id placed_by lifted_by looked_by proposed_by corrected_by decided_by teaching_id name contact_id outcome_id request_id"
    " handover_id message_id reply_to part_of page attempts due_at watch_at watch_failures repeat_of remedy_tries published_at fee act_by"
    " cost cost_texts cost_turns cost_staff cost_overhead".split()
)
OTHERS = ("report", "status_notes", "service_notice", "error")  # of a report that somebody else made and this citizen joined
DATES = {"tasks": "started_at", "audit": "at", "legal_holds": "placed_at", "erasure_orders": "ordered_at", "outcome_events": "at"}
NO_PLACE = ("mentions",)  # whose number stands where: the numbers and the messages are places of their own


@dataclass(frozen=True)
class Place:
    name: str
    date: str | None

    def rows(self, conversation_ids: set[str], contact_ids: set[int]) -> Select[Any]:
        """Its rows of a citizen, each with `by_role` where a colleague wrote or did it."""
        table = metadata.tables[self.name]
        if table is contacts:
            return select(table).where(contacts.c.id.in_(contact_ids))
        if table is conversations:
            return select(table).where(conversations.c.id.in_(conversation_ids)).order_by(conversations.c.created_at)
        if table is outcome_events:
            theirs = select(outcomes.c.id).where(outcomes.c.conversation_id.in_(conversation_ids))
            return (
                select(table, literal(None).label("by_role")).where(outcome_events.c.outcome_id.in_(theirs)).order_by(outcome_events.c.id)
            )
        who = table.c.get("staff_id")
        whose = audit.c.subject.in_(conversation_ids) if table is audit else of_conversations(table, conversation_ids)
        query = select(table, staff.c.role.label("by_role")).outerjoin(staff, staff.c.id == who) if who is not None else select(table)
        return query.where(whose).order_by(*table.primary_key.columns)

    def shown(self, row: dict[str, Any], keys: Keys) -> dict[str, Any]:
        """A row as its citizen may see it; what is empty is left out."""
        if self.name == "contacts":
            row["value"] = keys.decrypt(row["encrypted"]) if row["encrypted"] else None
            row.pop("encrypted")
        if self.name == "audit":
            row = {name: row[name] for name in ("at", "action", "subject", "by_role")}
        if row.get("followed"):
            row = {name: value for name, value in row.items() if name not in OTHERS}
        return {name: value for name, value in row.items() if name not in HIDDEN and value not in (None, "", [], {})}


def places() -> tuple[Place, ...]:
    """In the order in which tables are made: what is pointed to stands before what points to it."""
    named = (contacts, conversations, outcome_events, audit)
    found = [table for table in metadata.sorted_tables if table in named or _is_of_a_citizen(table)]
    return tuple(Place(table.name, DATES.get(table.name) or _date(table)) for table in found if table.name not in NO_PLACE)


def _is_of_a_citizen(table: Table) -> bool:
    return table is not mentions and bool({"conversation_id", "message_id"} & set(table.c.keys()))


def _date(table: Table) -> str | None:
    return next((name for name in ("created_at", "at") if name in table.c), None)
