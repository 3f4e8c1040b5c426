"""Who helps with what: the services of the directory of support, kept in a file so that they are known while it is away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from backoffice import kept
from backoffice.records import number, rows_of, text_of

OFFERED = frozenset({"active", "temporarily closed"})
DAY = re.compile(r"\b[+-]?\d?(MO|TU|WE|TH|FR|SA|SU)\b")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a service is given. `id` is the HSDS location's."""

    id: str
    words: str
    postcode: str | None


@dataclass(frozen=True, kw_only=True)
class Support:
    """A service of a partner. `days` are iCal's (MO); `terms` the names of its taxonomy terms; `modified` changes when the record does."""

    id: str
    name: str
    status: str = "active"
    description: str | None = None
    organization: str | None = None
    phone: str | None = None
    email: str | None = None
    url: str | None = None
    alert: str | None = None
    cost: str | None = None
    youngest: float | None = None
    oldest: float | None = None
    when: str | None = None
    days: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    terms: tuple[str, ...] = ()
    modified: str | None = None

    @property
    def closed(self) -> bool:
        return self.status != "active"

    @classmethod
    def read(cls, row: dict[str, Any]) -> Support | None:
        """From a full HSDS service; None where it is not offered (any more) or says nothing."""
        identity, name = text_of(row.get("id")), text_of(row.get("name"))
        status = (text_of(row.get("status")) or "active").lower()
        if identity is None or name is None or status not in OFFERED:
            return None
        schedules = rows_of(row.get("schedules"))
        return cls(
            id=identity,
            name=name,
            status=status,
            description=text_of(row.get("description")),
            organization=text_of(_object(row.get("organization")).get("name")),
            phone=next(_phones(row), None),
            email=text_of(row.get("email")),
            url=text_of(row.get("url")),
            alert=text_of(row.get("alert")),
            cost=text_of(row.get("fees")) or next((text_of(one.get("option")) for one in rows_of(row.get("cost_options"))), None),
            youngest=number(row.get("minimum_age")),
            oldest=number(row.get("maximum_age")),
            when="; ".join(dict.fromkeys(words for one in schedules if (words := _times(one)))) or None,
            days=tuple(dict.fromkeys(day for one in schedules for day in DAY.findall(text_of(one.get("byday")) or ""))),
            places=tuple(_places(row)),
            terms=tuple(dict.fromkeys(_terms(row))),
            modified=text_of(row.get("last_modified")),
        )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _phones(row: dict[str, Any]) -> Iterator[str]:
    """The service's own numbers, then those of its contacts."""
    for holder in (row, *rows_of(row.get("contacts"))):
        for phone in rows_of(holder.get("phones")):
            if value := text_of(phone.get("number")):
                yield value


def _times(schedule: dict[str, Any]) -> str | None:
    """The schedule in its own words, else as days and hours in figures."""
    if words := text_of(schedule.get("description")):
        return words
    opens, closes = (text_of(schedule.get(name)) or "" for name in ("opens_at", "closes_at"))
    return f"{text_of(schedule.get('byday')) or ''} {opens[:5]}{'-' if opens and closes else ''}{closes[:5]}".strip() or None


def _places(row: dict[str, Any]) -> Iterator[Place]:
    for at in rows_of(row.get("service_at_locations")):
        location = _object(at.get("location"))
        address = next(iter(rows_of(location.get("addresses"))), {})
        words = [text_of(location.get("name")), *(text_of(address.get(part)) for part in ("address_1", "city", "postal_code"))]
        if any(words) and (identity := text_of(location.get("id")) or text_of(at.get("id"))):
            yield Place(id=identity, words=", ".join(dict.fromkeys(one for one in words if one)), postcode=words[-1])


def _terms(row: dict[str, Any]) -> Iterator[str]:
    for attribute in rows_of(row.get("attributes")):
        term = _object(attribute.get("taxonomy_term"))
        if name := text_of(term.get("name")) or text_of(attribute.get("label")):
            yield name


def path_in(home: Path) -> Path:
    return home / "support.json"


def keep(found: Iterable[Support], home: Path) -> bool:
    """Keep what the directory offers now; returns whether anything changed."""
    return kept.keep(path_in(home), orjson.dumps([asdict(one) for one in found], option=orjson.OPT_INDENT_2))


def version(home: Path) -> kept.Version:
    """Changes whenever the kept directory does; `kept.NEVER` while there is none."""
    return kept.version(path_in(home))


def read(home: Path) -> dict[str, Support]:
    """The kept services by id, in the directory's order."""
    return _read(home, version(home))


@lru_cache(maxsize=2)
def _read(home: Path, seen: kept.Version) -> dict[str, Support]:
    if seen == kept.NEVER:
        return {}
    rows: list[dict[str, Any]] = orjson.loads(path_in(home).read_bytes())
    found = {}
    for row in rows:
        places = tuple(Place(**place) for place in row["places"])
        found[row["id"]] = Support(**{**row, "places": places, "days": tuple(row["days"]), "terms": tuple(row["terms"])})
    return found
