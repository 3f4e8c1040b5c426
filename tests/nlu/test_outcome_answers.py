"""Answers to "Is it done?" in the citizens' own words are taken for what they say, and hardly anything else is taken for one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.outcome_words import answer_in
from hearback.training import current, train

ROWS = yaml.safe_load(Path(__file__).with_name("outcome_answers.yml").read_text(encoding="utf-8"))
QUESTION = {"id": 1, "reference": "ASH-104233", "service": "POTHOLE", "subject": "request"}
FLOOR, FLOOR_OF_OTHERS, MOST_TAKEN = 0.95, 0.85, 0.03


@pytest.fixture(scope="module")
def heard() -> list[tuple[str, str, str, str | None]]:
    """(language, line, what it says, what it is taken for)"""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    assert current() or train() == 0
    agent = Agent.load(str(current()))

    async def parse(line: str, language: str) -> dict[str, Any]:
        return dict(await agent.processor.parse_message(UserMessage(line, metadata={"language": language})))

    async def all_lines() -> list[tuple[str, str, str, str | None]]:
        return [
            (language, line, right, answer_in(line, await parse(line, language), QUESTION))
            for language, rows in ROWS.items()
            for right, lines in rows.items()
            for line in lines
        ]

    return asyncio.run(all_lines())


@pytest.mark.parametrize("language", ["en", "cy", "pl"])
def test_answers_are_taken_for_what_they_say(heard: list[tuple[str, str, str, str | None]], language: str) -> None:
    answers = [one for one in heard if one[0] == language and one[2] != "none"]
    wrong = [one for one in answers if one[2] != one[3]]
    assert 1 - len(wrong) / len(answers) >= (FLOOR if language == "en" else FLOOR_OF_OTHERS), wrong


def test_hardly_anything_else_is_taken_for_an_answer(heard: list[tuple[str, str, str, str | None]]) -> None:
    others = [one for one in heard if one[2] == "none"]
    taken = [one for one in others if one[3] is not None]
    assert len(others) >= 40 and len(taken) / len(others) <= MOST_TAKEN, taken


def test_a_no_is_never_taken_for_success(heard: list[tuple[str, str, str, str | None]]) -> None:
    assert [one for one in heard if one[2] in ("not_fixed", "not_mine", "none") and one[3] == "fixed"] == []
