"""find_support: partners who help, from the council's Open Referral directory."""

from __future__ import annotations

from backoffice.directory import Support
from backoffice.errors import BackOfficeError
from bot.actions.services import Services
from bot.actions.turn import CitizenAction, Say, Turn
from hearback import profile


class ActionFindSupport(CitizenAction):
    """Up to three services near the need, how to reach them, and who runs them."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        phone = profile.council()["phone"]
        try:
            found = await services.directory.search(turn.words)
        except BackOfficeError:
            say("utter_support_unavailable", phone=phone)
            return
        if not found:
            say("utter_no_support", phone=phone)
            return
        say("utter_support", listed="\n".join(_line(one) for one in found), names=_names(found))


def _line(one: Support) -> str:
    ways = ", ".join(way for way in (one.phone, one.email, one.url) if way)
    return "\n".join(part for part in (f"{one.name} ({one.organization})" if one.organization else one.name, one.when, ways) if part)


def _names(found: list[Support]) -> str:
    return "\n".join(f"{one.name}: {one.phone or one.email or one.url or ''}" for one in found)
