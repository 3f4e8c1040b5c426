"""The council's own data in `data/council/`: what it is called, what citizens say, what it answers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from hearback.area import Area
from hearback.council_files import reading
from hearback.settings import ROOT, SettingsError
from hearback.watched import Watched

FOLDER = ROOT / "data" / "council"
TOLD = ("name", "assistant", "website", "phone", "emergency_phone", "privacy", "opening_hours")  # what a profile cannot do without
UNSAID = "unsaid"  # the need of those who ask for help and do not say with what


@dataclass(frozen=True, kw_only=True)
class Information:
    """An answer of the council to a question, with its official page and LGSL code."""

    id: str
    title: str
    answer: str
    sms: str
    url: str
    lgsl: int | None = None
    tier: str | None = None  # county or district; None where every council answers
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Need:
    """What people need help with: the directory's terms for it, how they say it, and the helpline that is named first."""

    id: str
    terms: tuple[str, ...]
    examples: tuple[str, ...]
    helpline: str | None = None


@dataclass(frozen=True, kw_only=True)
class Helpline:
    name: str
    phone: str
    hours: str


def _load(name: str, folder: Path = FOLDER) -> Any:
    return yaml.safe_load((folder / name).read_text(encoding="utf-8"))


@reading("profile.yml")
def read_council(folder: Path = FOLDER) -> dict[str, Any]:
    """From `profile.yml`; raises SettingsError where something is missing that citizens are told."""
    told = _load("profile.yml", folder)
    if missing := [name for name in TOLD if not isinstance(told, dict) or not isinstance(told.get(name), str)]:
        raise SettingsError(f"data/council/profile.yml: {missing[0]} is missing: write it in quotation marks.")
    return dict(told)


_council = Watched((FOLDER / "profile.yml",), read_council)


def council() -> dict[str, Any]:
    """`profile.yml` as it is now: name, contact ways, opening hours."""
    return _council.value()


@lru_cache(maxsize=2)
def area(folder: Path = FOLDER) -> Area:
    """`area.yml`: where the council's work ends."""
    return Area.read(folder)


@lru_cache(maxsize=2)
@reading("information.yml")
def information(folder: Path = FOLDER) -> dict[str, Information]:
    """The answers by id. `{opening_hours}`, `{phone}` and the like in them stand for what `profile.yml` says."""
    about = {name: value for name, value in _load("profile.yml", folder).items() if isinstance(value, str)}
    tiers = {code: tier for tier, codes in _load("tiers.yml", folder).items() for code in codes}
    found = {}
    for row in _load("information.yml", folder):
        texts = {name: row[name].format(**about) for name in ("answer", "sms")}
        tier = row.get("tier") or tiers.get(row.get("lgsl"))
        found[row["id"]] = Information(**{**row, **texts, "tier": tier, "examples": tuple(row.get("examples") or ())})
    return found


@lru_cache(maxsize=1)
def needs() -> dict[str, Need]:
    """What people need help with, by id."""
    rows = [Need(**{**row, "terms": tuple(row["terms"]), "examples": tuple(row["examples"])}) for row in _load("needs.yml")]
    return {row.id: row for row in rows}


@lru_cache(maxsize=1)
def helplines() -> dict[str, Helpline]:
    return {name: Helpline(**row) for name, row in _load("helplines.yml").items()}


def service_phrases() -> dict[str, list[str]]:
    """Example phrases by service code, from `services.yml`."""
    return {code: list(row["examples"]) for code, row in _load("services.yml").items()}


def information_phrases() -> dict[str, list[str]]:
    return {row.id: [row.title, *row.examples] for row in information().values()}


def fingerprint(folder: Path = FOLDER) -> str:
    """Changes when the phrases change."""
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in ("services.yml", "information.yml"))).hexdigest()


@lru_cache(maxsize=1)
def bins() -> dict[str, Any]:
    """`bins.yml`: what people call their bins, and why they need one."""
    return dict(_load("bins.yml"))


@lru_cache(maxsize=1)
def bulky_waste() -> dict[str, Any]:
    """`bulky_waste.yml`: large items, and what to do with those that are not taken."""
    return dict(_load("bulky_waste.yml"))


@lru_cache(maxsize=1)
def repairs() -> dict[str, Any]:
    """`repairs.yml`: which repairs are urgent, and what repairs and homes are called."""
    return dict(_load("repairs.yml"))


@lru_cache(maxsize=1)
def languages() -> dict[str, dict[str, list[str]]]:
    """`languages.yml`: the citizens' languages by ISO 639-1 code, with their small words."""
    return dict(_load("languages.yml"))


@lru_cache(maxsize=1)
def outcome_words() -> dict[str, dict[str, list[str]]]:
    """`outcome_words.yml`: short answers to the outcome question, by language."""
    return dict(_load("outcome_words.yml"))


@lru_cache(maxsize=1)
def answered_languages() -> tuple[str, ...]:
    """The languages that the assistant itself speaks."""
    return tuple(code for code, words in languages().items() if "yes" in words)


@lru_cache(maxsize=16)
def small_words(kind: str) -> frozenset[str]:
    """The small words of a kind, "filler" or "complaining", of all languages."""
    return frozenset(word for words in languages().values() for word in words.get(kind, ()))


def small_word(kind: str, language: str = "en") -> str:
    """What we call something ourselves, "free" or "morning", in a citizen's language: the first of its words."""
    return languages()[language if language in answered_languages() else "en"][kind][0]


def name(language: str = "en") -> str:
    """What the council is called, in a citizen's language."""
    told = council()
    return str(told.get("name_in", {}).get(language, told["name"]))


def hours(language: str = "en") -> str:
    """When people can be reached, in a citizen's language."""
    told = council()
    return str(told.get("opening_hours_in", {}).get(language, told["opening_hours"]))


def words_of(kind: str) -> str:
    """A regular expression for the small words of a kind, "yes" or "skip", of all languages, the longest first."""
    return "|".join(re.escape(word).replace("'", "['’]?") for word in sorted(small_words(kind), key=lambda word: (-len(word), word)))
