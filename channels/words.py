"""What the doors themselves say: the same responses of domain.yml that the assistant uses, by channel."""

from __future__ import annotations

import secrets

from engagement.values import Choice, Reply
from hearback import responses
from hearback.chat_look import chat_look

OUTCOME = "OUTCOME"
SHARED = "/inform"  # what a location or a picture without words says to the assistant


def say(response: str, channel: str, language: str = "en", /, **values: str) -> Reply:
    """A response for a channel and a language, as a line of the system; of the assistant where it asks, with choices to pick from.

    A payload names what it is about by `OUTCOME`, for which `outcome` of the values is put in.
    """
    one = responses.variation(response, channel, language)
    picks = [choice(button["title"], button["payload"].replace(OUTCOME, values.get("outcome", ""))) for button in one.get("buttons", ())]
    return Reply(text=one["text"].format(**values), choices=tuple(picks), author="bot" if picks else "system")


def choice(title: str, payload: str) -> Choice:
    """A choice under an id that nobody can guess."""
    return Choice(id=secrets.token_urlsafe(9), title=title, payload=payload)


def greeting(language: str = "en") -> Reply:
    """How a web conversation begins: the council's own words, in a language that the chat offers."""
    look = chat_look()
    said = look.greetings[look.offered(language)]
    return Reply(text=said.text, choices=tuple(choice(one.title, one.payload) for one in said.choices))
