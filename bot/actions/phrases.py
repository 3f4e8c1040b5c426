"""Finds the council's own phrases (data/council) in what a citizen says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence


def plain(text: str) -> str:
    """Words only, in small letters, with a blank at both ends: "It won't!" is " it wont "."""
    return f" {' '.join(re.findall(r'[a-z0-9£]+', text.lower().replace(chr(39), '').replace('’', '')))} "


def says(words: str, phrases: Iterable[str]) -> bool:
    """Whether one of the phrases stands in the words, whole."""
    said = plain(words)
    return any(plain(phrase) in said for phrase in phrases)


def keys_said(words: str, phrases: Mapping[str, Iterable[str]]) -> list[str]:
    """The keys of which a phrase is said."""
    return [key for key, own in phrases.items() if says(words, own)]


def case_said(words: str, cases: Iterable[Sequence[Iterable[str]]]) -> bool:
    """Whether all parts of one case are said, each in one of its ways."""
    return any(all(says(words, part) for part in case) for case in cases)
