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
        ('/outcome_not_fixed{"choice":"outcome:7"}', {"said": "still there, call it ASH-1"}, "still there, call it ASH-1"),
        ('/outcome_not_fixed{"choice":"outcome:7"}', {"said": ""}, ""),
        ("/affirm", {}, ""),
    ],
)
def test_what_stands_below_a_choice_is_what_the_citizen_said(text: str, body: dict[str, Any], words: str) -> None:
    taken = turn(text, body)
    assert (taken.said, taken.words) == (words, "")
