"""talk_to_person: the queue while somebody is there; when nobody is, how long it usually takes or when they are back, and a call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.actions.task import HANDED_OVER, SKIP, SURE, Here, Task
from bot.actions.turn import Events
from hearback import dates, profile
from hearback.teams import Team, teams

CALL = re.compile(rf"\b(?:{profile.words_of('call')}|(?:call|ring|phone|telephone|bell)\b.{{0,15}}\b(?:me|us|back))\b", re.IGNORECASE)
ANY_TIME = "any time"


@dataclass
class TalkToPerson(Task):
    """`key` names the hand-over, which is written down at once; `aside` when another task waits meanwhile: then nothing is asked."""

    name: ClassVar[str] = "talk_to_person"
    steps: ClassVar[tuple[str, ...]] = ("call", "number", "time")
    key: str = ""
    call: str | None = None
    number: str | None = None
    time: str | None = None
    aside: bool = False
    team: str | None = None

    async def begin(self, here: Here) -> None:
        log, key = here.services.log, f"{here.turn.key}:{self.name}"
        waiting = await log.handovers.waiting(here.turn.conversation, self.name)
        if waiting is None:
            waiting, _ = await log.handovers.open(here.turn.conversation, key=key, reason=self.name)
        self.key, self.team, self.aside = waiting.key, waiting.team, bool(here.turn.slots.get("tasks"))
        if not self._take_number(here):
            if CALL.search(here.turn.words) or here.turn.picked == ("call", "yes"):
                self.call = "yes"
            elif self.aside or await self._there(here):
                self.call = "no"

    @property
    def _team(self) -> Team:
        return teams().of(self.team)

    def _open(self, here: Here) -> bool:
        return self._team.is_open(here.services.clock.now())

    async def _there(self, here: Here) -> bool:
        """Whether somebody who takes it over sits at their desk now."""
        return self._open(here) and bool(await here.services.log.desk.there(self._team.key))

    async def _usual(self, here: Here) -> dict[str, str]:
        """How long it usually takes until somebody answers."""
        minutes = await here.services.log.desk.usual_wait(self._team.key)
        return {"within": teams().length(minutes, here.turn.language), "phone": profile.council()["phone"]}

    def _back(self, here: Here) -> dict[str, str]:
        """When the team is there next, and how to reach it."""
        council, language = profile.council(), here.turn.language
        now = here.services.clock.now()
        opens = self._team.hours.next_opening(now) or now
        return {"day": here.day(opens), "hour": dates.hour(opens, language), "phone": council["phone"], "hours": profile.hours(language)}

    def _take_number(self, here: Here) -> bool:
        if here.turn.contacts:
            self.call, self.number = "yes", str(here.turn.contacts[0])
        return bool(here.turn.contacts)

    def missing(self, step: str, here: Here) -> bool:
        if step == "number" and here.turn.channel != "web":
            return False  # they write from it
        return super().missing(step, here) and not (step != "call" and self.call == "no")

    async def ask_call(self, here: Here) -> None:
        if self._open(here):
            here.say("utter_ask_call_nobody", **await self._usual(here))
        else:
            here.say("utter_ask_call_back", **self._back(here))

    async def take_call(self, here: Here) -> bool:
        if self._take_number(here):
            return True
        if here.says_yes or CALL.search(here.turn.words):
            self.call = "yes"
        elif here.says_no:
            self.call = "no"
        return self.call is not None or here.turn.means(self.name)

    async def ask_number(self, here: Here) -> None:
        here.say("utter_ask_call_number")

    async def take_number(self, here: Here) -> bool:
        if here.says_no and not here.turn.contacts:
            self.call = "no"
            return True
        return self._take_number(here) or here.turn.means(self.name)

    async def ask_time(self, here: Here) -> None:
        here.say("utter_ask_call_time", hours=profile.hours(here.turn.language))

    async def take_time(self, here: Here) -> bool:
        words = here.turn.words.strip()
        if here.turn.turns_aside(sure=SURE) and here.turn.intent != self.name:
            return False
        self.time = ANY_TIME if not words or SKIP.match(words) or here.says_yes else words[:200]
        return True

    async def finish(self, here: Here) -> Events:
        is_open, back, self.end = self._open(here), self._back(here), HANDED_OVER
        if self.call == "yes":
            contact_id = int(self.number) if self.number and self.number.isdigit() else None
            await here.services.log.handovers.add(self.key, contact_id=contact_id, details={"call": self.time})
            here.say("utter_call_back_soon" if is_open else "utter_call_back", **back)
        elif is_open and await self._there(here):
            await self._say_place(here)
        elif is_open:
            here.say("utter_person_nobody", **await self._usual(here))
        elif self.aside:
            here.say("utter_person_away", **back)
        else:
            here.say("utter_person_later", **back)
        return []

    async def _say_place(self, here: Here) -> None:
        one = await here.services.log.handovers.waiting(here.turn.conversation, self.name)
        place = await here.services.log.handovers.place_in_queue(one) if one else 1
        about = await self._usual(here)
        if place > 1:
            here.say("utter_person_queue", place=place, **about)
        else:
            here.say("utter_person_next", **about)
