"""The council's own data in `data/council/`: what it is called, what citizens say, what it answers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from hearback.settings import ROOT

FOLDER = ROOT / "data" / "council"


@dataclass(frozen=True, kw_only=True)
class Information:
    """An answer of the council to a question, with its official page and LGSL code."""

    id: str
    title: str
    answer: str
    sms: str
    url: str
    lgsl: int | None = None
    examples: tuple[str, ...] = ()


def _load(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def council() -> dict[str, Any]:
    """`profile.yml`: name, contact ways, opening hours, greeting."""
    return dict(_load("profile.yml"))


@lru_cache(maxsize=1)
def information() -> dict[str, Information]:
    rows = [Information(**{**row, "examples": tuple(row.get("examples") or ())}) for row in _load("information.yml")]
    return {row.id: row for row in rows}


def service_phrases() -> dict[str, list[str]]:
    """Example phrases by service code, from `services.yml`."""
    return {code: list(row["examples"]) for code, row in _load("services.yml").items()}


def information_phrases() -> dict[str, list[str]]:
    return {row.id: [row.title, *row.examples] for row in information().values()}


def fingerprint(folder: Path = FOLDER) -> str:
    """Changes when the phrases change."""
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in ("services.yml", "information.yml"))).hexdigest()


@lru_cache(maxsize=1)
def languages() -> dict[str, dict[str, list[str]]]:
    """`languages.yml`: the citizens' languages by ISO 639-1 code, with their small words."""
    return dict(_load("languages.yml"))


@lru_cache(maxsize=1)
def answered_languages() -> tuple[str, ...]:
    """The languages that the assistant itself speaks."""
    return tuple(code for code, words in languages().items() if "yes" in words)


def hours(language: str = "en") -> str:
    """When people can be reached, in a citizen's language."""
    told = council()
    return str(told.get("opening_hours_in", {}).get(language, told["opening_hours"]))


def words_of(kind: str) -> str:
    """A regular expression for the small words of a kind, "yes" or "skip", of all languages, the longest first."""
    said = {word for words in languages().values() for word in words.get(kind, ())}
    return "|".join(re.escape(word).replace("'", "['’]?") for word in sorted(said, key=lambda word: (-len(word), word)))
