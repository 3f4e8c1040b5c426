"""Where the council's work ends, from `data/council/area.yml`: its area, its neighbours, the other tier, and what counts as nearby."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hearback.council_files import reading

Point = tuple[float, float]  # latitude, longitude
EARTH_METRES = 6_371_000


@dataclass(frozen=True, kw_only=True)
class Territory:
    """A council with its postcode districts ("AD1"), towns and boundary."""

    name: str = ""
    website: str = ""
    districts: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    boundary: tuple[Point, ...] = ()

    def holds(self, point: Point) -> bool:
        """Whether the point lies within the boundary: a line from it to the east crosses the boundary an odd number of times."""
        lat, long = point
        inside = False
        for (lat1, long1), (lat2, long2) in zip(self.boundary, (*self.boundary[1:], *self.boundary[:1]), strict=True):
            if (lat1 > lat) != (lat2 > lat) and long < long1 + (lat - lat1) * (long2 - long1) / (lat2 - lat1):
                inside = not inside
        return inside


@dataclass(frozen=True, kw_only=True)
class Area:
    """`other` is the council of the other tier, where there are two; `elsewhere` maps a service code to its page for it."""

    own: Territory
    gss: str | None = None
    custodian_code: str | None = None
    tier: str = "unitary"
    neighbours: tuple[Territory, ...] = ()
    find_council: str = ""
    other: Territory | None = None
    elsewhere: dict[str, str] = field(default_factory=dict)
    days: int = 90
    nearby: int = 50
    nearby_by_service: dict[str, int] = field(default_factory=dict)

    @classmethod
    @reading("area.yml")
    def read(cls, folder: Path) -> Area:
        """A council without the file does everything itself, everywhere."""
        path = folder / "area.yml"
        given: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        other, known = given.get("other_tier") or {}, given.get("already_reported") or {}
        return cls(
            own=_territory(given),
            gss=given.get("gss"),
            custodian_code=str(given["custodian_code"]) if given.get("custodian_code") else None,
            tier=given.get("tier", "unitary"),
            neighbours=tuple(_territory(one) for one in given.get("neighbours") or ()),
            find_council=given.get("find_council", ""),
            other=_territory(other) if other else None,
            elsewhere=dict(other.get("services") or {}),
            days=known.get("days", 90),
            nearby=known.get("metres", 50),
            nearby_by_service=dict(known.get("services") or {}),
        )

    def job_of(self, tier: str | None) -> Territory | None:
        """The council whose job it is to answer what a tier (county or district) does; None where it is ours."""
        return self.other if tier and self.tier not in {"unitary", tier} else None

    def metres_for(self, service_code: str) -> int:
        """How near a report of this service must be to be the same."""
        return self.nearby_by_service.get(service_code, self.nearby)


def _territory(given: dict[str, Any]) -> Territory:
    return Territory(
        name=given.get("name", ""),
        website=given.get("website", ""),
        districts=tuple(given.get("districts") or ()),
        towns=tuple(given.get("towns") or ()),
        boundary=tuple((lat, long) for lat, long in given.get("boundary") or ()),
    )


def metres(one: Point, other: Point) -> float:
    """The distance of two points as the crow flies."""
    lat1, long1, lat2, long2 = (math.radians(degrees) for degrees in (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((long2 - long1) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(half))
