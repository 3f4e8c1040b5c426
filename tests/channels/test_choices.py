"""What a citizen writes may name a choice that was offered: by number, by place in the list, or by its words."""

import pytest

from channels.choices import asks_for_more, picked_choice
from engagement.values import Choice

OFFERED = tuple(
    Choice(id=title, title=title, payload=f"/{title}") for title in ("Smaller than a plate", "About a plate", "Larger than a plate")
)


@pytest.mark.parametrize(
    ("said", "place"),
    [("2", 1), ("two", 1), ("the second", 1), ("2.", 1), ("Option 3", 2), ("no 1", 0), ("number one", 0), ("ABOUT A PLATE", 1),
     ("larger than a plate!", 2), ("third one please", 2), (" 1 ", 0), ("no. 2", 1), ("2)", 1), ("#3", 2), ("2️⃣", 1), ("the 2nd option", 1),
     ("I'll take the second one", 1), ("option two please", 1), ("yr ail", 1), ("tri", 2), ("rhif dau", 1), ("drugi", 1), ("dwa", 1),
     ("y cyntaf os gwelwch yn dda", 0), ("poproszę trzecią", 2), ("nr 1", 0), ("smaler than a plate", 0), ("about a palte", 1),
     ("Larger then a plate", 2)],
)  # fmt: skip
def test_named(said: str, place: int) -> None:
    assert picked_choice(said, OFFERED) is OFFERED[place]


@pytest.mark.parametrize(
    "said",
    [
        "4",
        "0",
        "22",
        "",
        "about 2 foot",
        "two of them",
        "no",
        "yes",
        "1 and 3",
        "?",
        "12 Mill Lane",
        "no one",
        "²",
        "01",
        "smal than a plate",
        "a plate",
        "1.5",
        "more",
    ],
)
def test_not_named(said: str) -> None:
    assert picked_choice(said, OFFERED) is None


def test_nothing_offered() -> None:
    assert picked_choice("1", ()) is None


def test_a_slip_of_the_finger_is_forgiven_in_long_words_only() -> None:
    days = tuple(Choice(id=title, title=title, payload="/x") for title in ("Monday 3 March", "Monday 4 March", "Tuesday 5 March"))
    assert picked_choice("tuseday 5 march", days) is days[2]
    assert picked_choice("monday 5 march", days) is None
    assert picked_choice("mnoday 4 march", days) is days[1]
    assert picked_choice("monday march", days) is None


def test_what_is_like_two_choices_names_none() -> None:
    alike = tuple(Choice(id=title, title=title, payload="/x") for title in ("Mill Road", "Hill Road"))
    assert picked_choice("Will Road", alike) is None
    assert picked_choice("hill road", alike) is alike[1]


@pytest.mark.parametrize("said", ["more", "MORE", "More please", "next", "mwy", "Rhagor", "dalej", "więcej", "MORE."])
def test_these_words_ask_for_the_next_page(said: str) -> None:
    assert asks_for_more(said)


@pytest.mark.parametrize("said", ["", "more bins", "no more", "next week", "there are more potholes"])
def test_these_do_not(said: str) -> None:
    assert not asks_for_more(said)
