"""report_problem: a problem in a street or public place; which service it is comes from the catalogue, by meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from backoffice.catalogue import Entry
from bot.actions import answers
from bot.actions.report import CORRECTION, Report
from bot.actions.task import SKIP, SURE, YES, Here
from bot.actions.turn import pick

SURE_SERVICE, MARGIN, POSSIBLE = 0.5, 0.2, 0.12


@dataclass
class ReportProblem(Report):
    """`offered` are the service codes of the latest choice."""

    name: ClassVar[str] = "report_problem"
    steps: ClassVar[tuple[str, ...]] = ("service", "place", *Report.steps)
    offered: list[str] = field(default_factory=list)

    async def begin(self, here: Here) -> None:
        """The sentence that begins the report may say everything at once."""
        self.description = here.turn.words
        if here.turn.picked and here.turn.picked[0] == "service":
            self._choose(here.turn.picked[1], here)
        elif self.service is None:
            self._match(here)
        self.place = here.turn.entities.get("place") or here.turn.entities.get("postcode")
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
        self._match(here)
        if len(here.turn.words) > len(self.description):
            self.description = here.turn.words
        self.place = self.place or here.turn.entities.get("place")
        return self.service is not None or (bool(self.offered) and self.offered != before)

    async def ask_place(self, here: Here) -> None:
        here.say("utter_ask_place")

    async def take_place(self, here: Here) -> bool:
        entities, words = here.turn.entities, here.turn.words.strip()
        place = entities.get("place") or entities.get("postcode")
        if place is None and here.turn.turns_aside(sure=SURE):
            return False
        if place is None and (len(words) < 3 or SKIP.match(words) or YES.match(words) or not re.search(r"[a-zA-Z]{3}", words)):
            return False
        self.place = words[:200] if place is None or len(words) < 80 else place
        return True

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot == "service":
            self._choose(value, here)
            return True
        return await super().pick(slot, value, here)

    async def correct(self, here: Here) -> bool:
        """ "No, Mill Road": a new place while another question stands."""
        place, turn = here.turn.entities.get("place"), here.turn
        step = await self.next(here)
        if place and self.place and step != "place" and (CORRECTION.match(turn.words) or turn.means("inform", "deny", sure=0.6)):
            if step == "details" and not CORRECTION.match(turn.words):
                return False
            self.place = corrected_place(self.place, place, turn.entities.get("street"))
            here.say("utter_place_changed", place=self.place)
            return True
        return await super().correct(here)

    def changeable(self, entry: Entry) -> list[tuple[str, str]]:
        return [("service", entry.service.name), ("place", self.place or ""), *super().changeable(entry)]

    def change(self, value: str) -> bool:
        if value == "service":
            self.offered, self.details = [], {}
        return super().change(value)

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
            self.fill(here)


def corrected_place(before: str, now: str, street: str | None) -> str:
    """The new place; where only a street's name is new, the house and the words around it stay and the old postcode goes."""
    if street is None or now.strip() != street.strip() or re.match(r"\d", street):
        return now
    kept = re.match(r"^(.*?\d{1,4}[a-zA-Z]?)\s", before)
    return f"{kept[1]} {street}" if kept and not re.match(r"^\W*$", kept[1]) else street
