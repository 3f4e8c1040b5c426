"""ask_bin_day: which bins are collected when, for an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from backoffice.bins import Collection
from backoffice.errors import BackOfficeError
from bot.actions.household import AtHousehold
from bot.actions.task import Here
from bot.actions.turn import Events
from hearback import profile

DAYS = 3


@dataclass
class AskBinDay(AtHousehold):
    """`away` when the rounds system did not answer: then there is nothing to ask."""

    name: ClassVar[str] = "ask_bin_day"
    away: bool = False

    async def begin(self, here: Here) -> None:
        try:
            await self.find_household(here)
        except BackOfficeError:
            self.away = True

    async def next(self, here: Here) -> str | None:
        return None if self.away else await super().next(here)

    async def take_household(self, here: Here) -> bool:
        try:
            return await super().take_household(here)
        except BackOfficeError:
            self.away = True
            return True

    async def finish(self, here: Here) -> Events:
        """The next collections, holidays counted in by the rounds system."""
        coming: list[Collection] = []
        if self.household and not self.away:
            try:
                coming = await here.services.bins.collections(self.household)
            except BackOfficeError:
                self.away = True
        today = here.services.clock.now().date()
        days = self._by_day([one for one in coming if one.on >= today and one.state == "due"], here)
        if days:
            here.say("utter_bin_day", listed="\n".join(days[:DAYS]))
        else:
            here.say("utter_bins_unavailable", phone=profile.council()["phone"])
        return []

    def _by_day(self, coming: list[Collection], here: Here) -> list[str]:
        days: dict[str, list[str]] = {}
        for one in sorted(coming, key=lambda one: one.on):
            days.setdefault(here.day(one.on), []).append(one.container)
        return [f"{day}: {', '.join(containers)}" for day, containers in days.items()]
