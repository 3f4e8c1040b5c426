"""Embeddings of the sentences that the assistant is taught, kept in Rasa's cache: the next training embeds only what is new."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rasa.engine.caching import LocalTrainingCache

from bot.nlu import eight_bits, minilm, multilingual
from bot.nlu.sentences import DIMENSIONS, FILES, Array, embed_all

KEPT = LocalTrainingCache._get_cache_location() / "sentences.npz"


def embed_taught(texts: Sequence[str], kept: Path = KEPT) -> Array:
    """One row a text."""
    known = _read(kept)
    names = [_name(text) for text in texts]
    new = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
    if new:
        known |= zip(new, embed_all(list(new.values())), strict=True)
        _write(kept, known)
    return np.stack([known[name] for name in names]) if names else np.zeros((0, DIMENSIONS), dtype=np.float32)


ENCODERS = (
    FILES["model"][2]
    + hashlib.sha256(b"".join(Path(str(one.__file__)).read_bytes() for one in (minilm, multilingual, eight_bits))).hexdigest()
)


def _name(text: str) -> str:
    return hashlib.sha256(f"{ENCODERS} {text}".encode()).hexdigest()[:24]


def _read(kept: Path) -> dict[str, Array]:
    try:
        with np.load(kept, allow_pickle=False) as file:
            return dict(zip(file["names"].tolist(), file["vectors"], strict=True))
    except (FileNotFoundError, KeyError, ValueError, OSError, zipfile.BadZipFile):
        return {}


def _write(kept: Path, known: dict[str, Array]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    temporary = kept.with_suffix(f".{os.getpid()}.npz")
    np.savez(temporary, names=np.array(list(known)), vectors=np.stack(list(known.values())))
    os.replace(temporary, kept)
