"""Privacy: who is mentioned where, what must not be erased, what was to be erased, and what retention did."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from engagement.tables.base import MessageId, Utc, metadata

# Whose number or address stands, masked, in a message: `messages.contacts` the other way round, to be found by its index.
mentions = Table(
    "mentions",
    metadata,
    Column("contact_id", Integer, ForeignKey("contacts.id"), primary_key=True),
    Column("message_id", MessageId, ForeignKey("messages.id"), primary_key=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),
)

# Nothing of a citizen or of a conversation is erased while a hold on it is not lifted.
legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", Integer, ForeignKey("contacts.id"), index=True),  # one of these two; None again once the number was erased
    Column("conversation_id", String(32), ForeignKey("conversations.id"), index=True),
    Column("reason", Text, nullable=False),  # why, in words without personal details: "Claim 2026/114"
    Column("placed_by", Integer, ForeignKey("staff.id"), nullable=False),
    Column("placed_at", Utc, nullable=False),
    Column("lifted_by", Integer, ForeignKey("staff.id")),
    Column("lifted_at", Utc, index=True),
)

# One row for each conversation that was to be erased: who wished it, and how far it is. It holds no words.
erasure_orders = Table(
    "erasure_orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, unique=True),
    Column("source", String(10), nullable=False),  # citizen, staff, command, retention
    Column("staff_id", Integer, ForeignKey("staff.id")),
    Column("contacts", JSON),  # ids of the numbers and addresses that go with it, where a whole citizen is erased
    Column("state", String(6), nullable=False),  # held (a legal hold is on it), begun, done
    Column("ordered_at", Utc, nullable=False),
    Column("done_at", Utc),
    Index("ix_erasure_orders_state", "state"),
)

# The rules as they were last put to use: a shorter one waits until an administrator confirms it.
retention_rules = Table(
    "retention_rules",
    metadata,
    Column("name", String(40), primary_key=True),  # table.kind
    Column("days", Integer, nullable=False),
    Column("confirmed_by", Integer, ForeignKey("staff.id")),  # None where nothing had to be confirmed
    Column("confirmed_at", Utc, nullable=False),
)

retention_runs = Table(
    "retention_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", String(10), nullable=False, unique=True),  # the council's, like 2026-11-24: one run a day
    Column("state", String(8), nullable=False),  # running, done
    Column("leased_until", Utc, nullable=False),  # when another process may take it up
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("gone", JSON, nullable=False),  # how many went, by rule
    Column("waiting", JSON, nullable=False),  # how many would go by a rule that waits to be confirmed
)
