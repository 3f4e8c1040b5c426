"""give_compliment: the citizen's praise, in their words, for the team that it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.in_words import InWords
from bot.actions.task import Here
from bot.actions.turn import Events

AFTER_OTHERS = -1  # nobody waits for an answer


@dataclass
class GiveCompliment(InWords):
    name: ClassVar[str] = "give_compliment"
    steps: ClassVar[tuple[str, ...]] = ("words",)
    wish: ClassVar[str] = "praising"

    async def begin(self, here: Here) -> None:
        self.hear(here)

    async def ask_words(self, here: Here) -> None:
        here.say("utter_ask_compliment")

    async def finish(self, here: Here) -> Events:
        await here.services.log.handovers.open(
            here.turn.conversation, key=f"{here.turn.key}:{self.name}", reason=self.name, priority=AFTER_OTHERS,
            details={"words": self.told},
        )  # fmt: skip
        here.say("utter_give_compliment")
        return []
