"""What the doors themselves say: the same responses of domain.yml that the assistant uses, by channel."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

import yaml

from engagement.values import Choice, Reply
from hearback import profile
from hearback.settings import ROOT


@cache
def _responses() -> dict[str, list[dict[str, Any]]]:
    return dict(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"])


def say(response: str, channel: str, **values: str) -> Reply:
    """A response for a channel, as a line of the system, not of the assistant."""
    variants = _responses()[response]
    own = [one for one in variants if one.get("channel") == channel]
    plain = [one for one in variants if "channel" not in one]
    return Reply(text=(own or plain)[0]["text"].format(**values), author="system")


def choice(title: str, payload: str) -> Choice:
    """A choice under an id that nobody can guess."""
    return Choice(id=secrets.token_urlsafe(9), title=title, payload=payload)


def greeting() -> Reply:
    """How a web conversation begins: the council's own words."""
    council = profile.council()
    return Reply(text=council["greeting"], choices=tuple(choice(one["title"], one["payload"]) for one in council["greeting_choices"]))
