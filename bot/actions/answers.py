"""Reads a citizen's answer to a question of an Open311 definition, by its datatype. Nothing here decides what is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from difflib import SequenceMatcher

import dateparser

from backoffice.records import Attribute
from hearback import profile

COUNTED = "zero one two three four five six seven eight nine ten eleven twelve".split()
NUMBERS = {**{word: number for number, word in enumerate(COUNTED)}, "couple": 2, "few": 3, "dozen": 12, "none": 0}
COMMON = frozenset("the and for has have are was not its there here this that with from about what which can get got any out all".split())
LIKE = 0.82
LONGEST = 1000


class NotAnAnswer(Exception):
    """The words do not answer the question."""


def read(attribute: Attribute, words: str, now: datetime) -> str | list[str]:
    """The value to send: a key or keys of a list, a number, an ISO 8601 time, or text. Raises NotAnAnswer."""
    words = " ".join(words.split())
    if not words or len(words) > LONGEST:
        raise NotAnAnswer
    if attribute.datatype == "singlevaluelist":
        keys = keys_of(attribute.values, words)
        if len(keys) != 1:
            raise NotAnAnswer
        return keys[0]
    if attribute.datatype == "multivaluelist":
        return keys_of(attribute.values, words) or _refuse()
    if attribute.datatype == "number":
        return number_of(words)
    if attribute.datatype == "datetime":
        return moment_of(words, now).isoformat(timespec="seconds")
    return words


def _refuse() -> list[str]:
    raise NotAnAnswer


def number_of(words: str) -> str:
    """A number in digits or in words up to twelve: "about 3", "a couple", "2.5 metres"."""
    if digits := re.search(r"-?\d+(?:[.,]\d+)?", words):
        return digits.group().replace(",", ".")
    told = [NUMBERS[word] for word in re.findall(r"[a-z]+", words.lower()) if word in NUMBERS]
    if told:
        return str(told[0])
    if re.match(r"(?:a|an)\b", words.lower()):
        return "1"
    raise NotAnAnswer


def moment_of(words: str, now: datetime) -> datetime:
    """A date or time in words: "yesterday", "last tuesday", "12/11/2026", "two days ago"; never later than now."""
    tidy = re.sub(r"\b(since|from|about|around|on|it was|i think|maybe|a few|few)\b", " ", words.lower().replace("last week", "7 days ago"))
    settings = {
        "PREFER_DATES_FROM": "past",
        "DATE_ORDER": "DMY",
        "RELATIVE_BASE": now.replace(tzinfo=None),
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    for attempt in (tidy, re.sub(r"\b(last|this|morning|afternoon|evening|night)\b", " ", tidy)):
        if found := dateparser.parse(" ".join(attempt.split()), languages=list(profile.answered_languages()), settings=settings):
            break
    else:
        raise NotAnAnswer
    moment: datetime = found.replace(tzinfo=now.tzinfo)
    return moment


def keys_of(values: Sequence[tuple[str, str]], words: str) -> list[str]:
    """The keys that the words name: by number ("2", "1 and 3"), by name, by the words that only one name has, or nearly."""
    said = _plain(words)
    if re.fullmatch(r"\d(?:[\d ,&]|and)*", said):
        chosen = [int(digits) for digits in re.findall(r"\d+", said)]
        if all(1 <= at <= len(values) for at in chosen):
            return list(dict.fromkeys(values[at - 1][0] for at in chosen))
        return []
    exact = [key for key, name in values if said in {_plain(key), _plain(name)}]
    if exact:
        return exact[:1]
    inside = [key for key, name in values if re.search(rf"\b{re.escape(_plain(name))}\b", said)]
    if inside:
        return inside
    own = _telling_words(values)
    told = [key for key, _ in values if own[key] & set(said.split())]
    if told:
        return told
    near = [(SequenceMatcher(None, said, _plain(name)).ratio(), key) for key, name in values]
    best = max(near, default=(0.0, ""))
    return [best[1]] if best[0] >= LIKE else []


def named(values: Sequence[tuple[str, str]], words: str) -> list[str]:
    """The keys whose whole name stands in the words: how a first sentence answers a question before it is asked."""
    said = _plain(words)
    return [key for key, name in values if len(name) > 3 and re.search(rf"\b{re.escape(_plain(name))}\b", said)]


def _telling_words(values: Sequence[tuple[str, str]]) -> dict[str, set[str]]:
    """For each key the words that no other name has."""
    words = {key: {word for word in _plain(name).split() if len(word) > 2} - COMMON | {_plain(key)} for key, name in values}
    return {key: own - set().union(*(other for name, other in words.items() if name != key)) for key, own in words.items()}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))
