"""What colleagues teach the assistant: examples that two of them saw, and the trainings that took them up."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, text

from engagement.tables.base import MessageId, Utc, metadata

RUNNING, OPEN = text("state = 'running'"), text("state in ('waiting', 'approved')")

teachings = Table(
    "teachings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(12), nullable=False),  # running, promoted, refused (by a gate), failed, interrupted, nothing (to teach)
    Column("step", String(20), nullable=False),  # begun, training, measuring_old, measuring_new, comparing, promoting, ended
    Column("by", Integer, ForeignKey("staff.id")),  # None: at the command line
    Column("base", String(80)),  # the model in use when it began
    Column("model", String(80)),  # the candidate
    Column("result", JSON),  # {before, after: figures, reasons, changed, worst, understood}; see hearback/teaching/run.py
    Column("error", Text),
    Column("lease_until", Utc),  # while running: after that it was interrupted
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Index("uq_teachings_running", "state", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),  # one at a time
)

examples = Table(
    "examples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", MessageId, ForeignKey("messages.id"), index=True),  # None once the conversation was erased
    Column("state", String(12), nullable=False),  # waiting, approved, taught, refused, gate (refused by it), rolled_back
    Column("text", Text, nullable=False),  # without personal data: what was redacted is kept nowhere
    Column("intent", String(40), nullable=False),
    Column("about", String(120)),  # service code, information id or need id
    Column("marked", JSON, nullable=False),  # [[start, end, entity]] in the text
    Column("heard", JSON, nullable=False),  # what was understood when it was said: {intent, confidence, intents, services}
    Column("redacted", JSON, nullable=False),  # {kind: times}
    Column("proposed_by", Integer, ForeignKey("staff.id"), nullable=False),
    Column("proposed_at", Utc, nullable=False),
    Column("corrected_by", Integer, ForeignKey("staff.id")),  # who put another label on it: not their own second person either
    Column("corrected_at", Utc),
    Column("decided_by", Integer, ForeignKey("staff.id")),
    Column("decided_at", Utc),
    Column("reason", Text),
    Column("teaching_id", Integer, ForeignKey("teachings.id"), index=True),  # the latest training that it was in
    Column("change", JSON),  # what that did to it: {before: {intent, confidence, about}, after: …, understood}
    Index("ix_examples_state_id", "state", "id"),
    Index(
        "uq_examples_open_message",
        "message_id",
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    ),
)
