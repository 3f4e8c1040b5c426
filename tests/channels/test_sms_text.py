"""Segments are counted as Twilio counts them; choices are numbers; typography never doubles a price."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
import smsutil

from engagement.values import Choice
from hearback import sms_text
from hearback.graphemes import graphemes

GSM = [*sms_text.BASIC, *sms_text.EXTENDED, *sms_text.EXTENDED, *sms_text.EXTENDED]
LETTERS = [*"ŵŷâîłęąż’‘“”–…漢عБ"]
EMOJI = [
    "😀",
    "🎉",
    "❤️",
    "👍🏽",
    "👩🏽‍🚀",
    "👨‍👩‍👧‍👦",
    "👩‍❤️‍💋‍👨",
    "👩🏽‍❤️‍👨🏽",
    "🏳️‍🌈",
    "🇬🇧",
    "🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "1️⃣",
    "🤷🏿‍♀️",
    "🧑🏽‍🦰",
    "w\u0302",
    "கி",
    "नि",
]
PIECES = ["\u200d", "\ufe0f", "🏽", "🇬", "🇵", "\u0301", "\u20e3", "\U000e0067", "\r\n", "\n", "\u200c", "❤", "👩", "👦", "🏴", "🚀", "♂"]
POOLS = (GSM, GSM + LETTERS, ["a"] * 30 + LETTERS + EMOJI, [*"abc "] + EMOJI + PIECES)


def texts(count: int) -> list[str]:
    chance = random.Random(20261126)
    made = []
    for _ in range(count):
        pool, longest = chance.choice(POOLS), chance.choice((5, 80, 170, 320, 500))
        made.append("".join(chance.choice(pool) for _ in range(chance.randint(0, longest))))
    # Something of more than one code unit at each place around the end of a part.
    return made + ["ŵ" * filled + emoji + "ŵ" * 67 for filled in range(55, 71) for emoji in EMOJI]


@pytest.fixture(scope="module")
def counted(node: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """10,000 texts and more, each with its parts and characters by Twilio's own calculator."""
    made = texts(10_000)
    script = Path(__file__).with_name("twilio_count.js")
    done = subprocess.run([*node, script], input=json.dumps(made), capture_output=True, text=True, check=True, timeout=300)
    return list(zip(made, json.loads(done.stdout), strict=True))


def test_ten_thousand_random_texts_are_counted_as_twilio_does(counted: list[tuple[str, dict[str, Any]]]) -> None:
    different = [(text, one["parts"]) for text, one in counted if sms_text.segments(text) != one["parts"]]
    assert different == []


def test_characters_are_divided_as_twilio_does(counted: list[tuple[str, dict[str, Any]]]) -> None:
    different = [(text, one["characters"]) for text, one in counted if list(graphemes(text)) != one["characters"]]
    assert different == []


def test_smsutil_differs_only_where_it_divides_what_readers_see_as_one_character() -> None:
    """smsutil begins a new part between any two code points, Twilio between two characters only: smsutil may count fewer, never more."""
    differing = 0
    for text in texts(10_000):
        ours, others = sms_text.segments(text), len(smsutil.split(text).parts)
        if all(len(character) == 1 for character in graphemes(text)):
            assert ours == others, repr(text)
        assert others <= ours, repr(text)
        differing += others != ours
    assert differing > 100
    astronaut = "ŵ" * 65 + "👩🏽‍🚀" + "ŵ" * 62
    assert (sms_text.segments(astronaut), len(smsutil.split(astronaut).parts)) == (3, 2)


def test_smsutil_takes_the_escape_character_for_a_letter_and_twilio_does_not() -> None:
    text = "\x1b" * 71
    assert (sms_text.segments(text), len(smsutil.split(text).parts)) == (2, 1)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("ŵ" * 70, 1), ("ŵ" * 71, 2),
        ("a" * 152 + "€" * 76, 2), ("a" * 152 + "€" * 77, 3), ("ŵ" * 134, 2), ("ŵ" * 135, 3), ("😀" * 35, 1), ("😀" * 36, 2),
    ],
)  # fmt: skip
def test_limits(text: str, parts: int) -> None:
    assert sms_text.segments(text) == parts


def test_one_curly_quote_does_not_double_the_price() -> None:
    assert sms_text.segments(sms_text.plain("It’s done – we’ll text you…" + "a" * 120)) == 1


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("“It’s ‘open’”", "\"It's 'open'\""),
        ("9am–5pm — not 1‑3\u00a0Mill\u2009Lane", "9am-5pm - not 1-3 Mill Lane"),
        ("• sofa\n• fridge …", "* sofa\n* fridge ..."),
        ("o\ufb03ce \ufb01le", "office file"),
        ("2½ miles, ½ price", "2 1/2 miles, 1/2 price"),
        ("2×4", "2x4"),
        ("cafe\u0301", "café"),
        ("zero\u200bwidth so\u00adft", "zerowidth soft"),
    ],
)
def test_typography_is_made_plain(typed: str, sent: str) -> None:
    assert sms_text.plain(typed) == sent
    assert sms_text.is_gsm(sent)


@pytest.mark.parametrize("text", ["Tŷ Ŵyl, dŵr", "Proszę, żółw", "عربي", "20°C", "👩🏽‍🚀"])
def test_letters_that_carry_meaning_stay(text: str) -> None:
    assert sms_text.plain(text) == text


def test_choices_are_numbered() -> None:
    choices = tuple(Choice(id=str(n), title=title, payload="/x") for n, title in enumerate(("Send it", "Change it")))
    assert sms_text.render("Pothole, Mill Lane.\nSend it?", choices) == "Pothole, Mill Lane.\nSend it?\n1 Send it\n2 Change it"
