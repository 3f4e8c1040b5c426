"""Segments are counted as the networks count them; choices are numbers."""

import random

import pytest
import smsutil

from channels import sms_text
from engagement.values import Choice

ALPHABET = list(sms_text.BASIC) + list(sms_text.EXTENDED) * 3 + list("ŵŷ’–😀漢")


def test_ten_thousand_random_texts_are_counted_as_smsutil_does() -> None:
    random.seed(3)
    for _ in range(10_000):
        letters = ALPHABET if random.random() < 0.3 else ALPHABET[: len(sms_text.BASIC) + len(sms_text.EXTENDED) * 3]
        text = "".join(random.choice(letters) for _ in range(random.randint(1, 500)))
        assert sms_text.segments(text) == len(smsutil.split(text).parts), repr(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("ŵ" * 70, 1), ("ŵ" * 71, 2)],
)
def test_limits(text: str, parts: int) -> None:
    assert sms_text.segments(text) == parts


def test_one_curly_quote_does_not_double_the_price() -> None:
    assert sms_text.segments(sms_text.plain("It’s done – we’ll text you…" + "a" * 120)) == 1


def test_choices_are_numbered() -> None:
    choices = tuple(Choice(id=str(n), title=title, payload="/x") for n, title in enumerate(("Send it", "Change it")))
    assert sms_text.render("Pothole, Mill Lane.\nSend it?", choices) == "Pothole, Mill Lane.\nSend it?\n1 Send it\n2 Change it"
