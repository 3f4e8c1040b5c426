"""Finds the citizen's address in the council's address list: one is taken, several become choices, the last one is remembered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from backoffice.errors import BackOfficeError, NotFound
from bot.actions.answers import keys_of
from bot.actions.report import CORRECTION
from bot.actions.task import SURE, Here, Task
from bot.actions.turn import Events, pick, set_slots
from hearback import profile

OFFERED = 5
ANOTHER = ("home", "another")
NUMBER = re.compile(r"\b(?:flat|apartment|apt)?\s*\d{1,3}[a-z]?\b", re.IGNORECASE)
OTHER_ADDRESS = re.compile(rf"\b(?:{profile.words_of('elsewhere')})\b", re.IGNORECASE)
Homes = list[tuple[str, str]]


@dataclass
class AtHousehold(Task):
    """`household` is a UPRN, `address` its words; `households` are the (UPRN, address) pairs of the latest choice.

    `area` is what was looked up when it holds more homes than can be offered; `away` when the rounds system did not answer.
    """

    steps: ClassVar[tuple[str, ...]] = ("household",)
    recalled: ClassVar[str | None] = "utter_household_recalled"
    household: str | None = None
    address: str = ""
    households: Homes | None = None
    area: str = ""
    unknown: bool = False
    away: bool = False

    async def begin_at_household(self, here: Here) -> None:
        """Take the address of the sentence, or the one spoken of before in this conversation."""
        before = here.turn.slots.get("household")
        try:
            if here.turn.picked == ANOTHER or await self.find_household(here) or not before:
                return
            if self.recalled:
                here.say(self.recalled, address=before["address"])
            await self.live_at(before["uprn"], before["address"], here)
        except BackOfficeError:
            self._cannot_look_up(here)

    async def live_at(self, uprn: str, address: str, here: Here) -> None:
        """The household is known now."""
        self.household, self.address, self.households, self.area, self.unknown = uprn, address, None, "", False

    async def find_household(self, here: Here, *, answering: bool = False) -> bool:
        """Look the citizen's words up; whether they named an address at all. A system that is away raises BackOfficeError."""
        queries = self._queries(here, answering=answering)
        for query in queries:
            try:
                homes = [(one.uprn, one.address) for one in await here.services.bins.households(query)]
            except NotFound:
                homes = []
            if len(homes) == 1:
                await self.live_at(*homes[0], here)
            elif homes:
                few = len(homes) <= OFFERED
                self.households, self.area, self.unknown = (homes if few else None), ("" if few else query), False
            if homes:
                return True
        self.unknown = bool(queries)
        return bool(queries)

    def _queries(self, here: Here, *, answering: bool) -> list[str]:
        """What to look up, the most exact first."""
        words, entities = " ".join(here.turn.words.split()), here.turn.entities
        street, postcode = entities.get("street") or "", entities.get("postcode") or ""
        rest = re.sub(re.escape(postcode[-3:]), " ", words.upper().replace(postcode, " ")) if postcode else words
        number = NUMBER.search(rest) if answering else None
        queries = []
        if number and self.area and not street and not postcode:
            queries += [f"{words} {self.area}", f"{number[0].strip()} {self.area}"]
        if number and (postcode or re.search(r"[a-zA-Z]{3}", words)):
            queries.append(words)
        queries += [f"{street} {postcode}".strip()] if street else []
        queries += [f"{number[0].strip()} {postcode}"] if number and postcode else []
        return list(dict.fromkeys([*queries, *([postcode] if postcode else [])]))

    def _cannot_look_up(self, here: Here) -> None:
        self.away = True
        self.address = self.address or here.turn.entities.get("place") or here.turn.entities.get("postcode") or ""

    async def ask_household(self, here: Here) -> None:
        if self.households:
            here.say("utter_ask_which_household", [(address, pick("household", uprn)) for uprn, address in self.households])
        elif self.unknown:
            here.say("utter_address_unknown", phone=profile.council()["phone"])
        elif self.area:
            here.say("utter_ask_house_number", area=self.area)
        else:
            here.say("utter_ask_household")

    async def take_household(self, here: Here) -> bool:
        if self.another(here):
            return False
        words, entities = here.turn.words, here.turn.entities
        named = "postcode" in entities or re.search(r"\d", entities.get("street", "")) is not None
        if here.turn.turns_aside(sure=SURE) and not named:
            return False
        if self.households and len(keys := keys_of(self.households, words)) == 1:
            return await self.pick("household", keys[0], here)
        try:
            return await self.find_household(here, answering=True)
        except BackOfficeError:
            self._cannot_look_up(here)
            self.address = self.address or (words.strip() if re.search(r"[a-zA-Z]{3}", words) else "")
            return bool(self.address)

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot != "household":
            return await super().pick(slot, value, here)
        address = dict(self.households or ()).get(value)
        if address is None:
            return False
        try:
            await self.live_at(value, address, here)
        except BackOfficeError:
            self.away = True
        return True

    async def correct(self, here: Here) -> bool:
        """ "No, 14 Mill Lane" and "another address", while another question stands."""
        if self.household is None:
            return await super().correct(here)
        if OTHER_ADDRESS.search(here.turn.words) and not {"street", "postcode"} & here.turn.entities.keys():
            self.household, self.address = None, ""
            return True
        if CORRECTION.match(here.turn.words) and {"street", "postcode"} & here.turn.entities.keys():
            self.household, self.address = None, ""
            try:
                return await self.find_household(here)
            except BackOfficeError:
                self._cannot_look_up(here)
                return True
        return await super().correct(here)

    def remembered(self) -> Events:
        """Keeps the address for the citizen's next request in this conversation."""
        return set_slots(household={"uprn": self.household, "address": self.address}) if self.household else []
