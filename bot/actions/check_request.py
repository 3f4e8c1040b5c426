"""check_request: where a report stands, in the back office's own words."""

from __future__ import annotations

from backoffice.errors import BackOfficeError, NotFound
from bot.actions.services import Services
from bot.actions.turn import CitizenAction, Events, Say, Turn, pick, set_slots

SHOWN = 3


class ActionCheckRequest(CitizenAction):
    """By reference, or the citizen's own reports: of this conversation, or of the same phone number."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        picked = turn.picked
        reference = picked[1] if picked and picked[0] == "reference" else turn.entities.get("reference")
        if reference is None:
            own = [request for request in await services.log.requests.of_citizen(turn.conversation) if request.state != "refused"]
            known = [request for request in own if request.reference]
            if not own:
                say("utter_ask_reference")
                return []
            if not known:
                say("utter_request_kept_for_later")
                return []
            if len(known) > 1:
                named = [(f"{one.reference} {one.service_name}", pick("reference", str(one.reference), "check_request")) for one in known]
                say("utter_ask_which_request", named[:SHOWN])
                return []
            reference = str(known[0].reference)
        await self._tell(say, reference, services)
        return set_slots(reference=reference)

    async def _tell(self, say: Say, reference: str, services: Services) -> None:
        try:
            request = await services.open311.request(reference)
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
            day = f"{request.expected_at:%A} {request.expected_at.day} {request.expected_at:%B}"
            say("utter_request_open_until", reference=reference, service=name, notes=notes, day=day)
        else:
            say("utter_request_open", reference=reference, service=name, notes=notes)
