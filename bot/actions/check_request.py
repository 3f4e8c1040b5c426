"""check_request: where a report stands, in the back office's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from backoffice.errors import BackOfficeError, NotFound
from bot.actions.own_requests import WithReference
from bot.actions.task import Here
from bot.actions.turn import Events, set_slots


@dataclass
class CheckRequest(WithReference):
    """By reference, or the citizen's own reports: of this conversation, or of the same phone number."""

    name: ClassVar[str] = "check_request"

    async def finish(self, here: Here) -> Events:
        if self.waiting:
            here.say("utter_request_kept_for_later")
            return []
        assert self.reference is not None
        await tell(here, self.reference)
        return set_slots(reference=self.reference)


async def tell(here: Here, reference: str) -> None:
    """Say where a request stands."""
    say = here.say
    try:
        request = await here.services.open311.request(reference)
    except NotFound:
        say("utter_reference_unknown", reference=reference)
        return
    except BackOfficeError:
        say("utter_status_unavailable", reference=reference)
        return
    name = request.service_name or request.service_code or ""
    notes = f" {request.status_notes}" if request.status_notes else ""
    if request.status == "closed":
        say("utter_request_closed", reference=reference, service=name, notes=notes)
    elif request.expected_at:
        say("utter_request_open_until", reference=reference, service=name, notes=notes, day=here.day(request.expected_at))
    else:
        say("utter_request_open", reference=reference, service=name, notes=notes)
