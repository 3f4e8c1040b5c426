"""book_bulky_waste: large items taken away from home, on a day that still has places."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from backoffice.bin_records import BulkyRules
from backoffice.catalogue import Entry
from backoffice.errors import BackOfficeError
from bot.actions.answers import NotAnAnswer, number_of
from bot.actions.bulky_items import Items, items_of, known_parts, parts_of, refused_in
from bot.actions.bulky_slots import fitting_slots, titled
from bot.actions.containers import pounds
from bot.actions.home_request import HomeRequest
from bot.actions.task import SURE, Here
from bot.actions.turn import Events, pick
from hearback import profile

SHOWN = 4
ITEMS, COUNT = "items", "count"  # the definition's codes
MORE = re.compile(rf"\b(?:{profile.words_of('more')})\b", re.IGNORECASE)


@dataclass
class BookBulkyWaste(HomeRequest):
    """`slot` and `slots` are written "2026-11-24 morning"; `page` counts the choices that were seen and not taken.

    `priced` is the number of items whose price the citizen has been told.
    """

    name: ClassVar[str] = "book_bulky_waste"
    steps: ClassVar[tuple[str, ...]] = ("household", "items", "count", "slot", "details", "contact", "check")
    sent_response: ClassVar[str] = "utter_bulky_sent"
    service: str | None = "BULKY"
    items: str | None = None
    count: int | None = None
    slot: str | None = None
    slots: list[str] = field(default_factory=list)
    page: int = 0
    priced: int | None = None
    rules: dict[str, Any] = field(default_factory=dict)

    async def begin(self, here: Here) -> None:
        try:
            self.rules = asdict(await here.services.bins.bulky_rules())
            await self._learn_slots(here)
        except BackOfficeError:
            self.away = True
            return
        parts = known_parts(here.turn.words, profile.bulky_waste()["items"])
        refused = self._refuse(here.turn.words, here)
        self.over = self.over or (bool(refused) and not parts)
        if not self.over:
            self._take_up(items_of(parts, profile.bulky_waste()["items"]), here)
            await self.begin_at_household(here)

    @property
    def bulky_rules(self) -> BulkyRules:
        return BulkyRules(**self.rules)

    @property
    def most(self) -> int:
        return max(dict(self.bulky_rules.prices), default=0)

    def known(self) -> dict[str, Any]:
        said = {ITEMS: self.items, COUNT: self.count and str(self.count)}
        return {code: value for code, value in said.items() if value}

    async def _learn_slots(self, here: Here) -> None:
        self.slots = [f"{one.on.isoformat()} {one.period}" for one in await here.services.bins.bulky_slots()]
        if not self.slots:
            self.over = True
            here.say("utter_bulky_no_slots", phone=profile.council()["phone"])

    # What is to be taken away.

    async def ask_items(self, here: Here) -> None:
        here.say("utter_ask_bulky_items", address=self.address, most=self.most)

    async def take_items(self, here: Here) -> bool:
        words = here.turn.words
        if here.turn.turns_aside(sure=SURE):
            return False
        parts = parts_of(words)
        refused = self._refuse(words, here)
        parts = [part for part in parts if not refused_in(part, self.bulky_rules.not_taken, profile.bulky_waste()["not_taken"])]
        named = known_parts(words, profile.bulky_waste()["items"])
        found = items_of(named if len(named) == len(parts) else parts, profile.bulky_waste()["items"])
        if found is None or not re.search(r"[a-zA-Z]{3}", found.text):
            return bool(refused)
        self._take_up(found, here)
        return True

    def _refuse(self, words: str, here: Here) -> list[str]:
        """Say of each thing that is never taken what to do with it instead."""
        told = profile.bulky_waste()["not_taken"]
        refused = refused_in(words, self.bulky_rules.not_taken, told)
        for name in refused:
            if name in told:
                here.say("utter_bulky_not_taken", item=name.lower(), instead=told[name]["instead"])
            else:
                here.say("utter_bulky_not_taken_call", item=name.lower(), phone=profile.council()["phone"])
        return refused

    def _take_up(self, found: Items | None, here: Here) -> None:
        if found is None:
            return
        self.items, self.count = found.text, None
        if found.count is not None:
            self._number(found.count, here)

    def _number(self, count: int, here: Here) -> None:
        if count > self.most:
            self.items = self.count = None
            here.say("utter_bulky_too_many", count=count, most=self.most)
        elif count > 0:
            self.count = count

    async def ask_count(self, here: Here) -> None:
        here.say("utter_ask_bulky_count", items=self.items)

    async def take_count(self, here: Here) -> bool:
        if here.turn.turns_aside(sure=SURE):
            return False
        try:
            self._number(int(float(number_of(here.turn.words))), here)
        except NotAnAnswer:
            return False
        return True

    # On which day.

    async def ask(self, step: str, here: Here) -> Events:
        if step == "slot" and self.priced != self.count:
            self.priced, rules = self.count, self.bulky_rules
            said = {"items": self.items, "price": pounds(self.price, here.turn.language)}
            if rules.percent:
                reduced = pounds(self.price * (100 - rules.percent) / 100, here.turn.language)
                who = rules.concession[:1].lower() + rules.concession[1:]
                here.say("utter_bulky_price_reduced", reduced=reduced, who=who, **said)
            else:
                here.say("utter_bulky_price", **said)
        return await super().ask(step, here)

    async def ask_slot(self, here: Here) -> None:
        first = self.page * SHOWN
        offered = [(titled(slot, here.turn.language), pick("slot", slot)) for slot in self.slots[first : first + SHOWN]]
        here.say("utter_ask_bulky_slot_of_many" if len(self.slots) > SHOWN else "utter_ask_bulky_slot", offered)

    async def take_slot(self, here: Here) -> bool:
        """A day, a period or both; what fits several becomes the choice."""
        fitting = fitting_slots(self.slots, here.turn.words, here.turn.language)
        if len(fitting) == 1:
            self.slot = fitting[0]
        elif fitting:
            self.slots, self.page = [*fitting, *(slot for slot in self.slots if slot not in fitting)], 0
        elif MORE.search(here.turn.words):
            self._turn_page()
        return bool(fitting) or MORE.search(here.turn.words) is not None

    def _turn_page(self) -> None:
        self.page = self.page + 1 if (self.page + 1) * SHOWN < len(self.slots) else 0

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot == "slot" and value == "more":
            self._turn_page()
            return True
        return await super().pick(slot, value, here)

    @property
    def price(self) -> float:
        return dict(self.bulky_rules.prices).get(self.count or 0, 0.0)

    # The check, and what is sent.

    async def say_check(self, entry: Entry, here: Here) -> None:
        left = "".join(f"\n{question} {answer}" for question, answer in self.shown_details(entry, here))
        said = {"items": self.items, "address": self.address, "left": left, "price": pounds(self.price, here.turn.language)}
        here.say("utter_ask_check_bulky", day=titled(self.slot or "", here.turn.language), **said)

    async def take_check(self, here: Here) -> bool:
        taken = await super().take_check(here)
        if self.check == "send" and self.slot:
            try:
                await self._learn_slots(here)
            except BackOfficeError:
                return taken
            if self.slots and self.slot not in self.slots:
                self.slot, self.check, self.page = None, None, 0
                here.say("utter_bulky_slot_gone")
        return taken

    def changeable(self, entry: Entry, here: Here) -> list[tuple[str, str]]:
        household, *rest = super().changeable(entry, here)
        return [household, ("items", self.items or ""), ("slot", titled(self.slot or "", here.turn.language)), *rest]

    def change(self, value: str) -> bool:
        if value == "items":
            self.count = None
        return super().change(value)

    def back(self, here: Here) -> None:
        super().back(here)
        if self.count is None:
            self.items = None

    def told(self, here: Here) -> dict[str, str]:
        return {"items": self.items or "", "address": self.address, "day": titled(self.slot or "", here.turn.language)}

    def report(self, entry: Entry) -> dict[str, Any]:
        return {**super().report(entry), "description": f"{self.items}. {titled(self.slot or '')}. {pounds(self.price)}"}
