"""talk_to_person, and the tasks that a person does: each is written down for the team with its reason."""

from __future__ import annotations

from abc import ABC

from bot.actions.services import Services
from bot.actions.turn import CitizenAction, Say, Turn
from hearback import profile


class HandOver(CitizenAction, ABC):
    """Passes a conversation to the team. `reason` is the citizen's task, `response` what the citizen reads."""

    reason: str
    response: str
    priority = 0

    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        await services.log.hand_over(turn.conversation, key=turn.key, reason=self.reason, priority=self.priority)
        say(self.response, phone=profile.council()["phone"], hours=profile.hours(turn.language))


class ActionTalkToPerson(HandOver):
    reason, response = "talk_to_person", "utter_talk_to_person"


class ActionReportDanger(HandOver):
    """Danger to life: the right number at once, and the team is told first."""

    reason, response, priority = "report_danger", "utter_report_danger", 10


class ActionMakeComplaint(HandOver):
    reason, response = "make_complaint", "utter_make_complaint"


class ActionGiveCompliment(HandOver):
    reason, response = "give_compliment", "utter_give_compliment"


class ActionAskMyData(HandOver):
    reason, response = "ask_my_data", "utter_ask_my_data"


class ActionUpdateRequest(HandOver):
    reason, response = "update_request", "utter_update_request"


class ActionWithdrawRequest(HandOver):
    reason, response = "withdraw_request", "utter_withdraw_request"


class ActionOutcomeNotFixed(HandOver):
    reason, response = "outcome_not_fixed", "utter_outcome_not_fixed"
