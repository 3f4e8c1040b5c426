"""What an example is held against: the training data, and the held-out sets that must stay unknown to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from hearback.models import Models
from hearback.settings import ROOT
from hearback.teaching import examples
from hearback.teaching.examples import SHORT, plain

TRAINED = ROOT / "data" / "nlu"


@lru_cache(maxsize=2)
def _held_out(changed: tuple[int, ...]) -> dict[str, set[str]]:
    return examples.held_out()


@lru_cache(maxsize=2)
def _trained(changed: tuple[int, ...]) -> dict[str, set[str]]:
    return examples.taught_before(TRAINED, {})


def _changed(folder: Path) -> tuple[int, ...]:
    return tuple(path.stat().st_mtime_ns for path in sorted(folder.rglob("*.yml")))


def held_out() -> Mapping[str, Collection[str]]:
    """{plain sentence: what it means}, read again when a file changed."""
    return _held_out(_changed(examples.HELD_OUT))


def trained(models: Models) -> dict[str, set[str]]:
    """{plain sentence: intents} of everything that the next training learns from."""
    known = {sentence: set(intents) for sentence, intents in _trained(_changed(TRAINED)).items()}
    for one in examples.texts_of(models.reviewed_files()):
        known.setdefault(plain(one.text), set()).add(one.intent)
    return known


def is_held_out(text: str, sentences: Mapping[str, Collection[str]]) -> bool:
    """Whether teaching it would spoil the measuring: very short sentences may stand in both."""
    return plain(text) in sentences and len(plain(text).split()) > SHORT


def flags(text: str, intent: str, trained: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """{duplicate: it is taught already, contradicts: the intents that the same words have in the data, held_out}."""
    sentences = held_out()
    before, measured = set(trained.get(plain(text), ())), set(sentences.get(plain(text), ()))
    others = before | (measured & set(examples.intents()))
    return {"duplicate": intent in before, "contradicts": sorted(others - {intent}), "held_out": is_held_out(text, sentences)}
