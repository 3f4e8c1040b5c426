"""Answers to the questions of an Open311 definition, by datatype."""

from datetime import UTC, datetime

import pytest

from backoffice.records import Attribute
from bot.actions import answers

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # a Tuesday
SIZES = (("small", "Smaller than a dinner plate"), ("medium", "About the size of a dinner plate"), ("large", "Larger than a dinner plate"))
KINDS = (("tyres", "Tyres"), ("sofa", "Furniture"), ("bags", "Black bags"), ("rubble", "Builders' rubble"))


def question(datatype: str, values: tuple[tuple[str, str], ...] = ()) -> Attribute:
    return Attribute(code="q", question="?", datatype=datatype, required=True, values=values)


@pytest.mark.parametrize(
    ("said", "key"),
    [("2", "medium"), ("larger", "large"), ("LARGE", "large"), ("smaller than a dinner plate", "small"),
     ("about the size of a plate", "medium"),

     ("its larger than that i think", "large"), ("smaler than a diner plate", "small")],
)  # fmt: skip
def test_one_of_a_list(said: str, key: str) -> None:
    assert answers.read(question("singlevaluelist", SIZES), said, NOW) == key


@pytest.mark.parametrize("said", ["dinner plate", "4", "no idea", "12 Mill Lane", "1 and 2", ""])
def test_not_one_of_a_list(said: str) -> None:
    with pytest.raises(answers.NotAnAnswer):
        answers.read(question("singlevaluelist", SIZES), said, NOW)


@pytest.mark.parametrize(
    ("said", "keys"),
    [("1 and 3", ["tyres", "bags"]), ("1,2,2", ["tyres", "sofa"]), ("tyres and some black bags", ["tyres", "bags"]), ("rubble", ["rubble"]),
     ("3", ["bags"])],
)  # fmt: skip
def test_several_of_a_list(said: str, keys: list[str]) -> None:
    assert answers.read(question("multivaluelist", KINDS), said, NOW) == keys


@pytest.mark.parametrize(
    ("said", "number"), [("about 3", "3"), ("2.5 metres", "2.5"), ("a couple", "2"), ("Ten", "10"), ("-1", "-1"), ("2,5", "2.5")]
)
def test_numbers(said: str, number: str) -> None:
    assert answers.read(question("number"), said, NOW) == number


@pytest.mark.parametrize(
    ("said", "day"),
    [("yesterday", "2026-11-23"), ("since monday", "2026-11-23"), ("last tuesday", "2026-11-17"), ("two days ago", "2026-11-22"),
     ("3 weeks ago", "2026-11-03"), ("last week", "2026-11-17"), ("12/11/2026", "2026-11-12"), ("5 november", "2026-11-05"),
     ("sunday morning", "2026-11-22")],
)  # fmt: skip
def test_dates_in_words_are_in_the_past_and_carry_a_zone(said: str, day: str) -> None:
    value = answers.read(question("datetime"), said, NOW)
    assert isinstance(value, str) and value.startswith(day) and value.endswith("+00:00")


@pytest.mark.parametrize("said", ["dunno", "a while", "ages"])
def test_not_a_date(said: str) -> None:
    with pytest.raises(answers.NotAnAnswer):
        answers.read(question("datetime"), said, NOW)
