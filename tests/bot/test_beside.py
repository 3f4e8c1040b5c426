"""What a citizen writes together with a choice reaches the actions as their words."""

from typing import Any

import pytest
from rasa_sdk import Tracker

from bot.actions.turn import Turn
from bot.connector import metadata_of


def turn(text: str, body: dict[str, Any]) -> Turn:
    latest = {"text": text, "metadata": metadata_of(body), "entities": [], "message_id": "m"}
    return Turn.of(Tracker("c", {}, latest, [], False, None, {}, "action_listen"))


@pytest.mark.parametrize(
    ("text", "body", "words"),
    [
        ('/outcome_not_fixed{"choice":"outcome:7"}', {"beside": "still there, call it ASH-1"}, "still there, call it ASH-1"),
        ('/outcome_not_fixed{"choice":"outcome:7"}', {"beside": ""}, ""),
        ("/affirm", {}, ""),
        ("still there", {"beside": "other words"}, "still there"),
    ],
)
def test_words_beside_a_choice_are_the_citizen_s(text: str, body: dict[str, Any], words: str) -> None:
    assert turn(text, body).words == words
