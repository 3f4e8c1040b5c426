"""Nobody's details are taught: what is written in a usual way is taken out, and what is no detail stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.redaction import only_less, redact


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("my name is john smith and I live at 12 Mill Lane AD3 4JH", "my name is Alex Taylor and I live at 14 Mill Lane AD1 2BC"),
        ("I'm John Smith, flat 3, 22 Priory St", "I'm Alex Taylor, flat 14, 14 Priory St"),
        ("Mrs Patel's fence at number 40 is down", "Mrs Taylor's fence at number 14 is down"),
        ("Mr John O'Neill rang", "Mr Taylor rang"),
        ("hi its Sarah from 7 Quarry Hill", "hi its Alex from 14 Quarry Hill"),
        ("ref ASH-104233 still not done", "ref ASH-100001 still not done"),
        ("my bin wasn't emptied for 3 weeks at no. 7", "my bin wasn't emptied for 3 weeks at no. 14"),
        ("call me Dave", "call me Alex"),
        ("kids took john's bike", "kids took Alex's bike"),
        ("ring me on •••123 or j•••@gmail.com", "ring me on ••• or •••@example.com"),
        ("ring 07700 900123 or a.jones@example.org", "ring ••• or •••@example.com"),
        ("my dob is 12/03/1954", "my dob is 01/02/2000"),
        ("born 3rd of May 1961", "born 01/02/2000"),
        ("the car is GX17 ABC", "the car is AB12 CDE"),
        ("my council tax account 12345678", "my council tax account 100001"),
        ("my NI is AB 12 34 56 C", "my NI is •••"),
        ("regards, Bob Jones", "regards, Alex Taylor"),
        ("i am called Xanthe Oduya", "i am called Alex Taylor"),
        ("Dr Nguyen at the surgery", "Dr Taylor at the surgery"),
        ("look at www.mypage.co.uk/me or @sam_j", "look at www.example.com or www.example.com"),
        ("we live at 22a park view", "we live at 14 park view"),
        ("it is at 51.05123, 0.10456", "it is at 51.000, 51.000"),
        ("w1a 1aa", "AD1 2BC"),
    ],
)
def test_a_personal_detail_is_replaced_by_a_made_up_one(said: str, kept: str) -> None:
    assert redact(said).after == kept


@pytest.mark.parametrize(
    "said",
    [
        "there's a pothole on Mill Road", "the light on Station Road is out", "this is Station Road", "there's no 2 ways about it",
        "call me back please", "ask for the manager", "my name is on the list", "I'm Polish and need help", "St John Street",
        "the 3 bins by the shop", "is there a Tom Jones Road", "it's been 14 days", "a hole 6 inches deep", "two men from Ashdown Council",
        "what time do you open on Friday", "AD1 2BC", "will may and grace come in june", "the mark on the wall",
    ],
)  # fmt: skip
def test_what_is_no_detail_stays(said: str) -> None:
    assert redact(said).after == said


def test_what_was_done_is_told_in_numbers_and_in_pieces() -> None:
    one = redact("I'm John Smith of AD3 4JH, ring •••123")
    assert one.counts == {"name": 1, "postcode": 1, "masked": 1}
    assert "".join(text for text, _ in one.pieces()) == one.before and "".join(text for text, _ in one.pieces(after=True)) == one.after
    assert ("John Smith", "name") in one.pieces() and ("AD1 2BC", "postcode") in one.pieces(after=True)


SAID = (
    "my name is John Smith", "Mrs Patel's fence", "flat 3", "12 Mill Lane", "AD3 4JH", "ref ASH-104233", "ring 07700 900123",
    "the bin is full",
    "a•••@b.org", "I'm Mary", "on 3 May 2021", "the 3 bins", "https://x.org/a?b=1", "car AB12 CDE", "number 7", "it is dark on Mill Road",
)  # fmt: skip


@given(st.lists(st.sampled_from(SAID), max_size=8))
def test_redacting_twice_does_no_more_than_once(said: list[str]) -> None:
    once = redact(", ".join(said)).after
    assert redact(once).after == once


@given(
    st.from_regex(r"[A-PR-UWYZ][A-HK-Y][1-9][0-9]? [1-9][ABD-HJLNP-UW-Z]{2}", fullmatch=True),
    st.sampled_from(["", "at ", "my postcode is "]),
)
def test_no_postcode_is_left(postcode: str, before: str) -> None:
    assert postcode not in redact(f"{before}{postcode} please").after or postcode == "AD1 2BC"


@given(st.from_regex(r"07[0-9]{3} ?[0-9]{6}", fullmatch=True))
def test_no_mobile_number_is_left(number: str) -> None:
    assert not re.search(r"\d{3}", redact(f"ring {number} tonight").after)


@given(st.text(max_size=200))
def test_any_text_can_be_redacted(said: str) -> None:
    one = redact(said)
    assert "".join(text for text, _ in one.pieces()) == said


def test_a_reviewer_may_leave_out_and_replace_but_not_write_something_else() -> None:
    given_text = "the fence of my neighbour Xanthe is about to fall on the path"
    assert only_less(given_text, given_text)
    assert only_less(given_text, "the fence of my neighbour is about to fall on the path")
    assert only_less(given_text, "the fence of my neighbour Alex is about to fall on the path")
    assert not only_less(given_text, "the fence of my neighbour Xanthe is about to fall on the path tomorrow at noon")
    assert not only_less(given_text, "the fence")
    assert not only_less(given_text, "when is my bin day")
    assert not only_less(given_text, "")
