"""The measures by name. Each is a function from sums to a share, a cost or days; the sums say which queries they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, TypeVar, get_type_hints

from sqlalchemy import func, select

from engagement.measures.rows import Rows
from engagement.measures.sql import month_of, number
from engagement.measures.values import Counted, Period

ALL = ("channel", "service", "partner", "month")
Key = tuple[str | None, ...]
Cell = tuple[Key, tuple[Any, ...]]  # a value for each dimension, a number for each field


class Sums:
    """Numbers that can be added up over parts: a dataclass whose fields are what `cells` gives, in this order.

    `MONTHS`: the numbers of a period of whole months are those of its months. `OF`: other sums from which these are made.
    """

    DIMENSIONS: ClassVar[tuple[str, ...]] = ALL
    MONTHS: ClassVar[bool] = True
    OF: ClassVar[tuple[type[Sums], ...]] = ()

    @classmethod
    def rows(cls, period: Period) -> Rows:
        """What is counted, a row for each unit; which of them a field counts."""
        raise NotImplementedError

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        """The numbers of each smallest part, from one query."""
        rows = cls.rows(sheet.period)
        month = month_of(rows.at)
        key = [month if name == "month" else rows.key[name] for name in cls.DIMENSIONS]
        numbers = [func.count() if rows.fields[name] is None else number(rows.fields[name]) for name in cls.__dataclass_fields__]  # type: ignore[attr-defined, arg-type]
        query = select(*key, *numbers).select_from(rows.source).where(*rows.where).group_by(*key)
        return [(tuple(row[: len(key)]), tuple(row[len(key) :])) for row in sheet.connection.execute(query)]

    @classmethod
    def none(cls) -> Self:
        """Where nothing was counted at all."""
        return cls(*(0 for _ in cls.__dataclass_fields__))  # type: ignore[attr-defined]


S = TypeVar("S", bound=Sums)
Better = str  # "high", "low", or "" where neither is


@dataclass(frozen=True, kw_only=True)
class Measure:
    name: str
    sentence: str
    better: Better
    by: tuple[str, ...]
    sums: type[Sums]
    of: Callable[[Any], Counted]
    numerator: tuple[str, ...] = ()  # the fields whose rows it counts; of a cost or of days, the rows that brought them about
    denominator: tuple[str, ...] = ()


MEASURES: dict[str, Measure] = {}


def measure(
    name: str,
    sentence: str,
    *,
    better: Better = "",
    by: tuple[str, ...] | None = None,
    numerator: tuple[str, ...] = (),
    denominator: tuple[str, ...] = (),
) -> Callable[[Any], Any]:
    """Enter a function into the book of measures under its name."""

    def enter(of: Callable[[S], Counted]) -> Callable[[S], Counted]:
        hints = get_type_hints(of)
        sums = next(kind for argument, kind in hints.items() if argument != "return")
        split = by or sums.DIMENSIONS
        MEASURES[name] = Measure(
            name=name, sentence=sentence, better=better, by=split, sums=sums, of=of, numerator=numerator, denominator=denominator
        )
        return of

    return enter


@dataclass
class Sheet:
    """One reading of the log: several measures of the same sums ask for them once."""

    connection: Any  # None where everything was read before
    period: Period
    read: dict[type[Sums], list[Cell]] = field(default_factory=dict)
    added_up: dict[tuple[type[Sums], int | None], dict[str | None, Sums]] = field(default_factory=dict)

    def added(self, sums: type[Sums], place: int | None) -> dict[str | None, Sums]:
        """Sums by the dimension at a place, or of the whole."""
        if (sums, place) not in self.added_up:
            self.added_up[sums, place] = added(sums, self.cells(sums), place)
        return self.added_up[sums, place]

    def cells(self, sums: type[Sums]) -> list[Cell]:
        if sums not in self.read:
            self.read[sums] = list(sums.cells(self))
        return self.read[sums]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a measure says of the whole, or of a part by `name` (None: what belongs to no part)."""

    name: str | None
    counted: Counted
    rank: int | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    measure: Measure
    whole: Part
    by: dict[str, list[Part]]


def reckon(measure: Measure, sheet: Sheet, by: Iterable[str] | None = None) -> Measured:
    """A measure of the whole period and of each part of it, split by everything by which it can be where `by` does not say less."""
    whole = sheet.added(measure.sums, None).get(None) or measure.sums.none()
    split = {}
    for name in measure.by if by is None else by:
        sums_of = sheet.added(measure.sums, measure.sums.DIMENSIONS.index(name))
        parts = [Part(name=one, counted=measure.of(sums)) for one, sums in sums_of.items()]
        split[name] = _ranked(parts, measure.better, by_name=name == "month")
    return Measured(measure=measure, whole=Part(name=None, counted=measure.of(whole)), by=split)


def added(sums: type[Sums], cells: list[Cell], place: int | None) -> dict[str | None, Sums]:
    """Cells added up by the dimension at a place, or all of them under None."""
    found: dict[str | None, list[Any]] = {}
    for key, numbers in cells:
        name = None if place is None else key[place]
        if (until := found.get(name)) is None:
            found[name] = [one.copy() if isinstance(one, Counter) else one for one in numbers]
        else:
            for at, one in enumerate(numbers):
                if isinstance(one, Counter):
                    until[at].update(one)
                else:
                    until[at] += one
    return {name: sums(*numbers) for name, numbers in found.items()}


def _ranked(parts: list[Part], better: Better, *, by_name: bool) -> list[Part]:
    """Best first where one is better; those that are too few to judge by stand at the end, without a rank. Months stand in time."""
    if by_name or not better:
        return sorted(parts, key=lambda part: (part.name is None, part.name or ""))
    judged = [(part.counted.value, part) for part in parts if part.counted.enough and part.counted.value is not None]
    order = sorted(value for value, _ in judged) if better == "low" else sorted((value for value, _ in judged), reverse=True)
    ranked = [Part(name=part.name, counted=part.counted, rank=1 + order.index(value)) for value, part in judged]
    others = [part for part in parts if not any(part is one for _, one in judged)]
    ranked.sort(key=lambda part: (part.rank, part.name is None, part.name or ""))
    return ranked + sorted(others, key=lambda part: (-part.counted.denominator, part.name is None, part.name or ""))
