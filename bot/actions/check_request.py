"""check_request: where a report stands, in the back office's own words; or a complaint, by our own reference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from backoffice.errors import BackOfficeError, NotFound
from bot.actions.own_requests import WithReference, own_case
from bot.actions.task import Here
from bot.actions.turn import Events, set_slots
from engagement.values import Handover
from hearback import profile

COMPLAINT = re.compile(r"\bcomplain", re.IGNORECASE)


@dataclass
class CheckRequest(WithReference):
    """By reference, or the citizen's own reports: of this conversation, or of the same phone number."""

    name: ClassVar[str] = "check_request"

    async def begin(self, here: Here) -> None:
        await super().begin(here)
        complains = COMPLAINT.search(here.turn.words) is not None
        if here.turn.reference or here.turn.picked or not (complains or (self.reference is None and not self.several)):
            return
        mine = await here.services.log.handovers.of_citizen(here.turn.conversation)
        told = [one for one in mine if (one.details or {}).get("answer_by") and (not complains or one.reason == "make_complaint")]
        if told and (complains or not self.waiting):
            self.reference, self.waiting = told[0].reference, ""

    async def finish(self, here: Here) -> Events:
        if self.waiting:
            here.say("utter_request_kept_for_later")
            return []
        assert self.reference is not None
        return await tell(here, self.reference)


async def tell(here: Here, reference: str) -> Events:
    """Say where a request stands: what the back office shows to everybody, nothing about who reported it."""
    say = here.say
    if reference.startswith("C-"):
        case = await own_case(here, reference)
        if case is None:
            say("utter_reference_unknown", reference=reference)
        else:
            _tell_case(here, case)
        return []
    try:
        request = await here.services.open311.request(reference)
    except NotFound:
        say("utter_reference_unknown", reference=reference)
        return []
    except BackOfficeError:
        say("utter_status_unavailable", reference=reference)
        return []
    about = {
        "reference": reference,
        "service": request.service_name or request.service_code or "",
        "notes": f" {request.status_notes}" if request.status_notes else "",
        "agency": request.agency_responsible or profile.council()["name"],
    }
    if request.status == "closed":
        say("utter_request_closed", **about)
    elif request.expected_at is None:
        say("utter_request_open", **about)
    else:
        late = request.expected_at < here.services.clock.now()
        say("utter_request_late" if late else "utter_request_open_until", **about, day=here.day(request.expected_at))
    return set_slots(reference=reference)


def _tell_case(here: Here, case: Handover) -> None:
    answer_by = (case.details or {}).get("answer_by")
    if case.state == "closed":
        here.say("utter_case_closed", reference=case.reference, day=here.day(case.closed_at or case.created_at))
    elif answer_by:
        here.say("utter_case_waiting_until", reference=case.reference, day=here.day(date.fromisoformat(answer_by)))
    else:
        here.say("utter_case_waiting", reference=case.reference, hours=profile.hours(here.turn.language))
