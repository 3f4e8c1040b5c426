"""update_request: more about a report that was made, or that it is not fixed although it was closed: then it is opened again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from backoffice.errors import BackOfficeError, BackOfficeUnavailable
from bot.actions.in_words import InWords
from bot.actions.own_requests import WithRequest
from bot.actions.report import URL
from bot.actions.task import Here
from bot.actions.turn import Events, set_slots
from hearback import dates, profile

NOT_FIXED = re.compile(
    r"\bre-?open|\bstill\b|\b(?:isn|hasn|wasn|weren|haven|ain)'?t\b|\bnever\b|\bnot\s+(?:\w+\s+){0,2}?(?:fixed|done|mended|repaired|cleared|"
    r"cleaned|sorted|finished|complete\w*|resolved|touched|collected|emptied|gone|working)\b|\bnothing\b.*\bdone\b|\bdone nothing\b|"
    r"\b(?:come|came|is|are) back\b|\bagain\b|\bwrong one\b",
    re.IGNORECASE,
)
REOPEN = "REOPEN"  # FixMyStreet's state; GeoReport itself knows open and closed only


@dataclass
class UpdateRequest(InWords, WithRequest):
    """`still` says whether the problem of a closed request is still there; `photo` is a link to one."""

    name: ClassVar[str] = "update_request"
    steps: ClassVar[tuple[str, ...]] = ("reference", "words", "still")
    wish: ClassVar[str] = "adding"
    kind: ClassVar[str] = "not_fixed"
    still: str | None = None
    photo: str | None = None
    contact_id: int | None = None

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
            here.say("utter_update_other", **about, **_team(here))
        elif self.waiting or self.status == "case" or not await self._sent(here):
            await self._hand_over(here)
            here.say("utter_update_with_team", **about, **_team(here))
        elif self.reopens:
            await self._hand_over(here)
            here.say("utter_request_reopened", **about, **_team(here))
        else:
            if self.contact_id is not None:
                await self._hand_over(here)
            self._say_sent(here)
        return set_slots(reference=self.reference) if self.reference else []

    @property
    def reopens(self) -> bool:
        return self.status == "closed" and self.still == "yes"

    async def _sent(self, here: Here) -> bool:
        """Write the update down and send it; False when the back office takes none now."""
        assert self.reference is not None
        log, key, words = here.services.log, here.turn.key, self.told
        update = await log.updates.open(
            key=key, conversation_id=here.turn.conversation, reference=self.reference, words=words,
            kind=self.kind if self.still == "yes" else "added",
        )  # fmt: skip
        try:
            if self.status == "away":
                raise BackOfficeUnavailable
            await here.services.open311.update(
                self.reference, update_id=update.update_id, status=REOPEN if self.reopens else self.status.upper(), description=words,
                at=update.created_at, media_url=self.photo if (self.photo or "").startswith("http") else None,
            )  # fmt: skip
        except BackOfficeError:
            await log.updates.settle(key, "with_team")
            return False
        await log.updates.settle(key, "sent")
        return True

    async def _hand_over(self, here: Here, **details: str) -> None:
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


def _team(here: Here) -> dict[str, str]:
    return {"hours": profile.hours(here.turn.language), "phone": profile.council()["phone"]}
