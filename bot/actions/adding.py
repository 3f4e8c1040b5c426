"""Adds to a request what a citizen says of it later, and the one optional step in which they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from backoffice.errors import BackOfficeError, BackOfficeUnavailable
from bot.actions.in_words import LONGEST
from bot.actions.task import HANDED_OVER, SURE, Here, Task
from bot.actions.turn import REQUESTS, Events
from hearback import profile

NOTHING = ""


async def add_to(here: Here, reference: str, words: str, *, kind: str = "added", status: str = "open", photo: str | None = None) -> bool:
    """Write an update down and send it; False when the back office takes none now, or `status` is away."""
    log, key = here.services.log, here.turn.key
    update = await log.updates.open(key=key, conversation_id=here.turn.conversation, reference=reference, words=words, kind=kind)
    try:
        if status == "away":
            raise BackOfficeUnavailable
        await here.services.open311.update(
            reference, update_id=update.update_id, status=status.upper(), description=words, at=update.created_at,
            media_url=photo if (photo or "").startswith("http") else None,
        )  # fmt: skip
    except BackOfficeError:
        await log.updates.settle(key, "with_team")
        return False
    await log.updates.settle(key, "sent")
    return True


def team(here: Here) -> dict[str, str]:
    """When the team is there, and its number."""
    return {"hours": profile.hours(here.turn.language), "phone": profile.council()["phone"]}


@dataclass
class AddMore(Task):
    """A photo or a sentence after a "no"; it was invited before, so that it is asked in words only the second time."""

    name: ClassVar[str] = "add_more"
    steps: ClassVar[tuple[str, ...]] = ("more",)
    optional: ClassVar[bool] = True
    reference: str = ""
    service: str = ""
    more: str | None = None
    photo: str | None = None
    asked: bool = False

    async def ask_more(self, here: Here) -> None:
        if self.asked:
            here.say("utter_ask_more_of_outcome", reference=self.reference)
        self.asked = True

    async def take_more(self, here: Here) -> bool:
        turn = here.turn
        self.photo = turn.picture
        if here.says_no or turn.means("thanks", "goodbye", "cancel"):
            self.more = NOTHING
        elif turn.turns_aside(sure=SURE) or turn.means(*REQUESTS, sure=SURE):
            return False
        elif not here.turn.means("affirm") or self.photo:
            self.more = turn.words[:LONGEST]
        return True

    async def finish(self, here: Here) -> Events:
        if not self.more and not self.photo:
            here.say("utter_no_to_nothing")
        elif await add_to(here, self.reference, self.more or "", photo=self.photo):
            here.say("utter_update_sent", reference=self.reference, service=self.service)
        else:
            await here.services.log.handovers.open(
                here.turn.conversation, key=f"{here.turn.key}:{self.name}", reason="update_request",
                details={"reference": self.reference, "words": self.more},
            )  # fmt: skip
            self.end = HANDED_OVER
            here.say("utter_update_with_team", **team(here))
        return []
