"""ask_bin_day: which bins are collected when, for an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from backoffice.bin_records import Collection
from backoffice.errors import BackOfficeError
from bot.actions.containers import Kinds
from bot.actions.household import AtHousehold
from bot.actions.task import Here
from bot.actions.turn import Events
from hearback import dates, profile

DAYS = 3


@dataclass
class AskBinDay(Kinds, AtHousehold):
    """`wanted` are the containers that the citizen asks about; all when they name none."""

    name: ClassVar[str] = "ask_bin_day"
    recalled: ClassVar[str | None] = None  # the answer names the address
    wanted: list[str] = field(default_factory=list)

    async def begin(self, here: Here) -> None:
        try:
            await self.learn_kinds(here)
        except BackOfficeError:
            self.away = True
            return
        self.wanted = self.containers_said(here.turn.words)
        await self.begin_at_household(here)

    async def next(self, here: Here) -> str | None:
        return None if self.away else await super().next(here)

    async def finish(self, here: Here) -> Events:
        """The next collections, holidays counted in by the rounds system."""
        coming: list[Collection] = []
        if self.household and not self.away:
            try:
                coming = await here.services.bins.collections(self.household)
            except BackOfficeError:
                self.away = True
        if self.away:
            here.say("utter_bins_unavailable", phone=profile.council()["phone"])
        else:
            self._tell(coming, here)
        return self.remembered()

    def _tell(self, coming: list[Collection], here: Here) -> None:
        today = dates.local(here.services.clock.now()).date()
        due = [one for one in coming if one.on >= today and one.state == "due"]
        wanted = [one for one in due if one.container in self.wanted] or due
        for key in self.wanted:
            if key not in {one.container for one in due}:
                here.say("utter_no_collection", container=self.called(key), address=self.address)
        days: dict[str, list[str]] = {}
        for one in wanted:
            days.setdefault(here.day(one.on), []).append(self.container(one.container).name)
        shown = list(days)[:DAYS]
        moved = [day for day in shown if any(one.moved and here.day(one.on) == day for one in wanted)]
        listed = "\n".join(f"{day}: {', '.join(days[day])}" for day in shown)
        if moved:
            here.say("utter_bin_day_holiday", address=self.address, listed=listed, moved=", ".join(moved))
        else:
            here.say("utter_bin_day", address=self.address, listed=listed)
