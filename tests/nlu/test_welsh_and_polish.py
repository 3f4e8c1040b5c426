"""The trained assistant on Welsh and Polish wording that training never saw."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from hearback.training import current, train

FLOOR, DANGER_FLOOR = 0.8, 0.8


@pytest.fixture(scope="module")
def agent() -> Any:
    from rasa.core.agent import Agent

    if current() is None:
        assert train() == 0
    return Agent.load(str(current()))


@pytest.mark.parametrize("code", ["cy", "pl"])
def test_intents(agent: Any, code: str) -> None:
    from rasa.core.channels.channel import UserMessage

    rows = yaml.safe_load((Path(__file__).parent / "languages" / f"{code}.yml").read_text(encoding="utf-8"))["intents"]

    async def understood() -> list[tuple[str, str, str]]:
        metadata = {"language": code}
        return [
            (line, intent, (await agent.processor.parse_message(UserMessage(line, metadata=metadata)))["intent"]["name"])
            for intent, lines in rows.items()
            for line in lines
        ]

    told = asyncio.run(understood())
    danger = [right == found for _, right, found in told if right == "report_danger"]
    wrong = [one for one in told if one[1] != one[2]]
    assert sum(danger) / len(danger) >= DANGER_FLOOR, wrong
    assert 1 - len(wrong) / len(told) >= FLOOR, wrong
