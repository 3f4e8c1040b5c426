"""The rows from which measures are counted, and which of them stand behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, Select, or_, select

from engagement.measures.sql import within
from engagement.measures.values import Period

UK = ZoneInfo("Europe/London")
Column = ColumnElement[Any]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A row for each unit. `at` decides its period and month; a field counts the rows of its condition, all of them where it is None."""

    source: FromClause
    conversation: Column
    at: Column
    key: dict[str, Column]  # by dimension, the month apart
    fields: dict[str, ColumnElement[bool] | None]
    where: tuple[ColumnElement[bool], ...]


def behind(rows: Rows, fields: tuple[str, ...], *, by: str = "", part: str | None = None) -> Select[Any]:
    """The conversations of the rows that any of the fields counts, one for each row, of the part by name or of the whole."""
    conditions = [rows.fields[name] for name in fields]
    query = select(rows.conversation).select_from(rows.source).where(*rows.where)
    if all(condition is not None for condition in conditions):
        query = query.where(or_(*(condition for condition in conditions if condition is not None)))
    if by == "month":
        return query.where(*within(rows.at, month(part or "")))
    if by:
        column = rows.key[by]
        query = query.where(column.is_(None) if part is None else column == part)
    return query


def month(name: str) -> Period:
    """The month that is called so, like 2026-11; raises ValueError."""
    first = datetime.strptime(name, "%Y-%m").replace(tzinfo=UK)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return Period(now=after, start=first, end=after)
