"""Mends typing errors by the words that the assistant was taught: "potohle" becomes "pothole"."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator

STRANGE = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."}
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
SHORTEST = 4  # letters of a word that is mended
LONG = 8  # letters from which two errors are mended
FOREIGN = 3  # unknown words from which a text that is mostly unknown is taken for another language
SEEN = 2  # times that a word must have been taught


def plain(text: str) -> str:
    """The text as the n-grams see it: lower case, straight quotes, digits alike."""
    text = "".join(STRANGE.get(letter, letter) for letter in text.lower())
    return re.sub(r"\d", "0", " ".join(text.split()))


class Spelling:
    """Replaces words that nobody knows by the likeliest known word one slip away (two in long words)."""

    def __init__(self, taught: dict[str, int], known: Collection[str] = ()) -> None:
        """`taught`: how often each word was taught; `known`: other words that are right as they are."""
        self.taught, self._known = taught, known
        self._shortened: dict[str, list[str]] = defaultdict(list)
        for word in taught:
            if len(word) >= SHORTEST - 1:
                for short in _shortenings(word):
                    self._shortened[short].append(word)

    @classmethod
    def learn(cls, texts: Iterable[str], known: Collection[str] = ()) -> Spelling:
        counted = Counter(word for text in texts for word in WORD.findall(plain(text)))
        return cls({word: count for word, count in counted.items() if count >= SEEN}, known)

    def mend(self, text: str) -> str:
        words = WORD.findall(text)
        unknown = sum(not self._right(plain(word)) for word in words)
        if unknown > FOREIGN and unknown > len(words) / 2:
            return text
        return WORD.sub(lambda match: self._mended(match.group()), text)

    def _right(self, lower: str) -> bool:
        return len(lower) < SHORTEST or lower in self.taught or lower in self._known

    def _mended(self, word: str) -> str:
        lower = plain(word)
        if self._right(lower):
            return word
        near = {one for short in _shortenings(lower) for one in self._shortened.get(short, ())}
        within = {one: slips for one in near if (slips := _slips(lower, one)) <= (2 if len(lower) >= LONG else 1)}
        return min(within, key=lambda one: (within[one], one[0] != lower[0], -math.log(self.taught[one])), default=word)


def _shortenings(word: str) -> set[str]:
    """The word with a letter left out, two in long words: words that are a slip apart share one of them."""
    once = set(_without_one(word))
    twice = {short for longer in once for short in _without_one(longer)} if len(word) >= LONG - 1 else set()
    return {word, *once, *twice}


def _without_one(word: str) -> Iterator[str]:
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _slips(one: str, other: str) -> int:
    """Letters to insert, drop, replace or swap with their neighbour."""
    before, last = list[int](), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, match in enumerate(other, 1):
            least = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != match))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == match:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]
