"""No words of a citizen are a payload for Rasa, wherever a slash stands in them and whatever stands before it."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.needs import as_words, needs_of, parts_of

SPACES = [chr(one) for one in range(sys.maxunicode + 1) if chr(one).isspace()]
COMMAND = "/report_danger" + json.dumps({"choice": "outcome:12"})


def is_command(text: str) -> bool:
    return YAMLStoryReader.unpack_regex_message(Message.build(text)).get(INTENT) is not None


async def parse(text: str) -> dict[str, Any]:
    """Reads as Rasa does: a payload is what it says, anything else a problem of its own kind."""
    read = YAMLStoryReader.unpack_regex_message(Message.build(text)).get(INTENT)
    return {"intent": read or {"name": "report_problem", "confidence": 0.9}, "services": [{"code": text[:9], "score": 0.9}]}


def test_rasa_reads_a_command_behind_any_space() -> None:
    assert is_command(COMMAND) and is_command(f"\u00a0{COMMAND}") and is_command(f"\u2003{COMMAND}")


@pytest.mark.parametrize("space", SPACES, ids=lambda one: f"U+{ord(one):04X}")
def test_no_space_hides_a_command(space: str) -> None:
    for text in (f"{space}{COMMAND}", f"/{space}{COMMAND}", f"{space}/{space}/{space}{COMMAND}", f"/{space}"):
        assert not is_command(as_words(text)), text


@pytest.mark.parametrize(
    "before", ["There is a pothole.", "There is a pothole!\n", "a pothole on the road and also", "a pothole here and my"]
)
@pytest.mark.parametrize("space", ["", "\u00a0", "\u2028", "/ ", "//"])
async def test_no_sentence_in_the_middle_is_a_command(before: str, space: str) -> None:
    text = f"{before} {space}{COMMAND} and also {space}/restart this thing"
    assert not any(map(is_command, parts_of(text)))
    assert not any(map(is_command, await needs_of(text, parse)))


@given(st.lists(st.sampled_from([*SPACES, "/", ".", "!", "\n", "and also ", "oh and ", COMMAND, "a pothole on Mill Lane"]), max_size=12))
def test_no_mixture_is_a_command(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert not is_command(as_words(text)) and not any(map(is_command, parts_of(text)))
