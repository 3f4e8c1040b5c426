"""report_repair: something to be mended in a council home; what cannot wait is sent to the emergency line first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.home_request import HomeRequest
from bot.actions.phrases import case_said, keys_said, says
from bot.actions.task import ELSEWHERE, Here
from bot.actions.turn import Events
from hearback import profile

PROBLEM = "problem"  # the definition's code


@dataclass
class ReportRepair(HomeRequest):
    """`tenant` is whether the home is the council's; `urgent` once the emergency line has been named."""

    name: ClassVar[str] = "report_repair"
    steps: ClassVar[tuple[str, ...]] = ("tenant", "household", "details", "contact", "check")
    needs_rounds: ClassVar[bool] = False
    sent_response: ClassVar[str] = "utter_repair_sent"
    service: str | None = "REPAIR"
    tenant: str | None = None
    urgent: bool = False

    async def begin(self, here: Here) -> None:
        self.description = here.turn.words
        self._warn(here)
        self._learn_problem(here)
        self._learn_tenant(here.turn.words)
        if self.tenant != "no":
            await self.begin_at_household(here)

    def _warn(self, here: Here) -> None:
        """Name the emergency line once, as soon as something urgent is said."""
        if not self.urgent and case_said(f"{self.description} {here.turn.words}", profile.repairs()["urgent"]):
            self.urgent = True
            here.say("utter_repair_urgent", phone=profile.council()["emergency_phone"])

    def _learn_problem(self, here: Here) -> bool:
        entry = self.entry(here)
        keys = keys_said(here.turn.words, profile.repairs()["problems"])
        allowed = [key for key in keys if entry and key in dict(self.values(entry, PROBLEM))]
        if len(allowed) == 1 and PROBLEM not in self.details:
            self.details[PROBLEM] = allowed[0]
            return True
        return False

    def _learn_tenant(self, words: str) -> bool:
        if says(words, profile.repairs()["other_home"]):
            self.tenant = "no"
        elif says(words, profile.repairs()["council_home"]):
            self.tenant = "yes"
        return self.tenant is not None

    async def take(self, step: str, here: Here) -> bool:
        self._warn(here)
        return await super().take(step, here)

    async def next(self, here: Here) -> str | None:
        if self.tenant == "no":
            self.over = True
        return await super().next(here)

    async def ask_tenant(self, here: Here) -> None:
        here.say("utter_ask_tenant")

    async def take_tenant(self, here: Here) -> bool:
        if not self._learn_tenant(here.turn.words):
            self.tenant = "yes" if here.says_yes else "no" if here.says_no else None
        return self.tenant is not None

    async def take_details(self, here: Here) -> bool:
        question = self.question(self.entry(here))
        if question is not None and question.code == PROBLEM and self._learn_problem(here):
            self.description = f"{self.description}\n{here.turn.words}".strip()
            return True
        return await super().take_details(here)

    async def finish(self, here: Here) -> Events:
        if self.tenant == "no":
            self.end = ELSEWHERE
            here.say("utter_repair_not_council", phone=profile.council()["phone"])
        return await super().finish(here)
