"""The service teams: who they are, how they signed in, what they did."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text, true

from engagement.tables.base import Utc, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String(80), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", String(12), nullable=False),  # reviewer, approver, agent, analyst, admin
    Column("display_name", String(80)),  # what citizens read: "Sam"; None: the username
    Column("teams", JSON),  # names of data/council/teams.yml; None or []: all
    Column("shortcuts", Boolean, nullable=False, default=True, server_default=true()),  # of single keys, which some cannot have
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Utc),
    Column("active", Boolean, nullable=False, default=True),
    Column("created_at", Utc, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False, index=True),
    Column("staff_id", Integer, ForeignKey("staff.id")),
    Column("action", String(40), nullable=False),  # signed_in, sign_in_failed, read_conversation ...
    Column("subject", String(80)),
    Column("details", JSON),
)
