"""Which services of the directory of support a sentence is about, and which need it tells of: by meaning, without training."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from backoffice.support import Support
from bot.nlu.eight_bits import EightBits
from bot.nlu.keepsakes import embed_offered
from bot.nlu.sentences import Array
from hearback.profile import Need

SENTENCE = re.compile(r"(?<=[.;!?])\s+")
NEED_SHARE = 0.7  # how much the need that people's own words tell of counts beside likeness to a service's description
RARE = 0.15  # share of the services that may have a word which tells one from another
TOLD = 0.08  # for each such word that a sentence shares with a service's name or terms
MOST_TOLD = 2


class SupportMatcher:
    """Scores services by the likeness of a sentence to their descriptions, and to what people say who have the need that they serve."""

    def __init__(self, needs: Mapping[str, Need]) -> None:
        self._needs = list(needs.values())
        self._spoken = _Likeness("needs", [need.examples for need in self._needs])
        self.learn({})

    def learn(self, services: Mapping[str, Support]) -> None:
        """Take up what the directory offers now."""
        offered = list(services.values())
        self._ids = [one.id for one in offered]
        texts = [(one.name, *SENTENCE.split(one.description or ""), one.description or "") for one in offered]
        self._described = _Likeness("support", texts)
        self._serves = np.array([[_share(need.terms, one.terms) for one in offered] for need in self._needs])
        words = [_words(" ".join((one.name, *one.terms))) for one in offered]
        common = Counter(word for each in words for word in each)
        self._telling = [{word for word in each if common[word] <= max(1, RARE * len(offered))} for each in words]

    def need(self, embedded: Array) -> tuple[str, float]:
        """(id, likeness) of the need that the sentence tells of."""
        near = self._spoken(embedded)
        best = int(near.argmax())
        return self._needs[best].id, round(float(near[best]), 4)

    def scores(self, text: str, embedded: Array) -> list[tuple[str, float]]:
        """(service id, score) pairs, best first."""
        if not self._ids:
            return []
        served = (self._spoken(embedded)[:, None] * self._serves).max(axis=0)
        said = _words(text)
        told = np.array([min(len(said & words), MOST_TOLD) for words in self._telling])
        scores = NEED_SHARE * served + (1 - NEED_SHARE) * self._described(embedded) + TOLD * told
        return [(self._ids[at], round(float(scores[at]), 4)) for at in np.argsort(-scores, kind="stable")]


class _Likeness:
    """How near (0 to 1) a sentence is to the nearest of several texts, for each of some things."""

    def __init__(self, name: str, things: Sequence[Sequence[str]]) -> None:
        """`name`: under which the texts' embeddings are kept."""
        pairs = [(at, text) for at, texts in enumerate(things) for text in dict.fromkeys(texts) if text]
        self._many, self._of = len(things), np.array([at for at, _ in pairs], dtype=int)
        self._vectors = EightBits.of(_unit(embed_offered(name, [text for _, text in pairs])).T) if pairs else None

    def __call__(self, embedded: Array) -> Array:
        nearest = np.zeros(self._many)
        if self._vectors is not None:
            np.maximum.at(nearest, self._of, (_unit(embedded)[None] @ self._vectors)[0])
        return nearest


def _unit(vectors: Array) -> Array:
    """Each brought to length 1."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def _share(wanted: Sequence[str], had: Sequence[str]) -> float:
    """The share of a need's terms that a service has."""
    return len({term.casefold() for term in wanted} & {term.casefold() for term in had}) / len(wanted) if wanted else 0.0


def _words(text: str) -> set[str]:
    """The longer words, cut so that "carer" is "carers"."""
    return {word[:6].rstrip("s") for word in re.findall(r"[a-z]{4,}", text.lower())}
