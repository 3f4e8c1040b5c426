"""The service teams: who they are, how they signed in, what they did."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, true

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
    Column("password_once_until", Utc),  # the password was handed out: it holds until then, and a new one is chosen at the first sign-in
    Column("signed_in_at", Utc),  # the latest time
    Column("totp", Text),  # the second factor's secret, encrypted
    Column("totp_new", Text),  # one that is being set up
    Column("totp_step", BigInteger),  # of the last code that was taken, so that none is taken twice
    Column("openid_issuer", String(255)),  # with the subject: who this is at the single sign-on
    Column("openid_subject", String(255)),
    Index("uq_staff_openid_issuer_openid_subject", "openid_issuer", "openid_subject", unique=True),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False, index=True),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("stage", String(10)),  # "code": the password was right, the second factor's code is still owed
    Column("way", String(10)),  # password, openid
    Column("browser", String(80)),  # in words: "Firefox on Windows"
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
    Column("scopes", JSON),  # what it may read; None: whatever its owner's role may, as before scopes
    Column("expires_at", Utc),
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
    Index("ix_audit_staff_id_id", "staff_id", "id"),
    Index("ix_audit_staff_id_action_id", "staff_id", "action", "id"),
    Index("ix_audit_action_id", "action", "id"),
    Index("ix_audit_subject_id", "subject", "id"),
)
