"""Colleagues who talk with citizens: whose a conversation is, who is there."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from engagement.tables.base import Utc, metadata

# One row for each time that a colleague has a conversation. The one without `ended_at` is whose it is now: there is never a second.
claims = Table(
    "claims",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("name", String(80), nullable=False),  # as the citizen was told
    Column("team", String(40), nullable=False),  # of data/council/teams.yml
    Column("claimed_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),  # the last sign of the colleague's browser
    Column("ended_at", Utc),
    Column("ended", String(12)),  # handed_back, passed_on, closed, taken (by another, after it went quiet), left (by the citizen)
    Column("result", String(20)),  # of a closed one: solved, passed_on, not_ours, no_answer, other
    Column("minutes", Float),  # measured from claim to end, or as the colleague corrected it
    Column("note", Text),  # for colleagues
)
Index(
    "uq_claims_open", claims.c.conversation_id, unique=True,
    sqlite_where=claims.c.ended_at.is_(None), postgresql_where=claims.c.ended_at.is_(None),
)  # fmt: skip
Index("ix_claims_ended_at_id", claims.c.ended_at, claims.c.id)  # who has whom now, however many had

presence = Table(
    "presence",
    metadata,
    Column("staff_id", Integer, ForeignKey("staff.id"), primary_key=True),
    Column("seen_at", Utc, nullable=False),  # when their inbox was last open
    Column("away", Boolean, nullable=False, default=False),  # they said so
)
