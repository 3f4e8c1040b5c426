"""A choice that we offered passes through understanding as it is."""

import asyncio

from rasa.core.agent import Agent

from hearback.training import current, train


def test_a_choice_is_read_and_not_understood() -> None:
    assert current() or train() == 0
    agent = Agent.load(str(current()))
    for payload, intent in (('/inform{"choice": "detail-size:larger"}', "inform"), ("/deny", "deny"), ("/cancel", "cancel")):
        told = asyncio.run(agent.parse_message(payload))
        assert (told["intent"]["name"], told["intent"]["confidence"]) == (intent, 1.0) and not told.get("danger")
    assert [one["value"] for one in asyncio.run(agent.parse_message('/inform{"choice": "a:b"}'))["entities"]] == ["a:b"]
