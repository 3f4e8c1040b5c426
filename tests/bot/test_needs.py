"""Several things in one message."""

from __future__ import annotations

from typing import Any

import pytest

from bot.needs import needs_of, parts_of

WORDS = {
    "gas": ("report_danger", None),
    "pothole": ("report_problem", "POTHOLE"),
    "light": ("report_problem", "STREETLIGHT"),
    "bin": ("ask_bin_day", None),
}
GREETED = "Hello there everyone. There's a pothole on Mill Lane. It is really deep."


async def parse(text: str) -> dict[str, Any]:
    """A reader that knows four words."""
    intent, service = next((found for word, found in WORDS.items() if word in text), ("inform", None))
    return {"intent": {"name": intent, "confidence": 0.9}, "services": [{"code": service, "score": 0.9}] if service else []}


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("there's a pothole on Mill Lane and also when is my bin day", ["there's a pothole on Mill Lane", "when is my bin day"]),
        (GREETED, [GREETED]),
        ("the pothole outside 9 Mill Lane and the light by the shop", ["the pothole outside 9 Mill Lane", "the light by the shop"]),
        ("pothole on Mill Lane. The pothole is huge", ["pothole on Mill Lane. The pothole is huge"]),
        ("when is my bin day", ["when is my bin day"]),
        ("pothole on Mill Lane. I can smell gas in my kitchen", ["pothole on Mill Lane. I can smell gas in my kitchen"]),
    ],
)
async def test_a_message_is_cut_into_what_it_asks_for(text: str, needs: list[str]) -> None:
    assert await needs_of(text, parse) == needs


def test_a_short_part_stays_with_the_one_before_it() -> None:
    assert parts_of("Pothole on Mill Lane. Thanks. And also the light is out") == [
        "Pothole on Mill Lane. Thanks.",
        "the light is out",
    ]


def test_a_message_of_many_sentences_is_not_understood_a_hundred_times() -> None:
    parts = parts_of("The light is out again. " * 80)
    assert len(parts) == 8 and " ".join(parts).count("light") == 80
