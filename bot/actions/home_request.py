"""A request to the back office for the citizen's own home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from backoffice.catalogue import Entry
from backoffice.records import Attribute
from bot.actions.household import AtHousehold
from bot.actions.report import NO_CONTACT, Report
from bot.actions.sending import send
from bot.actions.task import FAILED, SKIPPED, Here
from bot.actions.turn import Events
from hearback import profile


@dataclass
class HomeRequest(AtHousehold, Report):
    """`over` when there is nothing to send: the citizen was told why. `needs_rounds` where nothing goes on while the system is away."""

    steps: ClassVar[tuple[str, ...]] = ("household", "details", "contact", "check")
    needs_rounds: ClassVar[bool] = True
    sent_response: ClassVar[str] = "utter_request_sent"
    over: bool = False

    def known(self) -> dict[str, Any]:
        """Answers to the definition's questions that this task has found out by itself."""
        return {}

    def question(self, entry: Entry | None) -> Attribute | None:
        known = {**self.details, **self.known()}
        asked = (one for one in entry.attributes if one.variable) if entry else iter(())
        return next((one for one in asked if one.code not in known), None)

    def values(self, entry: Entry, code: str) -> list[tuple[str, str]]:
        """(key, name) pairs of a list question of the definition."""
        return [pair for one in entry.attributes if one.code == code for pair in one.values]

    def missing(self, step: str, here: Here) -> bool:
        if step == "household" and self.away:
            return not self.address
        return super().missing(step, here)

    async def next(self, here: Here) -> str | None:
        stopped = self.over or self.entry(here) is None or (self.away and self.needs_rounds)
        return None if stopped else await super().next(here)

    async def ask_check(self, here: Here) -> None:
        entry = self.entry(here)
        if entry is None or self.changing:
            await super().ask_check(here)
            return
        self.place = self.address
        await self.say_check(entry, here)

    async def say_check(self, entry: Entry, here: Here) -> None:
        await super().ask_check(here)

    def changeable(self, entry: Entry, here: Here) -> list[tuple[str, str]]:
        return [("household", self.address), *super().changeable(entry, here)]

    def change(self, value: str) -> bool:
        if value == "household":
            self.address = ""
        return super().change(value)

    def told(self, here: Here) -> dict[str, str]:
        """What `sent_response` says beside the reference."""
        return {}

    async def finish(self, here: Here) -> Events:
        entry, events = self.entry(here), self.remembered()
        if entry is None:
            here.say("utter_services_unknown")
            self.end = FAILED
        elif self.away and self.needs_rounds:
            here.say("utter_bins_unavailable", phone=profile.council()["phone"])
            self.end = FAILED
        elif not self.over:
            contact_id = int(self.contact) if self.contact and self.contact.isdigit() else None
            updates = self.contact not in {None, NO_CONTACT}
            report = self.report(entry)
            events += await send(
                here, self, entry.service, report, contact_id=contact_id, updates=updates, hears=self.hears, sent=self.sent_response,
                **self.told(here),
            )  # fmt: skip
        return events

    def report(self, entry: Entry) -> dict[str, Any]:
        """What the back office gets: only answers that its definition asks for."""
        answers = {code: value for code, value in {**self.details, **self.known()}.items() if value != SKIPPED}
        asked = {one.code for one in entry.attributes}
        return {**self.sent(), "address": self.address, "attributes": {code: answers[code] for code in answers if code in asked}}
