"""One linear classifier for sentences: word and character n-grams beside a sentence embedding.

Everything it learns is plain arrays and words, so a model file is data: loading it runs no code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.nlu.sentences import Array, embed_all

WORDS: dict[str, Any] = {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"[a-z0-9']+|[!?]", "sublinear_tf": True, "min_df": 1}
CHARACTERS: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True, "min_df": 2}
EMBEDDING_WEIGHT = 1.6
STRENGTH = 12.0  # inverse of regularisation
STRANGE = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."}


def plain(text: str) -> str:
    """The text as the n-grams see it: lower case, straight quotes, digits alike."""
    text = "".join(STRANGE.get(letter, letter) for letter in text.lower())
    return re.sub(r"\d", "0", " ".join(text.split()))


class Vectors:
    """Turns texts into rows: two tf-idf blocks and the embedding, each row of each block of length 1 (times its weight)."""

    def __init__(self, vocabularies: Sequence[dict[str, int]] = (), weights: Sequence[Array] = ()) -> None:
        self._blocks = [TfidfVectorizer(**WORDS), TfidfVectorizer(**CHARACTERS)]
        for block, vocabulary, idf in zip(self._blocks, vocabularies, weights, strict=False):
            block.vocabulary_ = vocabulary
            block.idf_ = idf

    def fit(self, texts: Sequence[str]) -> None:
        for block in self._blocks:
            block.fit([plain(text) for text in texts])

    def rows(self, texts: Sequence[str], embedded: Array | None = None) -> sparse.csr_matrix:
        """One row a text; pass `embedded` when the embeddings are known already."""
        dense = embed_all(texts) if embedded is None else embedded
        tidy = [plain(text) for text in texts]
        return sparse.hstack(
            [*(block.transform(tidy) for block in self._blocks), sparse.csr_matrix(dense * EMBEDDING_WEIGHT)], format="csr"
        )

    def learned(self) -> tuple[list[dict[str, int]], list[Array]]:
        return [{word: int(at) for word, at in block.vocabulary_.items()} for block in self._blocks], [block.idf_ for block in self._blocks]


class LinearClassifier:
    """Probabilities of labels for a sentence."""

    def __init__(self, labels: Sequence[str], vectors: Vectors, coefficients: Array, intercepts: Array) -> None:
        self.labels, self._vectors = list(labels), vectors
        # One row a feature, contiguous: a sentence touches a few hundred of the many thousand rows.
        self._weights, self._intercepts = np.ascontiguousarray(coefficients.T), intercepts

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[str]) -> LinearClassifier:
        vectors = Vectors()
        vectors.fit(texts)
        model = LogisticRegression(C=STRENGTH, max_iter=400, class_weight="balanced")
        model.fit(vectors.rows(texts), labels)
        return cls(list(model.classes_), vectors, model.coef_.astype(np.float32), model.intercept_.astype(np.float32))

    def probabilities(self, text: str, embedded: Array | None = None) -> list[tuple[str, float]]:
        """(label, probability) pairs, most probable first."""
        row = self._vectors.rows([text], None if embedded is None else embedded.reshape(1, -1))
        scores = row.data.astype(np.float32) @ self._weights[row.indices] + self._intercepts
        scores = np.exp(scores - scores.max())
        shares = scores / scores.sum()
        return [(self.labels[at], float(shares[at])) for at in np.argsort(-shares)]

    def save(self, folder: Path) -> None:
        vocabularies, weights = self._vectors.learned()
        words = {"labels": self.labels, "vocabularies": [sorted(vocabulary, key=vocabulary.__getitem__) for vocabulary in vocabularies]}
        (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False))
        np.savez_compressed(
            folder / "numbers.npz",
            coefficients=self._weights.T.astype(np.float16),
            intercepts=self._intercepts,
            **{f"idf{at}": weight.astype(np.float32) for at, weight in enumerate(weights)},
        )

    @classmethod
    def load(cls, folder: Path) -> LinearClassifier:
        words = json.loads((folder / "words.json").read_text())
        with np.load(folder / "numbers.npz", allow_pickle=False) as numbers:
            vocabularies = [{word: at for at, word in enumerate(block)} for block in words["vocabularies"]]
            weights = [numbers[f"idf{at}"].astype(np.float64) for at in range(len(vocabularies))]
            return cls(words["labels"], Vectors(vocabularies, weights), numbers["coefficients"].astype(np.float32), numbers["intercepts"])
