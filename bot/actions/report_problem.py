"""report_problem: a problem in a street or public place; which service it is comes from the catalogue, by meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from backoffice.catalogue import Entry
from bot.actions import answers
from bot.actions.already_reported import AlreadyReported
from bot.actions.in_words import telling
from bot.actions.task import ELSEWHERE, SURE, Here
from bot.actions.turn import Events, pick
from bot.own_tasks import OWN_TASK

SURE_SERVICE, MARGIN, POSSIBLE = 0.6, 0.2, 0.12


@dataclass
class ReportProblem(AlreadyReported):
    """`offered` are the service codes of the latest choice."""

    name: ClassVar[str] = "report_problem"
    steps: ClassVar[tuple[str, ...]] = ("service", *AlreadyReported.steps)
    offered: list[str] = field(default_factory=list)

    async def begin(self, here: Here) -> None:
        """The sentence that begins the report may say everything at once."""
        self.description = here.turn.words
        if here.turn.picked and here.turn.picked[0] == "service":
            self._choose(here.turn.picked[1], here)
        elif self.service is None:
            if self._says_what(here):
                self._match(here)
            else:
                self.description = ""
        await self.find_place(here, here.turn.entities.get("place") or here.turn.entities.get("postcode"))
        self.fill(here)

    def missing(self, step: str, here: Here) -> bool:
        if step == "service":
            return self.entry(here) is None
        return super().missing(step, here)

    async def ask_service(self, here: Here) -> None:
        catalogue = here.services.catalogue
        named = [(found.service.name, pick("service", code)) for code in self.offered if (found := catalogue.get(code))]
        if named:
            here.say("utter_ask_which_service", named)
        elif not catalogue.entries:
            here.say("utter_services_unknown")
        else:
            here.say("utter_ask_service")

    async def take_service(self, here: Here) -> bool:
        if here.turn.turns_aside(sure=SURE):
            return False
        catalogue = here.services.catalogue
        offered = [(code, found.service.name) for code in self.offered if (found := catalogue.get(code))]
        if len(keys := answers.keys_of(offered, here.turn.words)) == 1:
            self._choose(keys[0], here)
            return True
        before = self.offered
        if self._says_what(here):
            self._match(here)
            self.description = max(self.description, here.turn.words, key=len)
        placed = self.place is None and await self.find_place(here, here.turn.entities.get("place"))
        return placed or self.service is not None or (bool(self.offered) and self.offered != before)

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot == "service":
            self._choose(value, here)
            return True
        return await super().pick(slot, value, here)

    def changeable(self, entry: Entry, here: Here) -> list[tuple[str, str]]:
        return [("service", entry.service.name), ("place", self.place or ""), *super().changeable(entry, here)]

    def change(self, value: str) -> bool:
        if value == "service":
            self.offered, self.details = [], {}
            self.forget_twins()
        return super().change(value)

    def instead(self) -> str | None:
        """A service that has a task of its own is asked for by it."""
        return OWN_TASK.get(self.service or "")

    async def next(self, here: Here) -> str | None:
        return None if self._other_tiers(here) else await super().next(here)

    async def finish(self, here: Here) -> Events:
        other = here.services.councils.area.other
        if other and (link := self._other_tiers(here)):
            here.say("utter_other_tier", council=other.name, link=link)
            self.end = ELSEWHERE
            return []
        return await super().finish(here)

    def _other_tiers(self, here: Here) -> str | None:
        """The page of the county or district for a service that is its work and not ours."""
        return here.services.councils.area.elsewhere.get(self.service or "")

    def _says_what(self, here: Here) -> bool:
        """Whether the words name the problem: "I want to report a problem on Mill Lane" does not."""
        words = here.turn.words.lower()
        for place in ("place", "street", "postcode"):
            if said := here.turn.entities.get(place):
                words = words.replace(said.lower(), " ")
        return telling(words, "reporting") > 0

    def _match(self, here: Here) -> None:
        ranked = [(code, score) for code, score in here.turn.services if score >= POSSIBLE]
        if ranked and ranked[0][1] >= SURE_SERVICE and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= MARGIN):
            self.service = ranked[0][0]
        self.offered = [code for code, _ in ranked]

    def _choose(self, code: str, here: Here) -> None:
        if here.services.catalogue.get(code) is None:
            self.service, self.offered = None, []
        elif code != self.service:
            self.service, self.details, self.offered = code, {}, []
            self.forget_twins()
            self.fill(here)
