"""Answers to "Is it done?" in the citizens' own words are taken for what they say, and hardly anything else is taken for one."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.outcome_words import answer_in
from hearback.training import current, train

ROWS = yaml.safe_load(Path(__file__).with_name("outcome_answers.yml").read_text(encoding="utf-8"))
QUESTION = {"id": 1, "reference": "ASH-104233", "service": "POTHOLE", "subject": "request"}
FLOOR, FLOOR_OF_OTHERS, MOST_TAKEN = 0.95, 0.85, 0.03


@cache
def assistant() -> Any:
    """The current model, loaded once."""
    from rasa.core.agent import Agent

    assert current() or train() == 0
    return Agent.load(str(current()))


@pytest.fixture(scope="module")
def heard() -> list[tuple[str, str, str, str | None]]:
    """(language, line, what it says, what it is taken for)"""
    from rasa.core.channels.channel import UserMessage

    async def parse(line: str, language: str) -> dict[str, Any]:
        return dict(await assistant().processor.parse_message(UserMessage(line, metadata={"language": language})))

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


async def answer_of(text: str, *, tasks: list[dict[str, str]] | None = None, latest: bool = True, asked: bool = True) -> str | None:
    """What the connector makes of a text while a question is open."""
    from rasa.shared.core.events import SlotSet
    from rasa.shared.core.trackers import DialogueStateTracker

    from bot.connector import Replies, Running

    agent = assistant()
    tracker = DialogueStateTracker.from_events("c", [], agent.domain.slots)
    tracker.update(SlotSet("tasks", tasks))
    body = {"channel": "sms", "question": {**QUESTION, "latest": latest} if asked else None}
    return await Running(agent.processor, tracker, Replies("sms"), "m", body).as_answer(text)


async def test_words_become_the_choice_that_they_make() -> None:
    assert await answer_of("nah still there") == '/outcome_not_fixed{"choice":"outcome:1"}'
    assert await answer_of("they did half of it", latest=False) == '/outcome_partly{"choice":"outcome:1"}'
    assert await answer_of("I can smell gas") is None
    assert await answer_of("when is my bin day") is None
    assert await answer_of("nah still there", asked=False) is None


async def test_with_a_task_in_hand_only_what_follows_the_question_answers_it() -> None:
    tasks = [{"task": "report_problem"}]
    assert await answer_of("no", tasks=tasks, latest=False) is None
    assert await answer_of("no", tasks=tasks) == '/outcome_not_fixed{"choice":"outcome:1"}'
    assert await answer_of('/deny{"choice":"a:b"}') is None


def test_a_request_that_says_still_is_the_one_that_was_asked_about() -> None:
    def parsed(code: str) -> dict[str, Any]:
        return {"intent": {"name": "report_missed_bin", "confidence": 0.98}, "services": [{"code": code, "score": 0.9}]}

    bins = {**QUESTION, "service": "MISSEDBIN"}
    assert answer_in("bin still not emptied", parsed("MISSEDBIN"), bins) == "not_fixed"
    assert answer_in("bin still not emptied", parsed("MISSEDBIN"), QUESTION) is None
    assert answer_in("my bin was missed", parsed("MISSEDBIN"), bins) is None


def test_another_reference_is_another_matter() -> None:
    def parsed(reference: str) -> dict[str, Any]:
        return {"intent": {"name": "outcome_not_fixed", "confidence": 0.9}, "entities": [{"entity": "reference", "value": reference}]}

    assert answer_in("ASH-1 is still broken", parsed("ASH-1"), QUESTION) is None
    assert answer_in("ASH-104233 is still broken", parsed("ASH-104233"), QUESTION) == "not_fixed"
