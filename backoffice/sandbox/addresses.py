"""The households of the pretend borough, made from streets.yml, and how to find one by postcode or by words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from backoffice.sandbox.places import Point, postcode

DATA = Path(__file__).with_name("streets.yml")
MOST = 200
HOUSES = re.compile(r"(flats )?(\d+)-(\d+)(?: (.+))?")
SHORT = {
    **{"st": ("street", "st"), "str": ("street",), "rd": ("road",), "ave": ("avenue",), "av": ("avenue",), "ln": ("lane",)},
    **{"cl": ("close",), "ct": ("court",), "crt": ("court",), "terr": ("terrace",), "saint": ("st",), "apartment": ("flat",)},
}
POSTCODE_INSIDE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s*(\d[a-z]{2})\b")


@dataclass(frozen=True)
class Household:
    """One address with its bin round. `day` 0 is Monday; `week` A or B."""

    uprn: str
    address: str
    street: str
    postcode: str
    point: Point
    day: int
    week: str
    shared_bins: bool
    not_presented: bool

    @property
    def round(self) -> str:
        return f"{('MO', 'TU', 'WE', 'TH', 'FR')[self.day]}-{self.week}"

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(_words(self.address))

    @cached_property
    def names(self) -> frozenset[str]:
        """The words without the house's number: the same for a whole street."""
        return frozenset(word for word in self.words if not word.isdigit())


class Addresses:
    def __init__(self) -> None:
        content = yaml.safe_load(DATA.read_text(encoding="utf-8"))
        refused = {(item["house"], item["street"], item["postcode"]) for item in content["not_presented"]}
        self._all = [home for place, street in enumerate(content["streets"], 1) for home in _homes(place, street, refused)]
        self._streets = {home.names for home in self._all}
        self._by_uprn = {home.uprn: home for home in self._all}

    def one(self, uprn: str) -> Household | None:
        return self._by_uprn.get(uprn)

    def everyone(self) -> list[Household]:
        return list(self._all)

    def postcodes(self) -> dict[str, Point]:
        return {home.postcode: home.point for home in self._all}

    def find(self, *, code: str | None = None, text: str = "") -> list[Household]:
        """Households in a postcode, or whose address holds all the words of `text` ("12 mill ln, AD12BC"); at most 200."""
        text = text.lower()
        if inside := POSTCODE_INSIDE.search(text):
            code = postcode(f"{inside[1]} {inside[2]}")
            text = text.replace(inside[0], " ")
        wanted = _words(text)
        if not wanted and not code:
            return []
        numbers, names = {word for word in wanted if word.isdigit()}, [word for word in wanted if not word.isdigit()]
        streets = {street for street in self._streets if all(_in(word, street) for word in names)}
        homes = (home for home in self._all if home.names in streets and numbers <= home.words and (code is None or home.postcode == code))
        return [home for home, _ in zip(homes, range(MOST), strict=False)]


def _homes(place: int, street: list[str | float], refused: set[tuple[str, str, str]]) -> list[Household]:
    name, code, houses, lat, long, day, week = street
    found = HOUSES.fullmatch(str(houses))
    if not found:
        raise ValueError(f"{name}: {houses!r} are not houses")
    flats, first, last, block = found.groups()
    homes = []
    for house in range(int(first), int(last) + 1):
        line = f"Flat {house}, {block}, {name}" if flats else f"{house} {name}"
        home = Household(
            uprn=f"100090{place:03d}{house:03d}",
            address=f"{line}, {code}",
            street=str(name),
            postcode=str(code),
            point=(round(float(lat) + house * 0.00001, 6), round(float(long) + house * 0.00002, 6)),
            day=("MO", "TU", "WE", "TH", "FR").index(str(day)),
            week=str(week),
            shared_bins=bool(flats),
            not_presented=(str(house), str(name), str(code)) in refused,
        )
        homes.append(home)
    return homes


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower().replace("'", "").replace("’", ""))


def _in(word: str, words: frozenset[str]) -> bool:
    """Whether an address has this word, a longer one that begins with it, or what it is short for; numbers must match exactly."""
    if word in words or any(long in words for long in SHORT.get(word, ())):
        return True
    return len(word) >= 3 and word.isalpha() and any(other.startswith(word) for other in words)
