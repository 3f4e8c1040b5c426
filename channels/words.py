"""What the doors themselves say: the same responses of domain.yml that the assistant uses, by channel."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

import yaml

from engagement.values import Choice, Reply
from hearback.chat_look import chat_look
from hearback.settings import ROOT

OUTCOME = "OUTCOME"
SHARED = "/inform"  # what a location or a picture without words says to the assistant


@cache
def _responses() -> dict[str, list[dict[str, Any]]]:
    return dict(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"])


def say(response: str, channel: str, language: str = "en", /, **values: str) -> Reply:
    """A response for a channel and a language, as a line of the system; of the assistant where it asks, with choices to pick from.

    A payload names what it is about by `OUTCOME`, for which `outcome` of the values is put in.
    """
    one = _variation(_responses()[response], channel, language)
    picks = [choice(button["title"], button["payload"].replace(OUTCOME, values.get("outcome", ""))) for button in one.get("buttons", ())]
    return Reply(text=one["text"].format(**values), choices=tuple(picks), author="bot" if picks else "system")


def _variation(variations: list[dict[str, Any]], channel: str, language: str) -> dict[str, Any]:
    """The wording that Rasa would choose: one for the channel goes before one for the language, one for both before all."""

    def fits(one: dict[str, Any]) -> bool:
        wanted = {condition["name"]: condition["value"] for condition in one.get("condition", ())}
        return one.get("channel", channel) == channel and wanted in ({}, {"language": language})

    return max(filter(fits, variations), key=lambda one: ("channel" in one, "condition" in one))


def choice(title: str, payload: str) -> Choice:
    """A choice under an id that nobody can guess."""
    return Choice(id=secrets.token_urlsafe(9), title=title, payload=payload)


def greeting(language: str = "en") -> Reply:
    """How a web conversation begins: the council's own words, in a language that the chat offers."""
    look = chat_look()
    said = look.greetings[look.offered(language)]
    return Reply(text=said.text, choices=tuple(choice(one.title, one.payload) for one in said.choices))
