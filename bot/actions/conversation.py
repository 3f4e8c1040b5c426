"""What holds a conversation together: being unsure, stopping, beginning again."""

from __future__ import annotations

from typing import Any

from bot.actions.check_request import tell
from bot.actions.services import Services
from bot.actions.task import Here, task_slots
from bot.actions.turn import CitizenAction, Events, Say, Turn, pick, set_slots
from hearback import profile

LIKELY = 0.15


class ActionUnsure(CitizenAction):
    """First: offers what the citizen may have meant. Second time in a row: says what it can do and offers a person."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        if reference := turn.reference:  # texted alone, as we tell citizens to do
            return await tell(Here(turn, services, say), reference)
        before = turn.previous_action == self.name()
        named = [
            (found.service.name, pick("service", code, "report_problem"))
            for code, score in turn.services[:2]
            if score >= LIKELY and (found := services.catalogue.get(code))
        ]
        known = profile.information()
        named += [
            (known[name].title, pick("information", name, "ask_information"))
            for name, score in turn.information[:1]
            if score >= LIKELY and name in known
        ]
        if before or not named:
            say("utter_unsure_again" if before else "utter_unsure")
        else:
            say("utter_did_you_mean", named)
        return []


class ActionOutOfScope(CitizenAction):
    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        say("utter_out_of_scope")


class ActionCancel(CitizenAction):
    """Stops the task in hand, nothing is sent; one that it had interrupted goes on."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        tasks = turn.slots.get("tasks") or []
        say("utter_cancelled" if tasks else "utter_nothing_to_cancel")
        return _only(tasks[:-1])


class ActionRestart(CitizenAction):
    """Forgets everything in hand and starts from the top."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        say("utter_begin_again")
        return [*_only([]), *set_slots(later=None)]


def _only(tasks: list[Any]) -> Events:
    ended = [] if tasks else [{"event": "active_loop", "timestamp": None, "name": None}]
    return [*ended, *task_slots(tasks)]
