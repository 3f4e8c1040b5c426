"""What an HSDS query asks for: words, terms, ages, days and places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from backoffice.sandbox.directory import Directory, Item
from backoffice.sandbox.places import Point, metres

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Test = Callable[[Item], bool]


class BadQuery(Exception):
    """A query that cannot be answered; the sentence says what is expected."""


def number(query: Mapping[str, str], name: str, default: int | None = None, lowest: int = 0) -> int | None:
    text = query.get(name, "")
    if text == "":
        return default
    if not text.isdecimal() or len(text) > 9 or int(text) < lowest:
        raise BadQuery(f"{name} must be a whole number from {lowest}.")
    return int(text)


def flag(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "").lower() in ("true", "1", "yes")


def clock_time(query: Mapping[str, str], name: str) -> time | None:
    try:
        return time.fromisoformat(query[name]).replace(tzinfo=None) if query.get(name) else None
    except ValueError:
        raise BadQuery(f"{name} must be a time such as 09:30.") from None


def found(items: Iterable[Item], search: str, *names: str) -> list[Item]:
    """Items in which a word begins with each word searched for."""
    wanted = re.findall(r"\w+", search.lower())
    return [item for item in items if _has(" ".join(str(item.get(name, "")) for name in names), wanted)]


def _has(text: str, wanted: Iterable[str]) -> bool:
    words = re.findall(r"\w+", text.lower())
    return all(any(word.startswith(start) for word in words) for start in wanted)


@dataclass(frozen=True)
class Near:
    """What `postcode` and `proximity` (metres) ask for; no point for a postcode outside the borough, which no service covers."""

    point: Point | None
    within: int | None

    def distance(self, points: Iterable[Point]) -> float:
        return min((metres(self.point, point) for point in points), default=float("inf")) if self.point else float("inf")

    def covers(self, points: Iterable[Point]) -> bool:
        return self.point is not None and (self.within is None or self.distance(points) <= self.within)


def matching(directory: Directory, query: Mapping[str, str]) -> list[Item]:
    """Services by everything but words and place, in the directory's order."""
    tests = [*_by_terms(directory, query), *_by_age(query), *_by_time(query)]
    return [service for service in directory.services if all(test(service) for test in tests)]


def _by_terms(directory: Directory, query: Mapping[str, str]) -> list[Test]:
    tests: list[Test] = []
    if terms := {id for id in query.get("taxonomy_term_id", "").split(",") if id}:
        tests.append(lambda service: bool(terms & directory.term_ids[service["id"]]))
    if taxonomy := query.get("taxonomy_id"):
        tests.append(lambda service: any(item["taxonomy_term"]["taxonomy_detail"]["id"] == taxonomy for item in service["attributes"]))
    if organization := query.get("organization_id"):
        tests.append(lambda service: service["organization"]["id"] == organization)
    if after := query.get("modified_after"):
        moment = _moment(after)
        tests.append(lambda service: _moment(service["last_modified"]) >= moment)
    return tests


def _moment(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise BadQuery("modified_after must be a date or a datetime.") from None
    return value.replace(tzinfo=value.tzinfo or UTC)


def _by_age(query: Mapping[str, str]) -> list[Test]:
    """Services that are open to some of the ages asked for."""
    youngest, oldest = number(query, "minimum_age"), number(query, "maximum_age")
    tests: list[Test] = []
    if youngest is not None:
        tests.append(lambda service: int(service.get("maximum_age", 200)) >= youngest)
    if oldest is not None:
        tests.append(lambda service: int(service.get("minimum_age", 0)) <= oldest)
    return tests


def _by_time(query: Mapping[str, str]) -> list[Test]:
    """Services with one opening on one of the days, and within start_time and end_time."""
    days = {day.strip().upper()[:2] for day in query.get("day", "").split(",") if day.strip()}
    if not days <= set(DAYS):
        raise BadQuery(f"day must be one of {', '.join(DAYS)}.")
    start, end = clock_time(query, "start_time"), clock_time(query, "end_time")

    def open_then(schedule: Item) -> bool:
        on = {day[-2:] for day in schedule["byday"].split(",")}
        opens, closes = time.fromisoformat(schedule["opens_at"]), time.fromisoformat(schedule["closes_at"])
        return (not days or bool(days & on)) and (start is None or closes > start) and (end is None or opens < end)

    return [lambda service: any(open_then(schedule) for schedule in service["schedules"])] if days or start or end else []
