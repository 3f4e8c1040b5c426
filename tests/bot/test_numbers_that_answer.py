"""The numbers with which a citizen picks from a list, and words made to keep us busy."""

import time

import pytest

from bot.actions.answers import keys_of

VALUES = (("a", "Refuse"), ("b", "Recycling"), ("c", "Food"))


@pytest.mark.parametrize(
    ("words", "keys"), [("2", ["b"]), ("1 and 3", ["a", "c"]), ("1, 2 & 3", ["a", "b", "c"]), ("12", []), ("1 1", ["a"]), ("123", [])]
)
def test_numbers_pick_from_the_list(words: str, keys: list[str]) -> None:
    assert keys_of(VALUES, words) == keys


@pytest.mark.parametrize("words", ["7" * 2000, "7 " * 1000 + "x", "7and" * 500 + "!", "7" * 60 + "x"])
def test_no_row_of_numbers_keeps_us_busy(words: str) -> None:
    begun = time.thread_time()
    keys_of(VALUES, words)
    assert time.thread_time() - begun < 0.5
