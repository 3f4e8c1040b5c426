"""make_complaint: what happened and where to answer, written down for the team; the citizen hears by when they get an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.contact import WithContact
from bot.actions.in_words import InWords
from bot.actions.task import Here
from bot.actions.turn import Events
from hearback import profile
from hearback.opening_hours import opening_hours


@dataclass
class MakeComplaint(InWords, WithContact):
    name: ClassVar[str] = "make_complaint"
    steps: ClassVar[tuple[str, ...]] = ("words", "contact")
    wish: ClassVar[str] = "complaining"
    enough: ClassVar[int] = 3

    async def begin(self, here: Here) -> None:
        self.hear(here)
        self.hear_contact(here)

    async def ask_words(self, here: Here) -> None:
        here.say("utter_ask_complaint")

    async def finish(self, here: Here) -> Events:
        """Working days run from the day after the complaint."""
        promise, now, hours = profile.council()["complaints"], here.services.clock.now(), opening_hours()
        acknowledge_by = hours.working_day_after(now, promise["acknowledged_in"])
        answer_by = hours.working_day_after(now, promise["answered_in"])
        case, _ = await here.services.log.handovers.open(
            here.turn.conversation, key=f"{here.turn.key}:{self.name}", reason=self.name, contact_id=self.contact_id,
            details={"words": self.told, "acknowledge_by": acknowledge_by.isoformat(), "answer_by": answer_by.isoformat()},
        )  # fmt: skip
        here.say("utter_make_complaint", reference=case.reference, acknowledge_by=here.day(acknowledge_by), answer_by=here.day(answer_by))
        return []
