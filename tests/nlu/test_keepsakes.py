"""What was embedded before is not embedded again, and what is no longer offered is not kept."""

from pathlib import Path

import numpy as np
import pytest

from bot.nlu import keepsakes
from bot.nlu.sentences import DIMENSIONS, embed_all


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The texts that were embedded; kept in a folder of models of this test's own."""
    monkeypatch.setenv("HEARBACK_MODELS", str(tmp_path / "models"))
    asked: list[str] = []

    def noted(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return embed_all(texts)

    monkeypatch.setattr(keepsakes, "embed_all", noted)
    return asked


def test_what_is_offered_is_embedded_once(embedded: list[str], tmp_path: Path) -> None:
    first = keepsakes.embed_offered("support", ["food bank", "help with rent"])
    assert keepsakes.embed_offered("support", ["help with rent", "debt advice", "food bank"]).shape == (3, DIMENSIONS)
    assert embedded == ["food bank", "help with rent", "debt advice"]
    assert (keepsakes.embed_offered("support", ["food bank", "help with rent"]) == first).all()
    assert keepsakes.embed_offered("support", ["debt advice"]).shape == (1, DIMENSIONS)
    keepsakes.embed_offered("support", ["something new"])
    with np.load(tmp_path / "models" / "tables" / "support.npz") as kept:
        assert len(kept["names"]) == 1
    assert keepsakes.embed_offered("support", []).shape == (0, DIMENSIONS)


@pytest.mark.parametrize("wrong", [b"", b"PK\x03\x04 cut off", b"no archive"])
def test_a_file_that_cannot_be_read_is_made_anew(embedded: list[str], tmp_path: Path, wrong: bytes) -> None:
    file = tmp_path / "models" / "tables" / "needs.npz"
    file.parent.mkdir(parents=True)
    file.write_bytes(wrong)
    for _ in range(2):
        assert keepsakes.embed_offered("needs", ["a need"]).shape == (1, DIMENSIONS)
    assert embedded == ["a need"]


def test_without_a_place_to_write_it_is_embedded_each_time(embedded: list[str], tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    for _ in range(2):
        assert keepsakes.embed_offered("needs", ["a need"]).shape == (1, DIMENSIONS)
    assert embedded == ["a need", "a need"]
