"""Is it already reported? Open requests of the same service nearby are shown before a new one is made; the citizen can join one."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from backoffice.errors import BackOfficeError
from backoffice.records import ServiceRequest
from bot.actions import answers
from bot.actions.place import AtPlace
from bot.actions.report import NO_CONTACT, Report
from bot.actions.task import SURE, Here
from bot.actions.turn import Events, pick, set_slots
from engagement.values import Request
from hearback.area import metres

NEW, WAITING = "new", "waiting"  # none of these; the citizen's own report, which the back office does not have yet
SHOWN = 3
PATIENCE = 2.0  # seconds; a back office that takes longer is not asked
LONGEST_PLACE = 40
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)


@dataclass
class AlreadyReported(AtPlace):
    """`twins` are (reference, title, day it is expected by) of what was found; `twin` is the one that the citizen joins, or NEW."""

    steps: ClassVar[tuple[str, ...]] = ("place", "twin", *Report.steps)
    twin: str | None = None
    twins: list[list[str | None]] | None = None

    async def next(self, here: Here) -> str | None:
        step = await super().next(here)
        if step == "twin" and self.twins is None:
            self.twins = await self._look(here)
        if step == "twin" and not self.twins:
            self.twin = NEW
            step = await super().next(here)
        if self.twin in {None, NEW}:
            return step
        return "contact" if self.contact is None else None

    def forget_place(self) -> None:
        super().forget_place()
        self.forget_twins()

    def forget_twins(self) -> None:
        self.twin = self.twins = None

    def back(self, here: Here) -> None:
        """A look that found nothing was no question, so it is no step back."""
        place, twin = self.place, self.twin
        if not self.twins:
            self.twin = None
        super().back(here)
        if self.place != place:
            self.forget_place()
        elif not self.twins:
            self.twin = twin

    async def ask_twin(self, here: Here) -> None:
        entry = self.entry(here)
        choices = [(title or "", pick("twin", reference or "")) for reference, title, _ in self.twins or ()]
        here.say("utter_ask_already_reported", choices, service=entry.service.name if entry else "")

    async def take_twin(self, here: Here) -> bool:
        if here.turn.turns_aside(sure=SURE):
            return False
        offered = [(reference or "", title or "") for reference, title, _ in self.twins or ()]
        keys = answers.keys_of(offered, here.turn.words) if not here.says_no else [NEW]
        if here.says_yes and len(offered) == 1:
            keys = [offered[0][0]]
        return len(keys) == 1 and await self.pick("twin", keys[0], here)

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot != "twin":
            return await super().pick(slot, value, here)
        if value != NEW and value not in {reference for reference, _, _ in self.twins or ()}:
            return False
        self.twin = value
        if value == WAITING or value in {one.reference for one in await here.services.log.requests.of_citizen(here.turn.conversation)}:
            self.contact = NO_CONTACT  # their own: they said how they want to hear of it
        return True

    async def finish(self, here: Here) -> Events:
        if self.twin in {None, NEW}:
            return await super().finish(here)
        if self.twin == WAITING:
            here.say("utter_request_kept_for_later")
            return []
        return await self._follow(here, str(self.twin))

    async def _follow(self, here: Here, reference: str) -> Events:
        """Write down that this citizen joins the report, unless it is theirs, and tell what happens next."""
        entry, requests = self.entry(here), here.services.log.requests
        if entry and reference not in {one.reference for one in await requests.of_citizen(here.turn.conversation)}:
            await requests.follow(
                key=here.turn.key,
                reference=reference,
                conversation_id=here.turn.conversation,
                service_code=entry.service.code,
                service_name=entry.service.name,
                report=self.sent(),
                contact_id=int(self.contact) if self.contact and self.contact.isdigit() else None,
                updates=self.contact not in {None, NO_CONTACT},
                hears=self.hears,
            )
        expected = next((day for known, _, day in self.twins or () if known == reference), None)
        if expected:
            here.say("utter_report_joined_until", reference=reference, day=here.day(datetime.fromisoformat(expected)))
        else:
            here.say("utter_report_joined", reference=reference)
        return set_slots(reference=reference)

    async def _look(self, here: Here) -> list[list[str | None]]:
        """What was reported nearby: first what waits to be sent, then the nearest and newest; a slow or broken system knows nothing."""
        code = self.service or ""
        own = [one for one in await here.services.log.requests.of_conversation(here.turn.conversation) if self._waits(one, here)]
        found: list[list[str | None]] = [[WAITING, self._title(one.report.get("address"), one.created_at, here), None] for one in own[:1]]
        try:
            async with asyncio.timeout(PATIENCE):
                since = here.services.clock.now() - timedelta(days=here.services.councils.area.days)
                known = await here.services.open311.open_requests(code, since=since)
        except (BackOfficeError, TimeoutError):
            return found
        near = [(how_far, one) for one in known if (how_far := self._how_far(one.lat, one.long, one.address, here)) is not None]
        for _, one in sorted(near, key=lambda pair: (pair[0], _age(pair[1])))[: SHOWN - len(found)]:
            expected = one.expected_at.isoformat() if one.expected_at else None
            found.append([one.reference, self._title(one.address, one.requested_at, here), expected])
        return found

    def _waits(self, request: Request, here: Here) -> bool:
        report: dict[str, Any] = request.report
        same = request.service_code == self.service and request.reference is None and request.state != "refused"
        return same and self._how_far(report.get("lat"), report.get("long"), report.get("address"), here) is not None

    def _how_far(self, lat: float | None, long: float | None, address: str | None, here: Here) -> float | None:
        """Metres from here; 0 for the same street where a point is missing; None when it is not nearby."""
        if self.lat is not None and self.long is not None and lat is not None and long is not None:
            far = metres((self.lat, self.long), (lat, long))
            return far if far <= here.services.councils.area.metres_for(self.service or "") else None
        return 0.0 if same_street(self.street, self.place or "", address or "") else None

    def _title(self, address: str | None, at: datetime | None, here: Here) -> str:
        """ "outside 14 Mill Lane, Tuesday 3 November": nothing else of what another citizen wrote."""
        where = " ".join((address or self.street).split())
        where = where if len(where) <= LONGEST_PLACE else where[:LONGEST_PLACE].rsplit(" ", 1)[0]
        return ", ".join(part for part in (where, here.day(at) if at else "") if part)


def _age(request: ServiceRequest) -> float:
    return -request.requested_at.timestamp() if request.requested_at else 0.0


def same_street(street: str, place: str, address: str) -> bool:
    """Whether an address is in this street, as far as words tell; another postcode is another place."""
    name = re.sub(r"^\d+[a-z]?\s+", "", street.lower()).strip()
    if not name or not re.search(rf"\b{re.escape(name)}\b", address.lower()):
        return False
    ours, theirs = ({code.upper().replace(" ", "") for code in POSTCODE.findall(text)} for text in (place, address))
    return not ours or not theirs or bool(ours & theirs)
