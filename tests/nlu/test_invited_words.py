"""What text messages tell citizens to send is understood as it is meant, in each language."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.actions.household import OTHER_ADDRESS
from bot.actions.task import SKIP, SURE
from bot.actions.task_form import BACK
from hearback.training import current, train

ROOT = Path(__file__).parents[2]
INVITED = re.compile(r"\b(?:text|or|tecstiwch|decstio|neu|napisz|napisać|albo): ([^.?{}\n]+)", re.IGNORECASE)
BY_WORDS = {"skip": SKIP, "back": BACK, "another address": OTHER_ADDRESS}
MEANS = {
    "en": {
        "talk to a person": "talk_to_person", "call me back": "talk_to_person", "start again": "restart", "go back": "back", "skip": "skip",
        "another address": "another address", "when is my bin day": "ask_bin_day",
    },
    "cy": {
        "siarad gyda pherson": "talk_to_person", "ffoniwch fi plis": "talk_to_person", "dechrau eto": "restart",
        "cwestiwn blaenorol": "back", "hepgor": "skip", "cyfeiriad arall": "another address", "pryd mae fy niwrnod bin": "ask_bin_day",
    },
    "pl": {
        "kontakt z pracownikiem": "talk_to_person", "proszę zadzwonić do mnie": "talk_to_person", "zacznij od nowa": "restart",
        "cofnij": "back", "pomiń": "skip", "inny adres": "another address", "kiedy wywóz śmieci": "ask_bin_day",
    },
}  # fmt: skip


def invited(language: str) -> set[str]:
    """The phrases that the texts in this language tell the citizen to send."""
    phrases: set[str] = set()
    for told in yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"].values():
        for one in told:
            named = next((condition["value"] for condition in one.get("condition", ())), "en")
            if one.get("channel", "sms") == "sms" and named == language:
                for found in INVITED.findall(one["text"]):
                    phrases |= {part.strip() for part in re.split(r", (?:or |neu |albo )?| or | neu | albo ", found) if part.strip()}
    return phrases


@pytest.fixture(scope="module")
def agent() -> Any:
    from rasa.core.agent import Agent

    if current() is None:
        assert train() == 0
    return Agent.load(str(current()))


@pytest.mark.parametrize("language", sorted(MEANS))
def test_every_phrase_that_a_text_tells_to_send_is_known_here(language: str) -> None:
    assert invited(language) == set(MEANS[language])


@pytest.mark.parametrize("language", sorted(MEANS))
def test_a_phrase_that_a_text_tells_to_send_is_understood(agent: Any, language: str) -> None:
    from rasa.core.channels.channel import UserMessage

    async def parsed(phrase: str) -> dict[str, Any]:
        return dict((await agent.processor.parse_message(UserMessage(phrase, metadata={"language": language})))["intent"])

    for phrase, meaning in MEANS[language].items():
        if pattern := BY_WORDS.get(meaning):
            assert pattern.search(phrase), phrase
            continue
        intent = asyncio.run(parsed(phrase))
        assert intent["name"] == meaning and intent["confidence"] >= SURE, (phrase, intent)
