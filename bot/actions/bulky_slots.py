"""Half days on which bulky waste is collected, written "2026-11-24 morning": what they are called, and which one words mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from hearback import dates, profile


def titled(slot: str, language: str = "en") -> str:
    """ "Tuesday 24 November, morning"."""
    day, _, period = slot.partition(" ")
    return f"{dates.day(date.fromisoformat(day), language)}, {profile.small_word(period, language)}" if day else ""


def fitting_slots(slots: Iterable[str], words: str, language: str) -> list[str]:
    """The half days that have everything of a day that the words say: "a tuesday", "morning", "24 november"."""
    titles = {slot: _words(titled(slot, language)) for slot in slots}
    said = _words(words) & set().union(*titles.values())
    return [slot for slot, title in titles.items() if said <= title] if said else []


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d]{3,}|\d{1,2}", text.lower()))
