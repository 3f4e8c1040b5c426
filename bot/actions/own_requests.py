"""Finds which request the citizen means: by its reference, or among their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.task import SURE, Here, Task
from bot.actions.turn import pick

SHOWN = 3


@dataclass
class WithReference(Task):
    """`waiting` when the citizen's only report has no reference yet: it is kept and will be sent."""

    steps: ClassVar[tuple[str, ...]] = ("reference",)
    reference: str | None = None
    waiting: bool = False
    several: bool = False

    async def begin(self, here: Here) -> None:
        picked = here.turn.picked
        self.reference = picked[1] if picked and picked[0] == "reference" else here.turn.entities.get("reference")
        if self.reference is None:
            await self._own(here)

    async def _own(self, here: Here) -> list[tuple[str, str]]:
        """The citizen's own requests as (reference, service) pairs, newest first; the only one is taken."""
        own = [one for one in await here.services.log.requests.of_citizen(here.turn.conversation) if one.state != "refused"]
        known = [(one.reference, one.service_name) for one in own if one.reference]
        self.waiting = bool(own) and not known
        self.several = len(known) > 1
        if len(known) == 1:
            self.reference = known[0][0]
        return known

    async def next(self, here: Here) -> str | None:
        return None if self.waiting else await super().next(here)

    async def ask_reference(self, here: Here) -> None:
        own = await self._own(here) if self.several else []
        if own:
            named = [(f"{reference} {service}", pick("reference", reference)) for reference, service in own]
            here.say("utter_ask_which_request", named[:SHOWN])
        else:
            here.say("utter_ask_reference")

    async def take_reference(self, here: Here) -> bool:
        self.reference = here.turn.entities.get("reference")
        if self.reference is None and not here.turn.turns_aside(sure=SURE):
            said = " ".join(here.turn.words.lower().split())
            own = [reference for reference, service in await self._own(here) if said and said in f"{reference} {service}".lower()]
            self.reference = own[0] if len(own) == 1 and len(said) > 3 else None
        return self.reference is not None
