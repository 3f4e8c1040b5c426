"""Reads a list of large items: "a sofa and two mattresses" is three."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.actions.answers import NUMBERS
from bot.actions.phrases import says

APART = re.compile(r"\s*(?:[,;\n+&]|\.\s|\band\b|\bplus\b|\balso\b|\bas well as\b|\bwith\b)\s*", re.IGNORECASE)
COUNTS = {"a": 1, "an": 1, "pair": 2, **NUMBERS}
SIZE = r"(?!\s*-?(?:seater|seat|drawer|door|foot|ft|inch|cm|m|litre)\b)"
FRONT = re.compile(rf"\b(\d{{1,2}})\s*x?\b{SIZE}|\b(?:a\s+)?({'|'.join(COUNTS)})\b{SIZE}", re.IGNORECASE)
BEHIND = re.compile(r"\bx\s*(\d{1,2})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Items:
    """`count` is None when the words do not say how many there are."""

    text: str
    count: int | None


def items_of(parts: Sequence[str], nouns: Iterable[str]) -> Items | None:
    """The whole list; None when no part names an item."""
    named = [" ".join(part.split()).strip(" .!?") for part in parts]
    named = [part for part in named if re.search(r"[a-zA-Z]{2}", part)]
    if not named:
        return None
    counts = [_count(part, nouns) for part in named]
    return Items(", ".join(named), None if None in counts else sum(count or 0 for count in counts))


def parts_of(words: str) -> list[str]:
    return [part for part in APART.split(words) if part.strip()]


def known_parts(words: str, nouns: Sequence[str]) -> list[str]:
    """The large items that a whole sentence names, each with what stands before it about its number."""
    found = []
    for part in parts_of(words):
        ends = [match for noun in nouns for match in _spoken(noun).finditer(part)]
        if ends:
            longest = max(ends, key=lambda match: (match.end(), match.end() - match.start()))
            fronts = list(FRONT.finditer(part, 0, longest.start()))
            start = fronts[-1].start() if fronts and len(part[fronts[-1].end() : longest.start()].split()) < 4 else longest.start()
            found.append(part[start : longest.end()])
    return found


def refused_in(words: str, never: Sequence[str], told: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The things of the council's list of what is never taken that stand in the words."""
    return [name for name in never if says(words, [name, name.removesuffix("s"), *told.get(name, {}).get("words", ())])]


def _spoken(noun: str) -> re.Pattern[str]:
    plural = rf"(?:{re.escape(noun.removesuffix('f'))}(?:f|ves)|{re.escape(noun)}(?:e?s)?)"
    return re.compile(rf"\b{plural}\b", re.IGNORECASE)


def _count(part: str, nouns: Iterable[str]) -> int | None:
    if match := BEHIND.search(part) or FRONT.search(part):
        said = next(group for group in match.groups() if group)
        return int(said) if said.isdigit() else COUNTS[said.lower()]
    if re.search(r"[a-z]{2,}[^s\W]s$", part.lower()) and part.lower() not in nouns:
        return None
    return 1
