"""What holds a conversation together: being unsure, stopping, beginning again."""

from __future__ import annotations

from typing import Any

from backoffice import support
from bot.actions.check_request import tell
from bot.actions.find_support import POSSIBLE
from bot.actions.journal import cancelled
from bot.actions.photos import kept
from bot.actions.services import Services
from bot.actions.task import Here, task_slots
from bot.actions.turn import CitizenAction, Events, Say, Turn, pick, set_slots
from bot.own_tasks import OWN_TASK
from hearback import profile

LIKELY, OFFERED = 0.3, 3
STRETCH = 1.7  # a likeness to a need of POSSIBLE to 1 beside scores of 0 to 1


NOT_HELPED = {"action_unsure", "action_out_of_scope"}


class ActionUnsure(CitizenAction):
    """First: offers what the citizen may have meant. Second time in a row: says what it can do and offers a person."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        if reference := turn.reference:  # texted alone, as we tell citizens to do
            return await tell(Here(turn, services, say), reference)
        if turn.picture and not turn.words:
            say("utter_photo_of_what")
            return kept(turn.picture, Here(turn, services, say))
        before = turn.previous_action in NOT_HELPED
        if turn.picked == ("unsure", "other"):
            say("utter_none_of_these")
        elif before:
            say("utter_unsure_again")
        elif named := _meant(turn, services):
            say("utter_did_you_mean", named)
        else:
            say("utter_unsure")
        return []


def _meant(turn: Turn, services: Services) -> list[tuple[str, str]]:
    """Up to three of what the council does, answers and knows to help, likeliest first, as choices."""
    known, helpers = profile.information(), support.read(services.settings.home)
    likely = [
        (score, found.service.name, f"/{OWN_TASK[code]}" if code in OWN_TASK else pick("service", code, "report_problem"))
        for code, score in turn.services
        if (found := services.catalogue.get(code))
    ]
    likely += [(score, known[id].title, pick("information", id, "ask_information")) for id, score in turn.information if id in known]
    likely += [
        ((score - POSSIBLE) * STRETCH, helpers[id].name, pick("support", id, "find_support"))
        for id, score in turn.support[:OFFERED]
        if id in helpers
    ]
    likely.sort(key=lambda one: -one[0])
    return [(title, payload) for score, title, payload in likely[:OFFERED] if score >= LIKELY]


class ActionOutOfScope(CitizenAction):
    """Says so; the second time in a row offers a person, for the citizen may mean something that we do not understand."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        say("utter_unsure_again" if turn.previous_action in NOT_HELPED else "utter_out_of_scope")


class ActionCancel(CitizenAction):
    """Stops the task in hand, nothing is sent; one that it had interrupted goes on. Without a task, the wait for a person."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        tasks = turn.slots.get("tasks") or []
        if (turn.picked == ("wait", "off") or not tasks) and await services.log.desk.wait_no_more(turn.conversation):
            say("utter_wait_over")
            return []
        say("utter_cancelled" if tasks else "utter_nothing_to_cancel")
        return [*_only(tasks[:-1]), *set_slots(journal=cancelled(tasks[-1:]))]


class ActionRestart(CitizenAction):
    """Forgets everything in hand and starts from the top."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        say("utter_begin_again")
        return [*_only([]), *set_slots(later=None, journal=cancelled(turn.slots.get("tasks") or []))]


def _only(tasks: list[Any]) -> Events:
    ended = [] if tasks else [{"event": "active_loop", "timestamp": None, "name": None}]
    return [*ended, *task_slots(tasks)]
