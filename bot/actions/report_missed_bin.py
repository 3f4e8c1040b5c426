"""report_missed_bin: the citizen's own bin was not emptied. The rounds system says first whether it can be reported."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from backoffice.bin_records import Missed
from backoffice.catalogue import Entry
from backoffice.errors import BackOfficeError
from bot.actions.answers import keys_of
from bot.actions.containers import Kinds
from bot.actions.home_request import HomeRequest
from bot.actions.phrases import says
from bot.actions.task import SURE, Here
from bot.actions.turn import Events, pick
from hearback import dates, profile

LOOK_BACK = timedelta(days=28)
logger = logging.getLogger("bot.actions")


@dataclass
class ReportMissedBin(Kinds, HomeRequest):
    """`containers` were missed on `day`; `offered` were due on the latest collection day, `said` stood in the first sentence.

    While the rounds system is away the back office's own questions are asked instead, so that no report is lost.
    """

    name: ClassVar[str] = "report_missed_bin"
    steps: ClassVar[tuple[str, ...]] = ("household", "containers", "details", "contact", "check")
    needs_rounds: ClassVar[bool] = False
    sent_response: ClassVar[str] = "utter_missed_bin_sent"
    service: str | None = "MISSEDBIN"
    containers: list[str] | None = None
    day: str = ""
    offered: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    async def begin(self, here: Here) -> None:
        self.description = here.turn.words
        try:
            await self.learn_kinds(here)
        except BackOfficeError:
            self.away = True
        self.said = self.containers_said(here.turn.words)
        await self.begin_at_household(here)

    def missing(self, step: str, here: Here) -> bool:
        return not self.away if step == "containers" and self.containers is None else super().missing(step, here)

    def known(self) -> dict[str, Any]:
        bins = self.containers or (self.said if self.away else [])
        moment = datetime.combine(date.fromisoformat(self.day), time(), dates.LONDON).isoformat() if self.day else None
        return {**({"bins": bins} if bins else {}), **({"day": moment} if moment else {})}

    async def live_at(self, uprn: str, address: str, here: Here) -> None:
        """Whoever lives there may have missed what was due on the latest collection day."""
        await super().live_at(uprn, address, here)
        self.containers, self.day = None, ""
        today = dates.local(here.services.clock.now()).date()
        past = [one for one in await here.services.bins.collections(uprn, since=today - LOOK_BACK) if one.on <= today]
        self.offered = [one.container for one in past if one.on == past[-1].on]
        if self.said or len(self.offered) == 1:
            await self.choose(self.said or self.offered, here)

    async def ask_containers(self, here: Here) -> None:
        named = [(self.container(key).name, pick("containers", key)) for key in self.offered]
        here.say("utter_ask_missed_containers", named, address=self.address)

    async def take_containers(self, here: Here) -> bool:
        if here.turn.turns_aside(sure=SURE):
            return False
        offered = [(key, f"{self.container(key).name} {self.container(key).purpose}") for key in self.offered]
        named = self.containers_said(here.turn.words) or keys_of(offered, here.turn.words)
        if not named and says(here.turn.words, profile.bins()["all"]):
            named = self.offered
        return bool(named) and await self._chosen(named, here)

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot != "containers":
            return await super().pick(slot, value, here)
        return await self._chosen(self.offered if value == "all" else [value], here)

    async def _chosen(self, keys: list[str], here: Here) -> bool:
        try:
            await self.choose(keys, here)
        except BackOfficeError:
            self.away, self.said = True, keys
        return True

    async def choose(self, keys: list[str], here: Here) -> None:
        """Keep what can be reported and say why the rest cannot."""
        assert self.household is not None
        found = {key: await here.services.bins.missed(self.household, key) for key in keys}
        for key, missed in found.items():
            if missed.reason:
                await self._refuse(key, missed, here)
        days = {key: missed.day for key, missed in found.items() if missed.day and not missed.reason}
        self.containers, self.check = list(days) or None, None
        self.day = max(days.values()).isoformat() if days else ""
        self.over = not days

    async def _refuse(self, key: str, missed: Missed, here: Here) -> None:
        """Why this collection cannot be reported, and what to do next."""
        said = {"container": self.called(key), "address": self.address, "phone": profile.council()["phone"]}
        coming = await here.services.bins.collections(self.household or "")
        today = dates.local(here.services.clock.now()).date()
        following = next((here.day(one.on) for one in coming if one.container == key and one.on > today), "")
        day = here.day(missed.day) if missed.day else ""
        if missed.reason == "not_yet_due" and missed.report_from:
            here.say("utter_missed_not_yet_due", time=dates.hour(missed.report_from, here.turn.language), **said)
        elif missed.reason == "already_reported":
            here.say("utter_missed_already_reported", day=day, reference=missed.reference or "", **said)
        elif missed.reason == "not_presented" and following:
            here.say("utter_missed_not_presented", day=day, following=following, **said)
        elif missed.reason == "too_late" and following:
            here.say("utter_missed_too_late", day=day, days=missed.working_days or 0, following=following, **said)
        else:
            here.say("utter_no_collection", **said)

    def changeable(self, entry: Entry, here: Here) -> list[tuple[str, str]]:
        household, *rest = super().changeable(entry, here)
        bins = ", ".join(self.container(key).name for key in self.containers or ())
        return [household, *([("containers", bins)] if bins else []), *rest]

    def change(self, value: str) -> bool:
        self.said = []
        return super().change(value)

    async def say_check(self, entry: Entry, here: Here) -> None:
        if not self.day:
            self.details = {**self.known(), **self.details}
            await super().say_check(entry, here)
            return
        bins = ", ".join(self.container(key).name for key in self.containers or ())
        here.say("utter_ask_check_missed_bin", bins=bins, address=self.address, day=here.day(date.fromisoformat(self.day)))

    async def finish(self, here: Here) -> Events:
        events = await super().finish(here)
        if self.over or not self.household or not self.day:
            return events
        reference = next((str(one["value"]) for one in events if one.get("name") == "reference" and one["value"]), None)
        for container in self.containers or ():
            try:
                await here.services.bins.report_missed(self.household, container, day=date.fromisoformat(self.day), reported_as=reference)
            except BackOfficeError as error:
                logger.warning("the rounds system was not told of a missed bin: %s", type(error).__name__)
        return events
