"""One classifier for sentences: a linear model of n-grams and embeddings, and likeness to the nearest sentence taught.

Everything it learns is plain arrays and words, so a model file is data: loading it runs no code.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.eight_bits import EightBits
from bot.nlu.logistic import learn
from bot.nlu.sentences import MULTILINGUAL, Array
from bot.nlu.spelling import plain

WORDS: dict[str, Any] = {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"[\w']+|[!?]", "sublinear_tf": True, "min_df": 2}
CHARACTERS: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 4), "sublinear_tf": True, "min_df": 2}
EMBEDDING_WEIGHT = 1.0
STRENGTH = 6.0  # inverse of regularisation
EVENNESS = 0.5  # 1 lets every label count alike, 0 every sentence
NEARNESS = 10.0  # how much a label gains when one of its sentences means the same
GRAIN = 0.0025  # of the kept sentences' vectors, one byte a number


class Vectors:
    """Turns texts into rows: two tf-idf blocks, and the embedding, each of length 1 (times its weight)."""

    def __init__(self, vocabularies: Sequence[dict[str, int]] = (), weights: Sequence[Array] = ()) -> None:
        self._blocks = [TfidfVectorizer(**WORDS, dtype=np.float32), TfidfVectorizer(**CHARACTERS, dtype=np.float32)]
        for block, vocabulary, idf in zip(self._blocks, vocabularies, weights, strict=False):
            block.vocabulary_ = vocabulary
            block.idf_ = idf

    def fit(self, texts: Sequence[str]) -> None:
        for block in self._blocks:
            block.fit([plain(text) for text in texts])

    def row(self, text: str) -> tuple[Array, Array]:
        """(columns, values) of one text; what its n-grams are is worked out once for all models."""
        columns, values, before = [], [], 0
        for block, counted in zip(self._blocks, _counted(plain(text)), strict=True):
            find = block.vocabulary_.get
            known = [(at, count) for gram, count in counted.items() if (at := find(gram)) is not None]
            at, count = np.array(known, dtype=int).reshape(-1, 2).T
            value = (1 + np.log(count)) * block.idf_[at]
            columns.append(at + before)
            values.append(value / (np.linalg.norm(value) or 1.0))
            before += len(block.vocabulary_)
        return np.concatenate(columns), np.concatenate(values).astype(np.float32)

    def rows(self, texts: Sequence[str]) -> sparse.csr_matrix:
        tidy = [plain(text) for text in texts]
        return sparse.hstack([block.transform(tidy) for block in self._blocks], format="csr")

    def learned(self) -> tuple[list[dict[str, int]], list[Array]]:
        return [{word: int(at) for word, at in block.vocabulary_.items()} for block in self._blocks], [block.idf_ for block in self._blocks]


_analyzers = [TfidfVectorizer(**WORDS).build_analyzer(), TfidfVectorizer(**CHARACTERS).build_analyzer()]


@lru_cache(maxsize=16)
def _counted(text: str) -> tuple[Counter[str], ...]:
    """The n-grams of a plain text, by block."""
    return tuple(Counter(analyze(text)) for analyze in _analyzers)


class SentenceModel:
    """Probabilities of labels for a sentence."""

    def __init__(self, labels: Sequence[str], vectors: Vectors, numbers: dict[str, Array]) -> None:
        """`grams`, `meaning`: weights [features, labels], of which a sentence touches a few hundred rows; `intercepts` [labels];
        `taught` int8 [sentences, dimensions of the English encoder], sorted by label; `starts` [labels]: each label's first sentence."""
        self.labels, self._vectors, self._numbers = list(labels), vectors, numbers
        self._by_gram, self._by_meaning = (np.ascontiguousarray(numbers[name], dtype=np.float32) for name in ("grams", "meaning"))
        self._taught = EightBits(numbers["taught"].T, np.array([GRAIN], dtype=np.float32))

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[str], embedded: Array, *, nearness: float = NEARNESS) -> SentenceModel:
        vectors = Vectors()
        vectors.fit(texts)
        names, right = np.unique(labels, return_inverse=True)
        count = np.bincount(right)
        weight = (count.mean() / count)[right] ** EVENNESS
        grams, meaning, intercepts = learn(vectors.rows(texts), embedded * EMBEDDING_WEIGHT, right, STRENGTH * weight)
        order = np.argsort(right, kind="stable")
        numbers = {
            "grams": grams.astype(np.float16),
            "meaning": (meaning * EMBEDDING_WEIGHT).astype(np.float16),
            "intercepts": intercepts,
            "nearness": np.float32(nearness),
            "taught": np.round(embedded[order, MULTILINGUAL:] / GRAIN).clip(-127, 127).astype(np.int8),
            "starts": np.concatenate([[0], np.cumsum(count)[:-1]]),
        }
        return cls([str(name) for name in names], vectors, numbers)

    def probabilities(self, text: str, embedded: Array) -> list[tuple[str, float]]:
        """(label, probability) pairs, most probable first."""
        columns, values = self._vectors.row(text)
        scores = values @ self._by_gram[columns] + embedded @ self._by_meaning + self._numbers["intercepts"]
        scores += self._numbers["nearness"] * np.maximum.reduceat(
            (embedded[None, MULTILINGUAL:] @ self._taught)[0], self._numbers["starts"]
        )
        scores = np.exp(scores - scores.max())
        shares = scores / scores.sum()
        return [(self.labels[at], float(shares[at])) for at in np.argsort(-shares)]

    def save(self, folder: Path) -> None:
        vocabularies, weights = self._vectors.learned()
        words = {"labels": self.labels, "vocabularies": [sorted(vocabulary, key=vocabulary.__getitem__) for vocabulary in vocabularies]}
        (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False))
        idf = {f"idf{at}": weight.astype(np.float32) for at, weight in enumerate(weights)}
        np.savez_compressed(folder / "numbers.npz", **self._numbers, **idf)

    @classmethod
    def load(cls, folder: Path) -> SentenceModel:
        words = json.loads((folder / "words.json").read_text())
        with np.load(folder / "numbers.npz", allow_pickle=False) as file:
            numbers = dict(file)
        vocabularies = [{word: at for at, word in enumerate(block)} for block in words["vocabularies"]]
        weights = [numbers.pop(f"idf{at}") for at in range(len(vocabularies))]
        return cls(words["labels"], Vectors(vocabularies, weights), numbers)
