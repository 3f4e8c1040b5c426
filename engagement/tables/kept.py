"""Counts that are kept for the pages with measures: numbers only, of nobody."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, String, Table

from engagement.tables.base import Utc, metadata

kept_counts = Table(
    "kept_counts",
    metadata,
    Column("name", String(120), primary_key=True),  # which sums, from when, until when
    Column("cells", JSON, nullable=False),  # as engagement/measures/kept.py encodes them
    Column("counted_at", Utc, nullable=False),
    Column("took", Float, nullable=False),  # real seconds
)
