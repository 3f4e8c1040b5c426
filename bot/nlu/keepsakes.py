"""Embeddings that were made before: of sentences that the assistant is taught, in Rasa's cache, so that the next training embeds only
what is new; and of what the council offers, beside the models, so that the next start does."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rasa.engine.caching import LocalTrainingCache

from bot.nlu import eight_bits, minilm, multilingual
from bot.nlu.sentences import DIMENSIONS, FILES, Array, embed_all
from bot.nlu.tables import FOLDER
from hearback.settings import Settings

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


def embed_offered(name: str, texts: Sequence[str]) -> Array:
    """One row a text; what is kept under this name is these texts' alone, and nothing where no file can be written."""
    kept = Settings.from_environ().models / FOLDER / f"{name}.npz"
    known, names = _read(kept), [_name(text) for text in texts]
    new = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
    known |= zip(new, embed_all(list(new.values())), strict=True)
    if new:
        with contextlib.suppress(OSError):
            _write(kept, {name: known[name] for name in names})
    return np.stack([known[name] for name in names]) if names else embed_all([])


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
    except (EOFError, KeyError, ValueError, OSError, zipfile.BadZipFile):
        return {}


def _write(kept: Path, known: dict[str, Array]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    temporary = kept.with_suffix(f".{os.getpid()}.npz")
    np.savez(temporary, names=np.array(list(known)), vectors=np.stack(list(known.values())))
    os.replace(temporary, kept)
