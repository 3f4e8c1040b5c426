"""ask_information: the council's answer with its official page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from bot.actions.answers import keys_of
from bot.actions.task import COMPLETED, ELSEWHERE, FAILED, SURE, Here, Task
from bot.actions.turn import Events, Say, pick, set_slots
from hearback import profile
from hearback.area import Area
from hearback.profile import Information

SURE_ANSWER, MARGIN, POSSIBLE = 0.45, 0.15, 0.15
NONE, OTHER = "none", "other"


@dataclass
class AskInformation(Task):
    """`information` is the id of an answer, or NONE; `offered` the ids of the latest choice; `again` once none of them was meant."""

    name: ClassVar[str] = "ask_information"
    steps: ClassVar[tuple[str, ...]] = ("information",)
    information: str | None = None
    offered: list[str] = field(default_factory=list)
    again: bool = False

    async def begin(self, here: Here) -> None:
        """Sure: the answer. Unsure: up to three to pick from. Nothing near: how to reach the council."""
        if here.turn.picked:
            await self.pick(*here.turn.picked, here)
        elif here.turn.words and not self._match(here):
            self.information = NONE

    async def ask_information(self, here: Here) -> None:
        if self.offered:
            known = profile.information()
            here.say("utter_ask_which_information", [(known[id].title, pick("information", id)) for id in self.offered])
        else:
            here.say("utter_ask_question_again" if self.again else "utter_ask_question")

    async def take_information(self, here: Here) -> bool:
        """One of the choices, or the question in other words."""
        if not here.turn.words or (here.turn.intent != self.name and here.turn.turns_aside(sure=SURE)):
            return False
        known = profile.information()
        keys = keys_of([(id, known[id].title) for id in self.offered], here.turn.words)
        if len(keys) == 1:
            self.information = keys[0]
        elif here.says_no and self.offered:
            self._none_of_them()
        elif not self._match(here):
            if here.turn.intent != self.name and not self.misses:
                return False
            self.information = NONE
        return True

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot != "information":
            return False
        if value in profile.information():
            self.information = value
        else:
            self._none_of_them()
        return True

    def back(self, here: Here) -> None:
        self.offered, self.again = [], True

    def _none_of_them(self) -> None:
        self.offered, self.again = [], True

    def _match(self, here: Here) -> bool:
        known = profile.information()
        ranked = [(id, score) for id, score in here.turn.information if id in known and score >= POSSIBLE]
        if ranked and ranked[0][1] >= SURE_ANSWER and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= MARGIN):
            self.information = ranked[0][0]
        self.offered = [id for id, _ in ranked]
        return bool(ranked)

    def _aside(self, here: Here) -> bool:
        """Whether another task waits, whose question comes next."""
        return any(one["task"] != self.name for one in here.turn.slots.get("tasks") or ())

    async def finish(self, here: Here) -> Events:
        one = profile.information().get(self.information or "")
        if one is None:
            council = profile.council()
            here.say("utter_no_information", phone=council["phone"], website=council["website"])
            self.end = FAILED
            return set_slots(told={"information": None})
        if tell(here.say, one, profile.area()) == ELSEWHERE:
            self.end = ELSEWHERE
        elif here.turn.channel == "web" and not here.turn.slots.get("later") and not self._aside(here):
            here.say("utter_ask_answered")
        return set_slots(told={"information": one.id, "lgsl": one.lgsl})


def tell(say: Say, one: Information, area: Area) -> str:
    """The answer; where the other council of a two-tier area gives it, whose job it is. Returns how that ends the task."""
    if other := area.job_of(one.tier):
        say("utter_information_elsewhere", title=one.title, council=other.name, website=other.website)
        return ELSEWHERE
    say("utter_information", title=one.title, answer=one.answer, short=one.sms, link=one.url)
    return COMPLETED
