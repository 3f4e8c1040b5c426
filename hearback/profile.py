"""The council's own data in `data/council/`: what it is called, what citizens say, what it answers."""

from __future__ import annotations

import hashlib
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
