"""Which of the choices that were offered a citizen's words name: by number, by place, or by its own words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from engagement.values import Choice
from hearback import profile

DIGITS_ONLY = {"no", "nr", "num"}  # "no 2" is a number, "no one" is none
SPELT = 4  # letters from which a word may be one letter wrong


def picked_choice(text: str, offered: tuple[Choice, ...]) -> Choice | None:
    """The offered choice that a citizen's words name: its number ("2", "two", "the second", "yr ail"), or its title, a slip forgiven."""
    said = _words(text)
    if not said or not offered:
        return None
    titles = [_words(one.title) for one in offered]
    for likeness in (list.__eq__, _nearly):
        named = [one for one, title in zip(offered, titles, strict=True) if likeness(said, title)]
        if named:
            return named[0] if len(named) == 1 or likeness is list.__eq__ else None
    place = _place(said)
    return offered[place - 1] if place and place <= len(offered) else None


def asks_for_more(text: str) -> bool:
    """Whether these words, alone, ask for the next page of a long reply."""
    said = " ".join(_words(text))
    return any(said == word for words in profile.languages().values() for word in words.get("page", ()))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", text).casefold().replace("'", "").replace("’", "")
    return re.findall(r"[^\W_]+", plain)


@lru_cache(maxsize=1)
def _places() -> dict[str, int]:
    """The places in a list by their words, from `languages.yml`."""
    spoken = [words.get("places", ()) for words in profile.languages().values()]
    return {word: place for lines in spoken for place, line in enumerate(lines, 1) for word in line.split()}


@lru_cache(maxsize=1)
def _around() -> frozenset[str]:
    return frozenset(word for words in profile.languages().values() for word in words.get("around_a_place", ()))


def _place(said: list[str]) -> int | None:
    """The number that is all that these words say: "option two please"."""
    while len(said) > 1 and said[0] in _around() and (said[0] not in DIGITS_ONLY or said[1][0].isdigit()):
        said = said[1:]
    while len(said) > 1 and said[-1] in _around():
        said = said[:-1]
    (word, *more) = said
    if more:
        return None
    return int(word) if re.fullmatch("[1-9][0-9]?", word) else _places().get(word)


def _nearly(said: list[str], title: list[str]) -> bool:
    """Whether each word is the title's, or a long one with a letter wrong, left out, doubled or swapped; never a number."""
    if len(said) != len(title):
        return False
    wrong = [(one, other) for one, other in zip(said, title, strict=True) if one != other]
    return len(wrong) <= 2 and all(min(len(one), len(other)) >= SPELT and _slip(one, other) for one, other in wrong)


def _slip(one: str, other: str) -> bool:
    if any(letter.isdigit() for letter in one + other) or abs(len(one) - len(other)) > 1:
        return False
    at = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[at:], other[at:]
    swapped = len(left) == len(right) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]
