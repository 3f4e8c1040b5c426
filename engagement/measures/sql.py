"""What SQLite and PostgreSQL say differently, and the pieces of which the measures' queries are made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Integer, String, cast, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from engagement.measures.values import Period

MICRO = 1_000_000  # pence are added up in whole millionths: sums of floats depend on their order


class Month(TypeDecorator[str]):
    """Like 2026-11. PostgreSQL groups moments faster than their text, which is written once for each group."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return f"{value:%Y-%m}" if isinstance(value, datetime) else value


class month_of(FunctionElement[str]):  # noqa: N801
    """The month in the United Kingdom of a moment."""

    type = Month()
    inherit_cache = True


@compiles(month_of, "postgresql")
def _month_postgresql(element: month_of, compiler: Any, **kw: Any) -> str:
    at = compiler.process(element.clauses, **kw)
    return f"date_trunc('month', timezone('Europe/London', {at}))"


@compiles(month_of, "sqlite")
def _month_sqlite(element: month_of, compiler: Any, **kw: Any) -> str:
    """Summer time is in force at the end of March to September: a month ends an hour earlier there than by UTC."""
    at = compiler.process(element.clauses, **kw)
    late = f"substr({at}, 12, 2) = '23' AND substr({at}, 6, 2) BETWEEN '03' AND '09'"
    return f"CASE WHEN {late} THEN strftime('%Y-%m', {at}, '+1 hour') ELSE substr({at}, 1, 7) END"


class each_of(FunctionElement[str]):  # noqa: N801
    """A row with a `value` for each word of a text like what|where|photo."""

    inherit_cache = True


@compiles(each_of, "postgresql")
def _each_postgresql(element: each_of, compiler: Any, **kw: Any) -> str:
    return f"json_array_elements_text({_as_list(element, compiler, **kw)}::json)"


@compiles(each_of, "sqlite")
def _each_sqlite(element: each_of, compiler: Any, **kw: Any) -> str:
    return f"json_each({_as_list(element, compiler, **kw)})"


def _as_list(element: each_of, compiler: Any, **kw: Any) -> str:
    kw.pop("asfrom", None)
    (text,) = (compiler.process(one, **kw) for one in element.clauses)
    return f"""('["' || replace({text}, '|', '","') || '"]')"""


class hours_between(FunctionElement[int]):  # noqa: N801
    """Whole hours from one moment to another."""

    type = Integer()
    inherit_cache = True


@compiles(hours_between, "postgresql")
def _hours_postgresql(element: hours_between, compiler: Any, **kw: Any) -> str:
    early, late = (compiler.process(one, **kw) for one in element.clauses)
    return f"CAST(floor(extract(epoch FROM date_trunc('second', {late}) - date_trunc('second', {early})) / 3600) AS INTEGER)"


@compiles(hours_between, "sqlite")
def _hours_sqlite(element: hours_between, compiler: Any, **kw: Any) -> str:
    early, late = (compiler.process(one, **kw) for one in element.clauses)
    return f"((CAST(strftime('%s', {late}) AS INTEGER) - CAST(strftime('%s', {early}) AS INTEGER)) / 3600)"


def within(at: ColumnElement[Any], period: Period) -> list[ColumnElement[bool]]:
    """Conditions for a moment to lie in the period."""
    limits = [] if period.start is None else [at >= period.start]
    return limits if period.end is None else [*limits, at < period.end]


def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of the group are so."""
    return func.count().filter(condition)


def micro(pence: ColumnElement[Any]) -> ColumnElement[int]:
    """Pence as a whole number of millionths."""
    return cast(func.round(pence * MICRO), BigInteger)
