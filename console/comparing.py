"""Whether two figures differ, or may well be equal."""

from __future__ import annotations

from math import sqrt
from typing import Any, Protocol


class Figure(Protocol):
    unit: str

    @property
    def enough(self) -> bool: ...
    @property
    def value(self) -> float | None: ...
    @property
    def interval(self) -> tuple[float | None, float | None]: ...


def change(now: Figure, before: Figure) -> dict[str, Any] | None:
    """The difference with its 95 % interval; `beyond_noise` says whether it is more than noise, None where that cannot be told.

    Shares and means by Newcombe's method from both intervals: https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I
    Costs and days have no interval. None where there are too few of either.
    """
    if not (now.enough and before.enough) or now.value is None or before.value is None:
        return None
    difference = now.value - before.value
    found: dict[str, Any] = {"before": before.value, "difference": round(difference, 6), "low": None, "high": None, "beyond_noise": None}
    (low, high), (low_before, high_before) = now.interval, before.interval
    if low is None or high is None or low_before is None or high_before is None:
        return found
    below = difference - sqrt((now.value - low) ** 2 + (high_before - before.value) ** 2)
    above = difference + sqrt((high - now.value) ** 2 + (before.value - low_before) ** 2)
    return {**found, "low": round(below, 6), "high": round(above, 6), "beyond_noise": below > 0 or above < 0}


def apart(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two figures' intervals leave a gap; figures without interval are apart where they differ."""
    if one["low"] is None or other["low"] is None:
        return bool(one["value"] != other["value"])
    return bool(one["low"] > other["high"] or other["low"] > one["high"])
