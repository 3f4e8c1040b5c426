"""Which of the council's services a sentence is about: a trained head for those with example phrases, meaning for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from backoffice.catalogue import Catalogue
from bot.nlu.eight_bits import EightBits
from bot.nlu.keepsakes import embed_offered, embed_taught
from bot.nlu.linear import SentenceModel
from bot.nlu.sentences import DIMENSIONS, ENCODERS, Array

HEAD_SHARE = 0.75  # how much the trained head counts beside plain likeness, where there is one
# Likeness to a description is a weaker sign than likeness to what citizens said; above this it is taken as sure.
SURE = 0.62


class ServiceMatcher:
    """Scores services for a sentence. Services that training never saw are matched by their names, keywords and descriptions."""

    def __init__(self, head: SentenceModel, codes: Sequence[str], vectors: Array) -> None:
        self._head, self._known = head, set(codes)
        self._taught = (np.array(codes), vectors)
        self._offered: set[str] | None = None
        self._compare(*self._taught)

    @classmethod
    def train(cls, phrases: Mapping[str, Sequence[str]]) -> ServiceMatcher:
        codes = [code for code, said in phrases.items() for _ in said]
        texts = [phrase for said in phrases.values() for phrase in said]
        vectors = embed_taught(texts)
        return cls(SentenceModel.train(texts, codes, vectors), codes, vectors / ENCODERS)

    def learn(self, catalogue: Catalogue) -> None:
        """Take up what the back office offers now; services that it no longer offers are not matched."""
        self._offered = set(catalogue.entries) or None
        codes, texts = [], []
        for code, entry in catalogue.entries.items():
            service = entry.service
            said = [service.name, *service.keywords, *((service.description,) if service.description else ())]
            if code in self._known:
                said = said[:1]
            codes += [code] * len(said)
            texts += said
        taught_codes, taught_vectors = self._taught
        vectors = np.vstack([taught_vectors, embed_offered("catalogue", texts) / ENCODERS]) if texts else taught_vectors
        self._compare(np.array([*taught_codes, *codes]), vectors)

    def _compare(self, codes: Array, vectors: Array) -> None:
        """Compare sentences with these vectors; `_of` names each one's service by its place among the names."""
        names, self._of = np.unique(codes, return_inverse=True)
        self._names: list[str] = names.tolist()
        self._vectors = EightBits.of(vectors.T)

    def scores(self, text: str, embedded: Array) -> list[tuple[str, float]]:
        """(code, score in 0..1) pairs, best first."""
        nearest = np.zeros(len(self._names))
        np.maximum.at(nearest, self._of, (embedded[None] @ self._vectors)[0])
        likeness = dict(zip(self._names, nearest.tolist(), strict=True))
        head = dict(self._head.probabilities(text, embedded))
        nearest_known = max((near for code, near in likeness.items() if code in self._known), default=0.0)
        scored = {}
        for code, near in likeness.items():
            if code in self._known:
                scored[code] = HEAD_SHARE * head.get(code, 0.0) + (1 - HEAD_SHARE) * near
            else:
                # A service that training never saw wins when it is nearer in meaning than all the known ones.
                scored[code] = min(1.0, near / SURE) * (1.0 if near >= nearest_known else near / max(nearest_known, 1e-6) * 0.5)
        offered = self._offered
        ranked = sorted(scored.items(), key=lambda pair: -pair[1])
        return [(code, round(score, 4)) for code, score in ranked if offered is None or code in offered]

    def save(self, folder: Path) -> None:
        self._head.save(folder)
        codes, vectors = self._taught
        np.savez_compressed(folder / "phrases.npz", codes=codes, vectors=vectors.astype(np.float16))

    @classmethod
    def load(cls, folder: Path) -> ServiceMatcher:
        with np.load(folder / "phrases.npz", allow_pickle=False) as kept:
            vectors = kept["vectors"].astype(np.float32).reshape(-1, DIMENSIONS)
            return cls(SentenceModel.load(folder), [str(code) for code in kept["codes"]], vectors)
