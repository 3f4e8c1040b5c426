"""update_request: more about a report that was made, or that it is not fixed although it was closed: then it is opened again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.actions.adding import AddMore, add_to, team
from bot.actions.disputes import not_done
from bot.actions.in_words import InWords
from bot.actions.own_requests import WithRequest, own_requests
from bot.actions.report import URL
from bot.actions.task import HANDED_OVER, Here, Task
from bot.actions.turn import Events, set_slots
from engagement.values import Outcome
from hearback import dates

NOT_FIXED = re.compile(
    r"\bre-?open|\bstill\b|\b(?:isn|hasn|wasn|weren|haven|ain)'?t\b|\bnever\b|\bnot\s+(?:\w+\s+){0,2}?(?:fixed|done|mended|repaired|cleared|"
    r"cleaned|sorted|finished|complete\w*|resolved|touched|collected|emptied|gone|working)\b|\bnothing\b.*\bdone\b|\bdone nothing\b|"
    r"\b(?:come|came|is|are) back\b|\bagain\b|\bwrong one\b",
    re.IGNORECASE,
)


@dataclass
class UpdateRequest(InWords, WithRequest):
    """`still` says whether the problem of a closed request is still there; `photo` is a link to one.

    `more_of` is the reference to which the citizen may add something after their "no".
    """

    name: ClassVar[str] = "update_request"
    steps: ClassVar[tuple[str, ...]] = ("reference", "words", "still")
    wish: ClassVar[str] = "adding"
    kind: ClassVar[str] = "not_fixed"
    still: str | None = None
    photo: str | None = None
    contact_id: int | None = None
    more_of: str | None = None

    async def begin(self, here: Here) -> None:
        await super().begin(here)
        self._see_more(here)
        if NOT_FIXED.search(here.turn.words):
            self.words, self.still = here.turn.words, "yes"
        else:
            self.hear(here)

    def missing(self, step: str, here: Here) -> bool:
        if self.status == "unknown" and step != "reference":
            return False
        if step == "words":
            return self.words is None and self.photo is None
        if step == "still":
            return self.status == "closed" and self.still is None
        return super().missing(step, here)

    async def ask_words(self, here: Here) -> None:
        here.say("utter_ask_update", reference=self.reference or "", service=self.service)

    async def take_words(self, here: Here) -> bool:
        self._see_more(here)
        taken = await super().take_words(here)
        if taken and NOT_FIXED.search(here.turn.words):
            self.still = "yes"
        return taken or self.photo is not None

    def _see_more(self, here: Here) -> None:
        """A photo, and a number or address: the back office gets words without those, so the team sees them."""
        link = URL.search(here.turn.words)
        self.photo = here.turn.media[0].get("url") if here.turn.media else link.group() if link else None
        self.contact_id = here.turn.contacts[0] if here.turn.contacts else self.contact_id

    async def ask_still(self, here: Here) -> None:
        here.say("utter_ask_still_there", reference=self.reference or "", service=self.service)

    async def take_still(self, here: Here) -> bool:
        if here.says_yes or here.turn.means("outcome_not_fixed", "outcome_partly") or NOT_FIXED.search(here.turn.words):
            self.still = "yes"
        elif here.says_no or here.turn.means("outcome_fixed"):
            self.still = "no"
        return self.still is not None

    async def finish(self, here: Here) -> Events:
        about = {"reference": self.reference or "", "service": self.service}
        if self.status == "unknown":
            here.say("utter_reference_unknown", reference=self.reference or "")
            return []
        if not (self.waiting or self.own or self.joined):
            # Whoever knows a reference could otherwise write into another's report, or open it again.
            await self._hand_over(here, own="no")
            here.say("utter_update_other", **about, **team(here))
        elif outcome := await self._declared(here):
            self.more_of = await not_done(here, outcome, self.kind, self.told, photo=self.photo)
        elif self.waiting or self.status == "case" or (self.status == "closed" and self.still == "yes") or not await self._sent(here):
            await self._hand_over(here)
            here.say("utter_update_with_team", **about, **team(here))
        else:
            if self.contact_id is not None:
                await self._hand_over(here)
            self._say_sent(here)
        return set_slots(reference=self.reference) if self.reference else []

    def follow_up(self) -> Task | None:
        return AddMore(reference=self.more_of, service=self.service) if self.more_of else None

    async def _declared(self, here: Here) -> Outcome | None:
        """The round of the citizen's own request that was declared done, where they say that it is not."""
        mine = [one for one in await own_requests(here) if self.reference and one.reference == self.reference]
        if self.still != "yes" or not mine:
            return None
        outcome = await here.services.log.outcomes.of_request(mine[0].id, turn=here.turn.key)
        return outcome if outcome and outcome.declared else None

    async def _sent(self, here: Here) -> bool:
        """False when the back office takes no update now."""
        assert self.reference is not None
        kind = self.kind if self.still == "yes" else "added"
        return await add_to(here, self.reference, self.told, kind=kind, status=self.status, photo=self.photo)

    async def _hand_over(self, here: Here, **details: str) -> None:
        self.end = HANDED_OVER
        disputed = self.still == "yes" and self.status in {"closed", "away"}
        await here.services.log.handovers.open(
            here.turn.conversation, key=f"{here.turn.key}:{self.name}", reason=f"outcome_{self.kind}" if disputed else "update_request",
            contact_id=self.contact_id, details={"reference": self.reference, "words": self.told, **details},
        )  # fmt: skip

    def _say_sent(self, here: Here) -> None:
        about = {"reference": self.reference or "", "service": self.service}
        expected = dates.moment(self.expected) if self.expected else None
        if self.status == "open" and expected and expected > here.services.clock.now():
            here.say("utter_update_sent_until", day=here.day(expected), **about)
        else:
            here.say("utter_update_sent", **about)
