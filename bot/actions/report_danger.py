"""report_danger: the right number at once, and the team is told before all others. The task in hand goes on afterwards."""

from __future__ import annotations

from bot.actions.services import Services
from bot.actions.turn import CitizenAction, Say, Turn
from hearback import profile

FIRST = 10
BY_KIND = {
    "gas": "utter_danger_gas",
    "electricity": "utter_danger_electricity",
    "fire": "utter_danger_fire",
    "crime": "utter_danger_crime",
    "self_harm": "utter_danger_self_harm",
    "abuse": "utter_danger_abuse",
    "child": "utter_danger_child",
    "medical": "utter_danger_medical",
    "collapse": "utter_danger_collapse",
}


class ActionReportDanger(CitizenAction):
    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        await services.log.handovers.open(
            turn.conversation, key=f"{turn.key}:report_danger", reason="report_danger", priority=FIRST,
            details={"danger": turn.danger_kind, "words": turn.words},
        )  # fmt: skip
        say(BY_KIND.get(turn.danger_kind or "", "utter_report_danger"), **profile.council()["danger_numbers"])
