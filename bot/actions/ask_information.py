"""ask_information: the council's answer with its official page."""

from __future__ import annotations

from bot.actions.services import Services
from bot.actions.turn import CitizenAction, Say, Turn, pick
from hearback import profile
from hearback.profile import Information

SURE, MARGIN, POSSIBLE = 0.45, 0.15, 0.15


class ActionAskInformation(CitizenAction):
    """Sure: the answer. Unsure: up to three titles to pick from. Nothing near: how to reach the council."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        known = profile.information()
        if turn.picked and turn.picked[0] == "information" and turn.picked[1] in known:
            self._tell(say, known[turn.picked[1]])
            return
        ranked = [(known[name], score) for name, score in turn.information if name in known and score >= POSSIBLE]
        if ranked and ranked[0][1] >= SURE and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= MARGIN):
            self._tell(say, ranked[0][0])
        elif ranked:
            say("utter_ask_which_information", [(one.title, pick("information", one.id, "ask_information")) for one, _ in ranked])
        else:
            council = profile.council()
            say("utter_no_information", phone=council["phone"], website=council["website"])

    def _tell(self, say: Say, one: Information) -> None:
        say("utter_information", title=one.title, answer=one.answer, short=one.sms, link=one.url)
