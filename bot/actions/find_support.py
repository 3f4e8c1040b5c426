"""find_support: partners who help with a need, from the council's Open Referral directory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from backoffice import support
from backoffice.errors import BackOfficeError
from backoffice.support import Place, Support
from bot.actions.support_lines import on_the_web, short_lines
from bot.actions.task import COMPLETED, FAILED, SURE, Here, Task
from bot.actions.turn import REQUESTS, Events, set_slots
from bot.actions.wishes import age_in, days_in, district_in, named_in
from hearback import profile
from hearback.profile import UNSAID, Helpline

SHOWN = 3
NEAR = 3000  # metres
POSSIBLE, LIKE_THE_BEST = 0.3, 0.72  # scores below these, the latter a share of the best score, are another need's
TOLD, TOLD_AND_SERVED = 0.5, 0.4  # likeness from which a need is taken as said, alone or with the best service for it
UNSAID_SURE = 0.6
OPENING = re.compile(r"^(?:near|nr|by|around|in|at|outside|opposite|next to|close to|behind|beside)\b\s*", re.IGNORECASE)


@dataclass
class FindSupport(Task):
    """`likely` are (service id, score) pairs for the need; `listed` the ids in the order in which they are shown, the first
    `exact` of which fit the wishes. `asking` while a place would help to choose; `fresh` while there is something to show."""

    name: ClassVar[str] = "find_support"
    steps: ClassVar[tuple[str, ...]] = ("need", "where")
    likely: list[tuple[str, float]] = field(default_factory=list)
    helpline: str | None = None
    where: str | None = None
    age: int | None = None
    days: list[str] = field(default_factory=list)
    near: dict[str, list[str]] | None = None
    listed: list[str] = field(default_factory=list)
    exact: int = 0
    shown: int = 0
    searched: bool = False
    asking: bool = False
    fresh: bool = True

    # What the citizen says

    async def begin(self, here: Here) -> None:
        if here.turn.picked:
            await self.pick(*here.turn.picked, here)
            return
        await self._take_wishes(here)
        if here.turn.words and self._take_need(here):
            self._search(here)
            self.asking = self._place_would_help(here) and not (here.turn.slots.get("tasks") or here.turn.slots.get("later"))

    async def next(self, here: Here) -> str | None:
        """A question in between ends the question for a place: what was found has been shown."""
        if not self.searched:
            return "need"
        return "where" if self.asking and not here.turn.returning else None

    async def ask_need(self, here: Here) -> None:
        here.say("utter_ask_need")

    async def take_need(self, here: Here) -> bool:
        if here.turn.intent != self.name and (here.turn.turns_aside(sure=SURE) or here.turn.means(*REQUESTS, sure=SURE)):
            return False
        await self._take_wishes(here)
        if self._take_need(here) or self.misses:
            self._search(here)
        return self.searched

    async def ask_where(self, here: Here) -> Events:
        if not self.fresh:
            here.say("utter_ask_support_where")
            return []
        return await self._show(here)

    async def take_where(self, here: Here) -> bool:
        """A place, another wish, another need, or no."""
        turn, self.asking = here.turn, False
        another = turn.intent == self.name and (turn.means(self.name, sure=SURE) or turn.need[1] >= TOLD)
        if here.says_no and not another:
            here.say("utter_no_to_nothing")
            return True
        if not turn.words or (turn.intent != self.name and turn.turns_aside(sure=SURE)) or turn.means(*REQUESTS, sure=SURE):
            return False
        before = (self.where, self.age, self.days)
        if another and self._take_need(here):
            self.where = self.near = None
        await self._take_wishes(here)
        if turn.intent != self.name and (self.where, self.age, self.days) == before:
            self.asking = not self.misses
            return False
        self._search(here)
        return True

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        self.asking = False
        if slot != "support":
            return False
        if value == "more":
            if not self.listed:
                self.listed, self.exact, self.shown = here.turn.slots.get("support") or ([], 0, 0)
        else:
            self.listed, self.exact, self.shown = [value], 1, 0
        self.searched = self.fresh = True
        return True

    def back(self, here: Here) -> None:
        self.searched = self.asking = False
        self.misses = 0

    def _take_need(self, here: Here) -> bool:
        """Take the need that the sentence tells of; whether there is one that somebody may serve."""
        (need, near), ranked = here.turn.need, here.turn.support
        if (need == UNSAID and near >= UNSAID_SURE) or not ranked:
            return not ranked and bool(here.turn.words)
        known, served = profile.needs().get(need), support.read(here.services.settings.home).get(ranked[0][0])
        by_both = known and served and near >= TOLD_AND_SERVED and set(known.terms) & set(served.terms)
        self.helpline = known.helpline if known and (near >= TOLD or by_both) else None
        self.likely = [(id, score) for id, score in ranked if score >= POSSIBLE]
        return bool(self.likely or self.helpline)

    async def _take_wishes(self, here: Here) -> None:
        """Take age, days and place from the words."""
        words, entities = here.turn.words, here.turn.entities
        places = [place for one in support.read(here.services.settings.home).values() for place in one.places]
        age, days = age_in(words), days_in(words, here.services.clock.now().date())
        self.age, self.days = self.age if age is None else age, days or self.days
        if postcode := entities.get("postcode"):
            self.where, self.near = postcode, await here.services.directory.near(postcode, NEAR)
        elif district := district_in(words, places):
            self.where, self.near = (
                district,
                _at(here, {one.id for one in places if (one.postcode or "").upper().startswith(f"{district} ")}),
            )
        elif (said := OPENING.sub("", entities.get("place") or entities.get("street") or (words if self.listed else ""))) and (
            named := named_in(said, places)
        ):
            self.where, self.near = said, await self._around(here, [place for place in places if place.id in named])
        elif street := entities.get("street"):
            await self._take_street(here, street)

    async def _around(self, here: Here, named: list[Place]) -> dict[str, list[str]] | None:
        """What is near a place that the directory knows; where it has no postcode, what is there."""
        if postcode := next((place.postcode for place in named if place.postcode), None):
            return await here.services.directory.near(postcode, NEAR)
        return _at(here, {place.id for place in named})

    async def _take_street(self, here: Here, street: str) -> None:
        """A street is where its first house is."""
        try:
            homes = await here.services.bins.households(words=street)
        except BackOfficeError:
            return
        outward = re.search(r"\b([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b", homes[0].address) if homes else None
        if outward:
            self.where, self.near = street, await here.services.directory.near(outward[1], NEAR)

    # What is found

    def _search(self, here: Here) -> None:
        """Order what may help: first what serves the need and fits every wish, then what fits less."""
        known = support.read(here.services.settings.home)
        likely = [(known[id], score) for id, score in self.likely if id in known]
        enough = LIKE_THE_BEST * max((score for _, score in likely), default=0.0)
        served = [one for one, score in likely if score >= enough and _suits(one, self.age)]
        fitting = [one for one in served if self._fits(one)]
        self.listed = [one.id for one in dict.fromkeys([*fitting, *served, *(one for one, _ in likely)])]
        self.exact, self.shown, self.searched, self.fresh = len(fitting), 0, True, True

    def _fits(self, one: Support) -> bool:
        """What says nothing of days or places, such as a telephone line, is there for every day and place."""
        on_the_day = not self.days or not one.days or bool(set(self.days) & set(one.days))
        return on_the_day and (self.near is None or not one.places or one.id in self.near)

    def _place_would_help(self, here: Here) -> bool:
        """Whether what fits is in several places, and the need is none to be asked about."""
        known = support.read(here.services.settings.home)
        there = {place.postcode for id in self.listed[: self.exact] for place in known[id].places}
        return self.where is None and self.helpline is None and len(there) > 1

    # What is said

    async def finish(self, here: Here) -> Events:
        return await self._show(here) if self.fresh else []

    async def _show(self, here: Here) -> Events:
        """Say the next three, a helpline before the first; what was said is kept in the slots, for the log and for "Show more"."""
        known, phone = support.read(here.services.settings.home), profile.council()["phone"]
        first, exact = self.shown == 0, self.shown < self.exact
        until = min(self.shown + SHOWN, self.exact) if exact else self.shown + SHOWN
        batch = [known[id] for id in self.listed[self.shown : until] if id in known]
        self.fresh, self.shown = False, until
        helpline = profile.helplines().get(self.helpline or "") if first else None
        if not known:
            here.say("utter_support_unavailable", phone=phone)
            self.end = FAILED
        elif helpline:
            self._show_helpline(here, helpline, batch)
        elif not batch:
            here.say("utter_no_support" if first else "utter_no_more_support", phone=phone)
            self.end = FAILED if first else COMPLETED
        else:
            lists = {"listed": on_the_web(batch, self.near), "short": short_lines(batch)}
            if not exact:
                here.say("utter_support_wider" if first else "utter_support_more", **lists)
            elif self.asking:
                here.say("utter_support_where", **lists)
            else:
                here.say("utter_support", **lists)
        if first and batch and not helpline:
            await self._ask_later(here, batch[0])
        told = {"support": [one.id for one in batch], "helpline": self.helpline if helpline else None}
        return set_slots(support=[self.listed, self.exact, self.shown], told=told)

    async def _ask_later(self, here: Here, best: Support) -> None:
        """Whether it helped is asked in two weeks, once for all that was found on a day; never about what a helpline is named for."""
        log, conversation_id = here.services.log, here.turn.conversation
        await log.outcomes.begin(
            key=f"support:{conversation_id}:{here.services.clock.now().date()}", subject="support", task=self.name,
            conversation=await log.conversation(conversation_id), service_name=best.name, partner=best.organization,
        )  # fmt: skip

    def _show_helpline(self, here: Here, helpline: Helpline, batch: list[Support]) -> None:
        said = {"helpline": helpline.name, "number": helpline.phone, "hours": helpline.hours}
        if batch:
            here.say("utter_helpline_and_support", listed=on_the_web(batch, self.near), short=short_lines(batch), **said)
        else:
            here.say("utter_helpline", **said)


def _suits(one: Support, age: int | None) -> bool:
    return age is None or (one.youngest or 0) <= age <= (one.oldest if one.oldest is not None else age)


def _at(here: Here, locations: set[str]) -> dict[str, list[str]]:
    """Those of the locations that each service is given at."""
    found: dict[str, list[str]] = {}
    for one in support.read(here.services.settings.home).values():
        places: list[Place] = [place for place in one.places if place.id in locations]
        if places:
            found[one.id] = [place.id for place in places]
    return found
