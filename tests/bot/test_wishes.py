"""Whom help is for, when and where."""

from datetime import date

import pytest

from backoffice.support import Place
from bot.actions.wishes import age_in, days_in, district_in, named_in

PLACES = [
    Place(id="youth", words="Eastfield Youth Centre, Eastfield Road, Ashdown, AD2 3EF", postcode="AD2 3EF"),
    Place(id="church", words="Trinity Church Hall, 3 Church Street, Ashdown, AD1 2DA", postcode="AD1 2DA"),
]
TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("said", "age"),
    [("mum is lonely, she's 84, needs company", 84), ("my 79 year old dad", 79), ("I'm 17 and kicked out", 17), ("nan is nearly 90", 90),
     ("I am eighty", 80), ("he's sixty-seven", 67), ("a 4yr old", 4), ("my baby is 6 months old", 0), ("clubs for over 60s", 60),
     ("I'm 54 and my mother is 80", 80), ("my son, 12, is bullied", 12)],
)  # fmt: skip
def test_ages(said: str, age: int) -> None:
    assert age_in(said) == age


@pytest.mark.parametrize(
    "said", ["I can't pay £84", "he is 10 miles away", "I'm 3 months behind", "AD2 4JA", "two kids", "12 Mill Lane", "he is 900"]
)
def test_what_is_no_age(said: str) -> None:
    assert age_in(said) is None


@pytest.mark.parametrize(
    ("said", "days"),
    [("company on tuesdays near AD2", ["TU"]), ("anything on a friday", ["FR"]), ("a group at weekends", ["SA", "SU"]), ("Monday", ["MO"]),
     ("mondays or wednesdays", ["MO", "WE"]), ("somewhere warm open today", ["TU"]), ("is anywhere open tomorrow", ["WE"])],
)  # fmt: skip
def test_days(said: str, days: list[str]) -> None:
    assert days_in(said, TUESDAY) == days


@pytest.mark.parametrize("said", ["no food until Monday", "homeless from friday", "bailiffs coming on tuesday", "I lost my job today"])
def test_days_on_which_something_happens_are_no_wish(said: str) -> None:
    assert days_in(said, TUESDAY) == []


def test_places() -> None:
    assert district_in("company on tuesdays near ad2", PLACES) == "AD2"
    assert district_in("near the M25", PLACES) is None
    assert named_in("Eastfield", PLACES) == {"youth"}
    assert named_in("near me", PLACES) == set()
