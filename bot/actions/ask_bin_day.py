"""ask_bin_day: which bins are collected when, for an address."""

from __future__ import annotations

from backoffice.bins import Collection
from backoffice.errors import BackOfficeError, NotFound
from bot.actions.services import Services
from bot.actions.turn import CitizenAction, Events, Say, Turn, pick, set_slots
from hearback import profile

OFFERED, DAYS = 8, 3


class ValidateAskBinDayForm(CitizenAction):
    """Finds the household from a postcode or an address; several become choices."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        if turn.returning:
            return set_slots(requested_slot=turn.asked, households=turn.slots.get("households"))
        if turn.picked and turn.picked[0] == "household":
            return set_slots(household=turn.picked[1], requested_slot=None)
        if (
            turn.asked
            and turn.intent in {"cancel", "talk_to_person", "report_danger", "report_problem", "restart"}
            and turn.confidence > 0.5
        ):
            return []
        postcode = turn.entities.get("postcode")
        place = turn.entities.get("street") or turn.entities.get("place") or (turn.words if turn.asked else "")
        try:
            found = await self._households(services, postcode, place)
        except BackOfficeError:
            say("utter_bins_unavailable", phone=profile.council()["phone"])
            return set_slots(household=None, households=None, requested_slot=None)
        if len(found) == 1:
            return set_slots(household=found[0][0], requested_slot=None)
        if turn.asked and not found:
            say("utter_address_unknown")
        return set_slots(households=found[:OFFERED], requested_slot="household")

    async def _households(self, services: Services, postcode: str | None, place: str) -> list[tuple[str, str]]:
        if not postcode and not place:
            return []
        try:
            found = await services.bins.households(words=f"{place} {postcode or ''}".strip()) if place else []
            if not found and postcode:
                found = await services.bins.households(postcode=postcode)
        except NotFound:
            return []
        return [(one.uprn, one.address) for one in found]


class ActionAskAskBinDayFormHousehold(CitizenAction):
    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        households = turn.slots.get("households") or []
        if households:
            say("utter_ask_which_household", [(address, pick("household", uprn)) for uprn, address in households])
        else:
            say("utter_ask_household")


class ActionTellBinDay(CitizenAction):
    """The next collections, holidays counted in by the rounds system."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        cleared = set_slots(households=None, household=None)
        household = turn.slots.get("household")
        if household is None:
            return cleared
        try:
            coming = await services.bins.collections(household)
        except BackOfficeError:
            say("utter_bins_unavailable", phone=profile.council()["phone"])
            return cleared
        today = services.clock.now().date()
        days = _by_day([one for one in coming if one.on >= today and one.state == "due"])
        if days:
            say("utter_bin_day", listed="\n".join(days[:DAYS]))
        else:
            say("utter_bins_unavailable", phone=profile.council()["phone"])
        return cleared


def _by_day(coming: list[Collection]) -> list[str]:
    days: dict[str, list[str]] = {}
    for one in sorted(coming, key=lambda one: one.on):
        days.setdefault(f"{one.on:%A} {one.on.day} {one.on:%B}", []).append(one.container)
    return [f"{day}: {', '.join(containers)}" for day, containers in days.items()]
