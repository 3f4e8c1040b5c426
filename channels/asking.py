"""Tells citizens how their requests go, asks once whether what is done works, and does in the back office what a "no" asks for."""

from __future__ import annotations

import logging

from backoffice.errors import BackOfficeError, BackOfficeRefused, NotFound
from backoffice.open311 import Open311Client
from backoffice.reopening import dispute
from channels import words
from channels.signals import Signals, pause
from channels.watching import NEWS
from engagement.database import LogUnavailable
from engagement.handovers import dispute_key
from engagement.log import EngagementLog
from engagement.outcomes import Question
from engagement.values import Conversation, Outcome, Reply, Request
from hearback import dates, logs, profile
from hearback.clock import Clock

logger = logging.getLogger("channels.asking")
PASS, AT_LEAST, AT_MOST = 300.0, 0.5, 5.0  # seconds of the product's clock between two looks; and real ones
LONGEST_ABOUT = 75  # letters of what a question is about
ASK = {"request": "utter_ask_outcome", "support": "utter_ask_outcome_support", "handover": "utter_ask_outcome_handover"}
PROGRESS = {
    "accepted": "utter_progress_accepted",
    "scheduled": "utter_progress_scheduled",
    "done": "utter_progress_done",
    "not_ours": "utter_progress_not_ours",
    "no_action": "utter_progress_no_action",
    "duplicate": "utter_progress_duplicate",
}
NO_DAY = {"scheduled": "utter_progress_scheduled_some_day", "done": "utter_progress_done_unasked"}
REMEDY = {"reopened": "utter_remedy_reopened", "linked": "utter_remedy_linked", "with_team": "utter_remedy_with_team"}


class Asker:
    def __init__(self, log: EngagementLog, open311: Open311Client, signals: Signals, clock: Clock) -> None:
        self._log, self._open311, self._signals, self._clock = log, open311, signals, clock

    async def run(self) -> None:
        async with self._signals.listen(NEWS) as bell:
            while True:
                bell.clear()
                try:
                    await self.look()
                except LogUnavailable:
                    logger.warning("questions wait: the log does not answer")
                except Exception as error:
                    logger.error("questions wait: %s", logs.where(error))
                await pause(bell, min(AT_MOST, max(AT_LEAST, self._clock.real_seconds(PASS))))

    async def look(self) -> None:
        """Do all that is due now, once."""
        for request in await self._log.watch.untold():
            await self._tell_progress(request)
        for question in await self._log.outcomes.due():
            await self._ask(question)
        await self._log.outcomes.give_up()
        for outcome, request in await self._log.outcomes.take_remedies():
            await self._remedy(outcome, request)
        for outcome, conversation in await self._log.outcomes.remedies_untold():
            await self._tell_remedy(outcome, conversation)

    async def _tell_progress(self, request: Request) -> None:
        outcome = await self._log.outcomes.of_request(request.id)
        if outcome is None or (request.progress == "done" and outcome.due_at and outcome.due_at <= self._clock.now()):
            return  # the question, which is next, says it too
        place = await self._log.outcomes.place(await self._log.conversation(request.conversation_id), request.contact_id)
        if await self._log.outcomes.busy(place.id):
            return
        word, values = request.progress or "", _about(outcome, place)
        day = request.expected_at if word == "scheduled" else outcome.due_at if outcome.state == "waiting" else None
        values["day"] = dates.day(day, place.language) if day else ""
        values["notes"] = f" {request.status_notes.strip()}" if request.status_notes else ""
        response = PROGRESS[word] if day else NO_DAY.get(word, PROGRESS[word])
        key = f"progress:{request.id}:{outcome.round}:{word}"
        await self._log.mails.write(
            key=key, contact_id=request.contact_id, conversation_id=place.id, response=response, values=values
        )  # fmt: skip
        if await self._log.outcomes.tell_progress(request, place, _say(response, place, values)):
            self._rung(place)

    async def _ask(self, question: Question) -> None:
        outcome = question.outcome
        place = await self._log.outcomes.place(question.conversation, question.contact_id)
        if outcome.asked_in:  # the reminder goes where the question stands
            place = await self._log.conversation(outcome.asked_in)
        if await self._log.outcomes.busy(place.id) or await self._log.outcomes.asked_lately(place.id, but=outcome.id):
            await self._log.outcomes.later(outcome.id)
            return
        response = "utter_remind_outcome" if question.reminder and outcome.subject == "request" else ASK[outcome.subject]
        values = _about(outcome, place)
        if question.place:
            values["about"] = f"{values['service']}, {question.place}"[:LONGEST_ABOUT]
        said = _say(response, place, values, outcome=str(outcome.id))
        email_to = question.contact_id if question.contact_kind == "email" else None
        if await self._log.outcomes.ask(outcome.id, said, within=place.id, email_to=email_to):
            self._rung(place)

    async def _remedy(self, outcome: Outcome, request: Request) -> None:
        """Do what the turn in which the citizen said "no" could not do; who answered by e-mail had none."""
        where, reason = outcome.asked_in or outcome.conversation_id, f"outcome_{outcome.confirmed}"
        await self._log.handovers.open(where, key=dispute_key(outcome.id), reason=reason, details=outcome.dispute)
        try:
            done = await dispute(
                self._open311, reference=outcome.reference or "", tag=outcome.tag, words=outcome.words or "",
                at=outcome.confirmed_at or self._clock.now(), service_code=request.service_code, report=request.report, again=True,
            )  # fmt: skip
        except (BackOfficeRefused, NotFound) as error:
            logger.warning("the team does by hand what the back office does not take: %s", type(error).__name__)
            await self._log.outcomes.remedied(outcome.id, "with_team", told=False)
        except BackOfficeError:
            await self._log.outcomes.remedy_later(outcome)
        else:
            await self._log.outcomes.remedied(outcome.id, done.kind, reference=done.reference, token=done.token, told=False)

    async def _tell_remedy(self, outcome: Outcome, conversation: Conversation) -> None:
        if conversation.state == "with_staff":
            return  # a colleague talks with the citizen
        response, values = REMEDY[outcome.remedy or ""], _about(outcome, conversation)
        if outcome.request_id is not None:
            request = await self._log.requests.one(outcome.request_id)
            await self._log.mails.write(
                key=f"remedy:{outcome.id}", contact_id=request.contact_id, conversation_id=conversation.id, response=response, values=values
            )  # fmt: skip
        if await self._log.outcomes.tell_remedy(outcome.id, conversation, _say(response, conversation, values)):
            self._rung(conversation)

    def _rung(self, conversation: Conversation) -> None:
        self._signals.ring(conversation.id)
        self._signals.ring("outbox")
        self._signals.ring("mail")


def _say(response: str, conversation: Conversation, values: dict[str, str], *, outcome: str = "") -> Reply:
    return words.say(response, conversation.channel, conversation.language, outcome=outcome, **values)


def _about(outcome: Outcome, conversation: Conversation) -> dict[str, str]:
    """What responses name."""
    council = profile.name(conversation.language)
    act_by = dates.day(outcome.act_by, conversation.language) if outcome.act_by else ""
    return {
        "reference": outcome.reference or "", "new": outcome.remedy_reference or "",
        "service": outcome.service_name or "", "about": outcome.service_name or "",
        "partner": outcome.partner or outcome.agency_responsible or council, "day": act_by, "phone": profile.council()["phone"],
    }  # fmt: skip
