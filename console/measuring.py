"""Measures as the API and the pages show them, the period that is asked for, and what docs/measures.md says of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, TypedDict

from aiohttp import web

from console.query import BadQuery, moment_of
from engagement.measures.registry import Measured, Part
from hearback.settings import ROOT

DEFINITIONS = ROOT / "docs" / "measures.md"
COLUMNS = ("measure", "unit", "by", "name", "numerator", "denominator", "value", "low", "high", "enough", "rank", "beside")


class Period(TypedDict):
    start: datetime | None
    end: datetime | None


def read_period(request: web.Request) -> Period:
    """`start` and `end`: days, of which the last is in it too, or moments with a zone; raises BadQuery."""
    start, end = moment_of(request.query, "start", days=0), moment_of(request.query, "end", days=1)
    if start and end and start >= end:
        raise BadQuery("start must be before end.")
    return {"start": start, "end": end}


def part(one: Part) -> dict[str, Any]:
    low, high = one.counted.interval
    return {
        "numerator": one.counted.numerator, "denominator": one.counted.denominator, "value": one.counted.value, "low": low, "high": high,
        "enough": one.counted.enough, "beside": one.counted.beside,
    }  # fmt: skip


def shape(found: Measured) -> dict[str, Any]:
    """A measure of the whole period, and of each part of it."""
    by = {name: [{"name": one.name, "rank": one.rank, **part(one)} for one in parts] for name, parts in found.by.items()}
    return {"sentence": found.measure.sentence, "unit": found.whole.counted.unit, **part(found.whole), "by": by}


def lines(name: str, found: Measured) -> Iterator[dict[str, Any]]:
    """A measure as lines of a table, the whole first."""
    always = {"measure": name, "unit": found.whole.counted.unit}
    yield {**always, "by": None, "name": None, "rank": None, **_flat(found.whole)}
    for by, parts in found.by.items():
        yield from ({**always, "by": by, "name": one.name, "rank": one.rank, **_flat(one)} for one in parts)


def _flat(one: Part) -> dict[str, Any]:
    return {**part(one), "beside": " ".join(f"{name}={value}" for name, value in one.counted.beside.items())}


@cache
def definitions() -> dict[str, list[tuple[str, str]]]:
    """What docs/measures.md says of each measure: (Numerator, …), (Denominator, …) …"""
    sections = re.split(r"^### ", DEFINITIONS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    said = re.compile(r"^- \*\*(.+?)\*\* (.+)$", re.MULTILINE)
    return {section.split("\n", 1)[0].strip("` "): [(one[1], one[2]) for one in said.finditer(section)] for section in sections}
