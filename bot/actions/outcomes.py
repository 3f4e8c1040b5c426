"""outcome_*: a citizen says unasked how a request came out. "Not fixed" is an update of it; the others are noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.own_requests import WithReference
from bot.actions.task import Here
from bot.actions.turn import Events
from bot.actions.update_request import UpdateRequest


@dataclass
class OutcomeNotFixed(UpdateRequest):
    """`unnamed` when there is no request that it could be about."""

    name: ClassVar[str] = "outcome_not_fixed"
    interrupts: ClassVar[bool] = False
    unnamed: bool = False

    async def begin(self, here: Here) -> None:
        await super().begin(here)
        self.still, self.words = "yes", here.turn.words or None
        self.unnamed = unnamed(self)

    def missing(self, step: str, here: Here) -> bool:
        return super().missing(step, here) and not self.unnamed

    async def finish(self, here: Here) -> Events:
        if self.unnamed:
            here.say("utter_ask_outcome_of_what")
            return []
        return await super().finish(here)


@dataclass
class OutcomePartly(OutcomeNotFixed):
    name: ClassVar[str] = "outcome_partly"
    kind: ClassVar[str] = "partly"


@dataclass
class OutcomeFixed(WithReference):
    """The other outcomes that close a matter are noted the same way."""

    name: ClassVar[str] = "outcome_fixed"
    interrupts: ClassVar[bool] = False
    kind: ClassVar[str] = "fixed"
    unnamed: bool = False

    async def begin(self, here: Here) -> None:
        await super().begin(here)
        self.unnamed = unnamed(self)

    def missing(self, step: str, here: Here) -> bool:
        return super().missing(step, here) and not self.unnamed

    async def finish(self, here: Here) -> Events:
        if self.unnamed or not self.reference:
            here.say("utter_ask_outcome_of_what")
            return []
        await here.services.log.updates.open(
            key=here.turn.key, conversation_id=here.turn.conversation, reference=self.reference, kind=self.kind,
            words=here.turn.words, state="noted",
        )  # fmt: skip
        self.say_noted(here, self.reference)
        return []

    def say_noted(self, here: Here, reference: str) -> None:
        here.say("utter_outcome_fixed", reference=reference)


@dataclass
class OutcomeNotMine(OutcomeFixed):
    name: ClassVar[str] = "outcome_not_mine"
    kind: ClassVar[str] = "not_mine"

    def say_noted(self, here: Here, reference: str) -> None:
        here.say("utter_outcome_not_mine", reference=reference)


def unnamed(task: WithReference) -> bool:
    return not (task.reference or task.several or task.waiting)
