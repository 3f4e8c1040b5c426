"""The responses of domain.yml, which the assistant says, as everybody else says them: the doors, the desk."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from hearback.settings import ROOT


@cache
def responses() -> dict[str, list[dict[str, Any]]]:
    return dict(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"])


def variation(response: str, channel: str, language: str) -> dict[str, Any]:
    """The wording that Rasa would choose: one for the channel goes before one for the language, one for both before all."""

    def fits(one: dict[str, Any]) -> bool:
        wanted = {condition["name"]: condition["value"] for condition in one.get("condition", ())}
        return one.get("channel", channel) == channel and wanted in ({}, {"language": language})

    return max(filter(fits, responses()[response]), key=lambda one: ("channel" in one, "condition" in one))


def text(response: str, channel: str, language: str = "en", /, **values: str) -> str:
    """A response without its choices."""
    return str(variation(response, channel, language)["text"]).format(**values)
