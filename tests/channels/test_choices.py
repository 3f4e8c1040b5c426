"""What a citizen writes may name a choice that was offered: by number, by place in the list, or by its words."""

import pytest

from channels.choices import picked_choice
from engagement.values import Choice

OFFERED = tuple(
    Choice(id=title, title=title, payload=f"/{title}") for title in ("Smaller than a plate", "About a plate", "Larger than a plate")
)


@pytest.mark.parametrize(
    ("said", "place"),
    [("2", 1), ("two", 1), ("the second", 1), ("2.", 1), ("Option 3", 2), ("no 1", 0), ("number one", 0), ("ABOUT A PLATE", 1),
     ("larger than a plate!", 2), ("third one please", 2), (" 1 ", 0)],
)  # fmt: skip
def test_named(said: str, place: int) -> None:
    assert picked_choice(said, OFFERED) is OFFERED[place]


@pytest.mark.parametrize("said", ["4", "0", "22", "", "about 2 foot", "two of them", "no", "yes", "1 and 3", "?", "12 Mill Lane"])
def test_not_named(said: str) -> None:
    assert picked_choice(said, OFFERED) is None


def test_nothing_offered() -> None:
    assert picked_choice("1", ()) is None
