"""outcome_*: how something came out, asked or unasked. A "no" of a request that was declared done has it opened again; see disputes.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.actions.disputes import not_done
from bot.actions.own_requests import WithReference, own_requests
from bot.actions.photos import recalled
from bot.actions.task import Here
from bot.actions.turn import Events
from bot.actions.update_request import UpdateRequest
from engagement.values import Outcome
from hearback import profile

ANSWERED = "answered"  # a choice below an answer to a question


@dataclass
class OutcomeNotFixed(UpdateRequest):
    """`unnamed` when there is no request that it could be about; `asked` is the outcome that the citizen was asked about."""

    name: ClassVar[str] = "outcome_not_fixed"
    interrupts: ClassVar[bool] = False
    unnamed: bool = False
    asked: int | None = None
    information: str | None = None

    async def begin(self, here: Here) -> None:
        self.asked, self.information = asked_of(here), information_of(here)
        if self.asked is not None or self.information is not None:
            self.photo = here.turn.picture or recalled(here)
            return
        await super().begin(here)
        self.still, self.words = "yes", here.turn.words or None
        self.unnamed = unnamed(self)

    async def next(self, here: Here) -> str | None:
        done = self.unnamed or self.asked is not None or self.information is not None
        return None if done else await super().next(here)

    async def finish(self, here: Here) -> Events:
        if self.information is not None:
            await answered(here, self.information, self.kind)
            here.say("utter_answered_no")
        elif self.asked is not None and (outcome := await here.services.log.outcomes.of_citizen(self.asked, here.turn.conversation)):
            self.service, self.more_of = (
                outcome.service_name or "",
                await not_done(here, outcome, self.kind, here.turn.said, photo=self.photo),
            )
        elif self.unnamed or self.asked is not None:
            here.say("utter_ask_outcome_of_what")
        else:
            return await super().finish(here)
        return []


@dataclass
class OutcomePartly(OutcomeNotFixed):
    name: ClassVar[str] = "outcome_partly"
    kind: ClassVar[str] = "partly"


@dataclass
class OutcomeFixed(WithReference):
    """It is done, or, below, not the citizen's: nothing more has to be done."""

    name: ClassVar[str] = "outcome_fixed"
    interrupts: ClassVar[bool] = False
    kind: ClassVar[str] = "fixed"
    unnamed: bool = False
    asked: int | None = None
    information: str | None = None

    async def begin(self, here: Here) -> None:
        self.asked, self.information = asked_of(here), information_of(here)
        if self.asked is None and self.information is None:
            await super().begin(here)
            self.unnamed = unnamed(self)

    async def next(self, here: Here) -> str | None:
        done = self.unnamed or self.asked is not None or self.information is not None
        return None if done else await super().next(here)

    async def finish(self, here: Here) -> Events:
        if self.information is not None:
            await answered(here, self.information, self.kind)
            here.say("utter_outcome_thanks")
            return []
        outcome = await self._outcome(here)
        if outcome is not None:
            words = here.turn.said or here.turn.words
            await here.services.log.outcomes.answer(outcome.id, self.kind, key=here.turn.key, channel=here.turn.channel, words=words)
            self.say_noted(here, outcome.reference)
        elif self.unnamed or not self.reference:
            here.say("utter_ask_outcome_of_what")
        else:
            await here.services.log.updates.open(
                key=here.turn.key, conversation_id=here.turn.conversation, reference=self.reference, kind=self.kind,
                words=here.turn.words, state="noted",
            )  # fmt: skip
            self.say_noted(here, self.reference)
        return []

    async def _outcome(self, here: Here) -> Outcome | None:
        """What the citizen was asked about, or the latest round of their own request."""
        log = here.services.log
        if self.asked is not None:
            return await log.outcomes.of_citizen(self.asked, here.turn.conversation)
        own = [one for one in await own_requests(here) if self.reference and one.reference == self.reference]
        return await log.outcomes.of_request(own[0].id) if own else None

    def say_noted(self, here: Here, reference: str | None) -> None:
        if reference:
            here.say("utter_outcome_fixed", reference=reference)
        else:
            here.say("utter_outcome_thanks")


@dataclass
class OutcomeNotMine(OutcomeFixed):
    name: ClassVar[str] = "outcome_not_mine"
    kind: ClassVar[str] = "not_mine"

    def say_noted(self, here: Here, reference: str | None) -> None:
        if reference:
            here.say("utter_outcome_not_mine", reference=reference)
        else:
            here.say("utter_outcome_thanks")


def asked_of(here: Here) -> int | None:
    """The outcome that a choice is about, or that the citizen's words were understood to answer."""
    slot, value = here.turn.picked or ("", "")
    return int(value) if slot == "outcome" and value.isdecimal() else None


def information_of(here: Here) -> str | None:
    """The answer that a choice below it is about; empty where it is not known any more."""
    if (here.turn.picked or ("",))[0] != ANSWERED:
        return None
    return str((here.turn.slots.get("told") or {}).get("information") or "")


async def answered(here: Here, information: str, answer: str) -> None:
    """Write down whether an answer of the council's answered the question; nobody asks again."""
    log, title = here.services.log, profile.information().get(information)
    conversation = await log.conversation(here.turn.conversation)
    outcome_id = await log.outcomes.begin(
        key=f"information:{here.turn.key}", subject="information", conversation=conversation, task="ask_information",
        service_code=information or None, service_name=title.title if title else None,
    )  # fmt: skip
    await log.outcomes.answer(outcome_id, answer, key=here.turn.key, channel=here.turn.channel)


def unnamed(task: WithReference) -> bool:
    return not (task.reference or task.several or task.waiting)
