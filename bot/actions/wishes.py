"""Whom help is for, when and where, read from a sentence: "she's 84, on tuesdays, near AD2"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from backoffice.support import Place

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NAMED = "monday tuesday wednesday thursday friday saturday sunday".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
UNITS = "one two three four five six seven eight nine".split()
IN_WORDS = {word: number for number, word in enumerate(TEENS, 10)} | {word: 10 * number for number, word in enumerate(TENS, 2)}
SPELT = re.compile(rf"\b({'|'.join(IN_WORDS)})(?:[ -]({'|'.join(UNITS)}))?\b", re.IGNORECASE)
NOT_AGE = (
    r"(?![\d.:,]*\d|\s*(?:weeks?|months?|hours?|minutes?|days?|kids|children|times|miles|percent|am|pm|bed|quid|pounds|people)\b|\s*%)"
)
MONTHS = re.compile(r"\b(\d{1,2})[ -]?(?:months?|weeks?|days?)[ -]old\b", re.IGNORECASE)
# The first that matches tells: an age in so many words, then that of somebody else, then the citizen's own.
AGES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(\d{1,3})[ -]?(?:years?|yrs?|y)[ /-]?(?:olds?|o)\b",
        r"\b(?:aged?|turned|turning|over|under) (\d{1,3})(?:'?s)?\b" + NOT_AGE,
        rf"\b(?:s?he|who|mum|mam|mom|mother|dad|father|nan|gran|grandma|grandad|son|daughter|wife|husband|brother|sister|aunt|uncle|neighbour)"
        rf"(?:'?s| is|,)? (?:only |now |nearly |almost |just )?(\d{{1,3}})\b{NOT_AGE}",
        rf"\b(?:i'?m|i am|im) (?:only |now |nearly |almost |just )?(\d{{1,3}})\b{NOT_AGE}",
    )
)
NAMES = "|".join(NAMED)
# A day on which help is wanted, not one on which something happens: "on tuesdays", "open saturday", not "evicted on friday".
DAY_WANTED = re.compile(
    rf"\b(?:({NAMES})s|every ({NAMES})|({NAMES}) (?:mornings?|afternoons?|evenings?|nights?)"
    rf"|(?:open|something|anything|anywhere|somewhere|somebody|someone|free|go|company|visit|club|group|meal|only) (?:on )?(?:a )?({NAMES})"
    rf"|^\W*(?:on )?({NAMES})\W*$)",
    re.IGNORECASE,
)
WEEKEND = re.compile(r"\bweekends?\b", re.IGNORECASE)
NOW = re.compile(r"\b(?:open|anything|anywhere|somewhere|something|meal|bed|shelter|sleep)\b.*\b(today|tonight|tomorrow)\b", re.IGNORECASE)
OUTWARD = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)\b", re.IGNORECASE)
PLAIN_WORDS = frozenset(
    "the and near nearby here home street road lane avenue close hall centre house from town city area local postcode live living".split()
)


def age_in(words: str) -> int | None:
    """The age, in years, of the person whom help is for."""
    if MONTHS.search(words):
        return 0
    spelt = SPELT.sub(lambda found: str(IN_WORDS[found[1].lower()] + (UNITS.index(found[2].lower()) + 1 if found[2] else 0)), words)
    ages = (int(found[1]) for pattern in AGES if (found := pattern.search(spelt)))
    return next((age for age in ages if age <= 120), None)


def days_in(words: str, today: date) -> list[str]:
    """The days, as iCal names them, on which help is wanted."""
    if WEEKEND.search(words):
        return ["SA", "SU"]
    if found := NOW.search(words):
        return [DAYS[(today + timedelta(days=found[1].lower() == "tomorrow")).weekday()]]
    return list(dict.fromkeys(DAYS[NAMED.index(next(filter(None, found)).lower())] for found in DAY_WANTED.findall(words)))


def district_in(words: str, places: Iterable[Place]) -> str | None:
    """The first half of a postcode ("AD2"), where the directory knows places with it."""
    known = {place.postcode.split()[0].upper() for place in places if place.postcode}
    return next((said.upper() for said in OUTWARD.findall(words) if said.upper() in known), None)


def named_in(words: str, places: Iterable[Place]) -> set[str]:
    """The ids of the places that the words name: "near Eastfield", "Trinity Church"."""
    said = {word for word in re.findall(r"[a-z']{4,}", words.lower())} - PLAIN_WORDS
    return {place.id for place in places if said & set(re.findall(r"[a-z']{4,}", place.words.lower()))}
