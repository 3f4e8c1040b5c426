"""What may be given to everybody: outcomes in groups of at least five, and numbers in steps of five.

Numbers in steps of five cannot be subtracted from each other, nor today's from last month's, to single out fewer than five.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, case, func, select

from engagement.database import Database, reads
from engagement.measures.registry import Measured, Part
from engagement.measures.sql import hours_between, month_of, within
from engagement.measures.values import Period, rounded
from engagement.tables import outcomes
from hearback.clock import Clock

STEP = 5  # numbers are given in steps of it, and no group is smaller
ENOUGH = 25  # below it no share, cost or number of days is given
ANY = "any"
# A group that is too small loses what it says of these, one after the other, until it is large enough.
COLUMNS = ("month", "channel", "subject", "service_code", "partner", "round", "declared", "confirmed", "days")
LOSES = ("days", "round", "partner", "month", "channel", "service_code", "subject", "declared", "confirmed")
BANDS = ((3, "0-2"), (8, "3-7"), (15, "8-14"))
Group = tuple[str, ...]


class OpenData:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @reads
    def outcomes(self, connection: Connection, *, start: Any = None, end: Any = None) -> list[dict[str, Any]]:
        """Groups of outcomes that began in the period, none below five, `count` in steps of five."""
        period = Period(now=self._clock.now(), start=start, end=end)
        days = hours_between(outcomes.c.declared_at, outcomes.c.confirmed_at) / 24
        band = case(*((days < limit, name) for limit, name in BANDS), (days >= 15, "15+"), else_="")
        key = (
            month_of(outcomes.c.created_at), outcomes.c.channel, outcomes.c.subject, outcomes.c.service_code, outcomes.c.partner,
            case((outcomes.c.round >= 3, 3), else_=outcomes.c.round), outcomes.c.declared, outcomes.c.confirmed, band,
        )  # fmt: skip
        rows = connection.execute(select(*key, func.count()).where(*within(outcomes.c.created_at, period)).group_by(*key))
        found = Counter({tuple("" if value is None else str(value) for value in row[:-1]): row[-1] for row in rows})
        return [
            {**dict(zip(COLUMNS, group, strict=True)), "count": in_steps(number)}
            for group, number in sorted(grouped(found).items())
            if number
        ]


def grouped(found: Counter[Group]) -> Counter[Group]:
    """The same outcomes in groups of at least five; nothing where there are fewer in all."""
    large: Counter[Group] = Counter()
    small = found
    for name in LOSES:
        small = _move(small, large)
        merged: Counter[Group] = Counter()
        for group, number in small.items():
            merged[_without(group, COLUMNS.index(name))] += number
        small = merged
    small = _move(small, large)
    if small and large:  # all that is left says nothing of itself: the smallest group goes with it
        least = min(large, key=lambda group: (large[group], group))
        nothing = next(iter(small))
        rest = small[nothing] + large.pop(least)
        large[nothing] += rest
    return large


def _move(small: Counter[Group], large: Counter[Group]) -> Counter[Group]:
    """Groups that are large enough, or join one that is; what is left."""
    left: Counter[Group] = Counter()
    for group, number in small.items():
        if number >= STEP or group in large:
            large[group] += number
        else:
            left[group] = number
    return left


def _without(group: Group, place: int) -> Group:
    return (*group[:place], ANY, *group[place + 1 :])


def in_steps(number: float) -> int:
    """To the nearest five; 0, 1 and 2 are none."""
    return int(rounded(Fraction(number) / STEP, 0)) * STEP


def measured(name: str, found: Measured) -> list[dict[str, Any]]:
    """A measure as lines, the whole first; those that come to none are left out."""
    parts = [("", found.whole), *((by, part) for by, parts in found.by.items() for part in parts)]
    return [_line(name, by, part) for by, part in parts if in_steps(part.counted.denominator) or not by]


def _line(name: str, by: str, part: Part) -> dict[str, Any]:
    """Money has no numerator: what each turn costs is known, and would tell how many there were."""
    counted = part.counted
    share, enough = counted.unit == "share", counted.denominator >= ENOUGH
    low, high = counted.interval if enough else (None, None)
    return {
        "measure": name, "unit": counted.unit, "by": by, "name": part.name or "",
        "numerator": in_steps(counted.numerator) if share else None,
        "denominator": in_steps(counted.denominator), "value": _coarse(counted.value if enough else None, counted.unit),
        "low": _coarse(low, "share"), "high": _coarse(high, "share"),
    }  # fmt: skip


def _coarse(value: float | None, unit: str) -> float | None:
    """Whole hundredths, whole pence, tenths of days."""
    return None if value is None else rounded(Fraction(value), {"share": 2, "mean": 2, "pence": 0, "days": 1}[unit])
