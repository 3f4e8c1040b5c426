"""What a measure says: a share with its interval, a cost to the penny, days. What is too few to judge by says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import sqrt
from typing import Any, Protocol

ENOUGH = 10  # counts; below it a share says nothing and is not shown
Z = 1.959963984540054  # of the normal distribution, for 95 %
Number = int | Fraction


@dataclass(frozen=True, kw_only=True)
class Period:
    """From `start` up to but not at `end`; None: without limit. `now` decides what is over by now."""

    now: datetime
    start: datetime | None = None
    end: datetime | None = None


def wilson(numerator: int, denominator: int) -> tuple[float, float]:
    """The 95 % interval of a share: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval."""
    if denominator == 0:
        return 0.0, 1.0
    share, of = numerator / denominator, Z * Z / denominator
    middle, half = share + of / 2, Z * sqrt(share * (1 - share) / denominator + of / denominator / 4)
    low, high = (middle - half) / (1 + of), (middle + half) / (1 + of)
    return (0.0 if numerator == 0 else max(0.0, low)), (1.0 if numerator == denominator else min(1.0, high))


def rounded(number: Number, places: int) -> float:
    """Half away from nothing, as money is rounded."""
    scaled = abs(Fraction(number)) * 10**places
    whole = int(scaled + Fraction(1, 2)) * (-1 if number < 0 else 1)
    return float(Fraction(whole, 10**places))


class Counted(Protocol):
    """What a measure's function gives back. `unit` is of its value."""

    unit: str
    beside: dict[str, Any]

    @property
    def numerator(self) -> float: ...
    @property
    def denominator(self) -> float: ...
    @property
    def enough(self) -> bool: ...
    @property
    def value(self) -> float | None: ...
    @property
    def interval(self) -> tuple[float | None, float | None]: ...


@dataclass(frozen=True)
class Ratio:
    """So many of so many."""

    numerator: int
    denominator: int
    beside: dict[str, Any] = field(default_factory=dict)
    unit: str = "share"

    @property
    def enough(self) -> bool:
        return self.denominator >= ENOUGH

    @property
    def value(self) -> float | None:
        return round(self.numerator / self.denominator, 6) if self.enough else None

    @property
    def interval(self) -> tuple[float | None, float | None]:
        if not self.enough:
            return None, None
        low, high = wilson(self.numerator, self.denominator)
        return round(low, 6), round(high, 6)


@dataclass(frozen=True)
class Cost:
    """So many pence for so many, exact until it is shown."""

    pence: Fraction
    count: Fraction
    beside: dict[str, Any] = field(default_factory=dict)
    unit: str = "pence"

    @property
    def numerator(self) -> float:
        return rounded(self.pence, 2)

    @property
    def denominator(self) -> float:
        return int(self.count) if self.count.denominator == 1 else rounded(self.count, 2)

    @property
    def enough(self) -> bool:
        return self.count >= ENOUGH

    @property
    def value(self) -> float | None:
        return rounded(self.pence / self.count, 2) if self.count else None

    @property
    def interval(self) -> tuple[float | None, float | None]:
        return None, None


@dataclass(frozen=True)
class Mean:
    """The mean of numbers from 0 to 1, added up in whole thousandths, and their squares in millionths."""

    thousandths: int
    squares: int
    count: int
    beside: dict[str, Any] = field(default_factory=dict)
    unit: str = "mean"

    @property
    def numerator(self) -> float:
        return rounded(Fraction(self.thousandths, 1000), 3)

    @property
    def denominator(self) -> float:
        return self.count

    @property
    def enough(self) -> bool:
        return self.count >= ENOUGH

    @property
    def value(self) -> float | None:
        return rounded(Fraction(self.thousandths, 1000 * self.count), 4) if self.enough else None

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """The 95 % interval of a mean of many."""
        if not self.enough:
            return None, None
        mean = self.thousandths / 1000 / self.count
        spread = max(0.0, self.squares / 1_000_000 / self.count - mean * mean) * self.count / (self.count - 1)
        half = Z * sqrt(spread / self.count)
        return round(max(0.0, mean - half), 4), round(min(1.0, mean + half), 4)


@dataclass(frozen=True)
class Days:
    """How long it took in the middle: half were faster. `hours` counts each whole number of hours."""

    hours: Counter[int]
    unit: str = "days"

    @property
    def beside(self) -> dict[str, Any]:
        of = self.hours.total()
        return {"mean": rounded(Fraction(self._sum(), 24 * of), 2) if self.enough else None}

    @property
    def numerator(self) -> float:
        return rounded(Fraction(self._sum(), 24), 2)

    @property
    def denominator(self) -> float:
        return self.hours.total()

    @property
    def enough(self) -> bool:
        return self.hours.total() >= ENOUGH

    @property
    def value(self) -> float | None:
        return (
            rounded(Fraction(self._at((self.hours.total() - 1) // 2) + self._at(self.hours.total() // 2), 48), 2) if self.enough else None
        )

    @property
    def interval(self) -> tuple[float | None, float | None]:
        return None, None

    def _sum(self) -> int:
        return sum(hours * count for hours, count in self.hours.items())

    def _at(self, place: int) -> int:
        for hours in sorted(self.hours):
            place -= self.hours[hours]
            if place < 0:
                return hours
        raise IndexError(place)
