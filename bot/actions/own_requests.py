"""Finds which request the citizen means: by its reference, or among their own; and what the back office says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from backoffice.errors import BackOfficeError, NotFound
from backoffice.records import ServiceRequest
from backoffice.states import state_of
from bot.actions.task import SURE, Here, Task
from bot.actions.turn import pick
from engagement.values import Handover, Notice, Request
from hearback.back_office import partner_of

SHOWN = 3
GONE = {"refused", "withdrawn"}


async def own_requests(here: Here) -> list[Request]:
    """Of this conversation or of the same phone number, newest first."""
    return [one for one in await here.services.log.requests.of_citizen(here.turn.conversation) if one.state not in GONE]


async def own_case(here: Here, reference: str) -> Handover | None:
    """The citizen's own complaint or other hand-over under a reference like C-000123."""
    mine = await here.services.log.handovers.of_citizen(here.turn.conversation)
    return next((one for one in mine if one.reference == reference), None)


@dataclass
class WithReference(Task):
    """`waiting` is the key of the citizen's only report when it has no reference yet: it is kept and will be sent."""

    steps: ClassVar[tuple[str, ...]] = ("reference",)
    reference: str | None = None
    waiting: str = ""
    several: bool = False

    async def begin(self, here: Here) -> None:
        picked = here.turn.picked
        self.reference = picked[1] if picked and picked[0] == "reference" else here.turn.reference
        if self.reference is None and not await self._own(here) and not self.waiting:
            self.reference = here.turn.slots.get("reference")  # the latest that was spoken of

    async def _own(self, here: Here) -> list[tuple[str, str]]:
        """The citizen's own requests as (reference, what and where) pairs; the only one is taken."""
        own = await own_requests(here)
        known = [(one.reference, _what_and_where(one)) for one in own if one.reference]
        self.waiting = own[0].key if own and not known else ""
        self.several = len(known) > 1
        if len(known) == 1:
            self.reference = known[0][0]
        return known

    def missing(self, step: str, here: Here) -> bool:
        return super().missing(step, here) and not (step == "reference" and self.waiting)

    async def ask_reference(self, here: Here) -> None:
        own = await self._own(here) if self.several else []
        if own:
            named = [(f"{reference} {about}", pick("reference", reference)) for reference, about in own]
            here.say("utter_ask_which_request", named[:SHOWN])
        else:
            here.say("utter_ask_reference")

    async def take_reference(self, here: Here) -> bool:
        self.reference = here.turn.reference
        if self.reference is None and not here.turn.turns_aside(sure=SURE):
            said = " ".join(here.turn.words.lower().split())
            own = [reference for reference, about in await self._own(here) if said and said in f"{reference} {about}".lower()]
            self.reference = own[0] if len(own) == 1 and len(said) > 3 else None
        return self.reference is not None


@dataclass
class WithRequest(WithReference):
    """`status` is open or closed as the back office says, away when it does not answer, unknown, or case for a hand-over of ours."""

    status: str = ""
    service: str = ""
    agency: str = ""
    expected: str | None = None  # ISO 8601
    own: bool = False
    joined: bool = False  # another's report, which the citizen joined
    place: str = ""

    async def next(self, here: Here) -> str | None:
        if self.reference and not self.status:
            await self._look_up(self.reference, here)
        return await super().next(here)

    async def _look_up(self, reference: str, here: Here) -> None:
        if reference.startswith("C-"):
            self.own = await own_case(here, reference) is not None
            self.status = "case" if self.own else "unknown"
            return
        for mine in await own_requests(here):
            if mine.reference == reference:
                # Who joined another's report may hear of it and add to it, and not take it back.
                self.own, self.joined = not mine.followed, mine.followed
                self.service, self.place = mine.service_name, mine.report.get("address") or ""
        asked_at = here.services.clock.now()
        try:
            found = await here.services.open311.request(reference)
        except NotFound:
            self.status = "unknown"
            return
        except BackOfficeError:
            self.status = "away"
            return
        self.status = "closed" if found.status == "closed" else "open"
        if self.status == "closed" and (self.own or self.joined):
            await here.services.log.watch.noticed([_notice(found, asked_at)])
        self.service = found.service_name or self.service
        self.agency = found.agency_responsible or ""
        self.expected = found.expected_at.isoformat() if found.expected_at else None


def _notice(found: ServiceRequest, seen_at: datetime) -> Notice:
    """A request as it was seen now, before the watch that looks from time to time."""
    state = state_of(found.given, status=found.status)
    partner, contractor = partner_of(found.agency_responsible)
    return Notice(
        reference=found.reference, source="poll", word=state.word or "done", given=state.given, notes=found.status_notes,
        at=found.updated_at or seen_at, seen_at=seen_at, agency=found.agency_responsible,
        partner=partner, contractor=contractor,
    )  # fmt: skip


def _what_and_where(one: Request) -> str:
    place = str(one.report.get("address") or "")[:40]
    return f"{one.service_name}, {place}" if place else one.service_name
