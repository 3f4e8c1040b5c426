"""order_bin: a new, extra or replacement bin, its price said before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from backoffice.catalogue import Entry
from backoffice.errors import BackOfficeError
from bot.actions.containers import Kinds, pounds
from bot.actions.home_request import HomeRequest
from bot.actions.phrases import keys_said
from bot.actions.task import Here
from bot.actions.turn import Events, pick
from hearback import profile

BIN, REASON = "bin", "reason"  # the definition's codes


@dataclass
class OrderBin(Kinds, HomeRequest):
    """`priced` is the container whose price the citizen has been told."""

    name: ClassVar[str] = "order_bin"
    sent_response: ClassVar[str] = "utter_new_bin_sent"
    service: str | None = "NEWBIN"
    priced: str = ""

    async def begin(self, here: Here) -> None:
        self.description = here.turn.words
        try:
            await self.learn_kinds(here)
        except BackOfficeError:
            self.away = True
            return
        self._learn(here)
        await self.begin_at_household(here)

    def _learn(self, here: Here) -> bool:
        """Which bin and why, where the citizen's words name one of each; whether anything new was learnt."""
        entry, words, before = self.entry(here), here.turn.words, len(self.details)
        said = {BIN: self.containers_said(words), REASON: keys_said(words, profile.bins()["reasons"])}
        for code, keys in said.items():
            allowed = [key for key in keys if entry and key in dict(self.values(entry, code))]
            if len(allowed) == 1 and code not in self.details:
                self.details[code] = allowed[0]
        return len(self.details) > before

    async def ask(self, step: str, here: Here) -> Events:
        chosen = self.container(str(self.details.get(BIN, "")))
        if chosen.key and chosen.key != self.priced and step not in {"household", "check"}:
            self.priced = chosen.key
            note = f" {chosen.price_note}" if chosen.price_note else ""
            here.say(
                "utter_bin_price", bin=chosen.name, price=pounds(chosen.price, here.turn.language), note=note, days=chosen.delivery_days
            )
        return await super().ask(step, here)

    async def ask_details(self, here: Here) -> None:
        question = self.question(self.entry(here))
        if question is None or question.code != BIN:
            await super().ask_details(here)
            return
        named = [(self.container(key).name, pick(f"detail-{BIN}", key)) for key, _ in question.values]
        here.say("utter_ask_new_bin", named, address=self.address)

    async def take_details(self, here: Here) -> bool:
        question = self.question(self.entry(here))
        if question is not None and question.code in {BIN, REASON} and self._learn(here):
            return True
        return await super().take_details(here)

    async def say_check(self, entry: Entry, here: Here) -> None:
        chosen = self.container(str(self.details.get(BIN, "")))
        reason = dict(self.values(entry, REASON)).get(str(self.details.get(REASON)), "")
        said = {"bin": chosen.name, "address": self.address, "reason": reason, "days": chosen.delivery_days}
        here.say("utter_ask_check_new_bin", price=pounds(chosen.price, here.turn.language), **said)

    def told(self, here: Here) -> dict[str, str]:
        chosen = self.container(str(self.details.get(BIN, "")))
        return {"bin": self.called(chosen.key), "days": str(chosen.delivery_days), "address": self.address}
