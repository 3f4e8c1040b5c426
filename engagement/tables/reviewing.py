"""What reviewers keep: notes on conversations, and filters with a name."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint, false

from engagement.tables.base import Utc, metadata

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("text", Text, nullable=False),  # phone numbers and e-mail addresses masked
    Column("created_at", Utc, nullable=False),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),  # whose it is
    Column("name", String(80), nullable=False),
    Column("query", Text, nullable=False),  # as it stands in the list's address
    Column("shared", Boolean, nullable=False, default=False, server_default=false()),  # everybody sees it
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("staff_id", "name"),
)
