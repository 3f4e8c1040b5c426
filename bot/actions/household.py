"""Finds the citizen's address in the council's address list: one is taken, several become choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from backoffice.errors import NotFound
from bot.actions.answers import keys_of
from bot.actions.task import SURE, Here, Task
from bot.actions.turn import pick

OFFERED = 8


@dataclass
class AtHousehold(Task):
    """`household` is a UPRN, `address` its words; `households` are the (UPRN, address) pairs of the latest choice."""

    steps: ClassVar[tuple[str, ...]] = ("household",)
    household: str | None = None
    address: str = ""
    households: list[tuple[str, str]] | None = None
    unknown: bool = False  # the latest answer named no address of the council's

    async def find_household(self, here: Here) -> bool:
        """Look the citizen's words up; whether they named an address at all. A system that is away raises BackOfficeError."""
        entities = here.turn.entities
        postcode, place = entities.get("postcode"), entities.get("street") or entities.get("place") or ""
        if not postcode and not place:
            return False
        found = await self._look_up(here, place, postcode)
        self.unknown = not found
        if len(found) == 1:
            self.household, self.address = found[0]
        self.households = found[:OFFERED] if len(found) > 1 else None
        return True

    async def _look_up(self, here: Here, place: str, postcode: str | None) -> list[tuple[str, str]]:
        bins = here.services.bins
        try:
            found = await bins.households(words=f"{place} {postcode or ''}".strip()) if place else []
            if not found and postcode:
                found = await bins.households(postcode=postcode)
        except NotFound:
            return []
        return [(one.uprn, one.address) for one in found]

    async def ask_household(self, here: Here) -> None:
        if self.unknown:
            here.say("utter_address_unknown")
        if self.households:
            here.say("utter_ask_which_household", [(address, pick("household", uprn)) for uprn, address in self.households])
        else:
            here.say("utter_ask_household")

    async def take_household(self, here: Here) -> bool:
        if here.turn.turns_aside(sure=SURE):
            return False
        if self.households:
            keys = keys_of(self.households, here.turn.words)
            if len(keys) == 1:
                return await self.pick("household", keys[0], here)
        if await self.find_household(here):
            return True
        found = await self._look_up(here, here.turn.words, None) if any(letter.isdigit() for letter in here.turn.words) else []
        if len(found) == 1:
            self.household, self.address = found[0]
            return True
        return False

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot == "household":
            self.household = value
            self.address = dict(self.households or ()).get(value) or self.address
            self.households, self.unknown = None, False
            return True
        return await super().pick(slot, value, here)
