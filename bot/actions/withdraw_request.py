"""withdraw_request: the citizen takes back a report of their own; it is closed, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from backoffice.errors import BackOfficeError
from bot.actions.own_requests import WithRequest, own_requests
from bot.actions.task import HANDED_OVER, Here
from bot.actions.turn import Events
from hearback import profile

CLOSES = "NO_FURTHER_ACTION"  # FixMyStreet's state for what is closed without being fixed


@dataclass
class WithdrawRequest(WithRequest):
    """`sure` is the answer to "shall I withdraw it?"; to "shall I pass it to our team?" where the report is not the citizen's own."""

    name: ClassVar[str] = "withdraw_request"
    steps: ClassVar[tuple[str, ...]] = ("reference", "sure")
    sure: str | None = None

    def missing(self, step: str, here: Here) -> bool:
        if step == "sure" and (self.status == "unknown" or (self.status == "closed" and self.own)):
            return False
        return super().missing(step, here)

    async def ask_sure(self, here: Here) -> None:
        if self.waiting:
            mine = await own_requests(here)
            self.service, self.place = mine[0].service_name, mine[0].report.get("address") or ""
            here.say("utter_ask_withdraw_unsent", service=self.service, place=self.place)
        elif self.own and self.status != "case":
            here.say("utter_ask_withdraw", reference=self.reference or "", service=self.service, place=self.place)
        elif self.own:
            here.say("utter_ask_withdraw_case", reference=self.reference or "")
        else:
            here.say("utter_ask_withdraw_other", reference=self.reference or "")

    async def take_sure(self, here: Here) -> bool:
        if here.says_yes or here.turn.means("withdraw_request"):
            self.sure = "yes"
        elif here.says_no:
            self.sure = "no"
        return self.sure is not None

    async def finish(self, here: Here) -> Events:
        reference = self.reference or ""
        if self.status == "unknown":
            here.say("utter_reference_unknown", reference=reference)
        elif self.status == "closed" and self.own:
            here.say("utter_withdraw_closed", reference=reference, service=self.service)
        elif self.sure != "yes":
            here.say("utter_withdraw_not")
        elif self.waiting and await here.services.log.requests.drop(self.waiting):
            here.say("utter_withdrawn_unsent")
        elif self.own and self.status == "open" and await self._closed(here, reference):
            here.say("utter_withdrawn", reference=reference, service=self.service)
        else:
            await here.services.log.handovers.open(
                here.turn.conversation, key=f"{here.turn.key}:{self.name}", reason=self.name,
                details={"reference": self.reference, "own": "yes" if self.own or self.waiting else "no"},
            )  # fmt: skip
            self.end = HANDED_OVER
            here.say("utter_withdraw_with_team", hours=profile.hours(here.turn.language))
        return []

    async def _closed(self, here: Here, reference: str) -> bool:
        """Close it in the back office; False when that takes no updates now."""
        log, key, note = here.services.log, here.turn.key, profile.council()["request_notes"]["withdrawn"]
        update = await log.updates.open(key=key, conversation_id=here.turn.conversation, reference=reference, kind="withdrawn")
        try:
            await here.services.open311.update(reference, update_id=update.update_id, status=CLOSES, description=note, at=update.created_at)
        except BackOfficeError:
            await log.updates.settle(key, "with_team")
            return False
        await log.updates.settle(key, "sent")
        await log.requests.withdrawn(reference)
        return True
