"""Where it is: the citizen's own words, and the point that the council's gazetteer knows for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from backoffice.errors import BackOfficeError
from backoffice.places import Spot
from bot.actions import answers
from bot.actions.report import CORRECTION, Report
from bot.actions.task import COMPLETED, ELSEWHERE, SKIP, SURE, YES, Here
from bot.actions.turn import pick

OFFERED = 6
FEW_WORDS = 5  # a short answer may be a street's name without "street" in it: "Westway"
LONGEST = 200


@dataclass
class AtPlace(Report):
    """`place` is in the citizen's words, `street` as the gazetteer writes it; without a point the words must do.

    `spoken` are the words while the street is still chosen from `streets`, (title, postcode, lat, long) each.
    `elsewhere` is (name, website) of the council that the place belongs to, when it is not ours.
    """

    steps: ClassVar[tuple[str, ...]] = ("place", *Report.steps)
    street: str = ""
    spoken: str = ""
    streets: list[list[Any]] | None = None
    elsewhere: list[str] | None = None
    given_up: bool = False

    async def find_place(self, here: Here, words: str | None) -> bool:
        """Take up where it is from `words`, a shared location or a town that is not ours; whether anything was said of it."""
        turn, council = here.turn, here.services.councils
        postcode = turn.entities.get("postcode")
        elsewhere = await council.elsewhere(postcode=postcode, point=turn.location, words=turn.words)
        if not words and not turn.location and not elsewhere:
            return False
        self.forget_place()
        if elsewhere:
            self.elsewhere = [elsewhere.name, elsewhere.website]
            return True
        spots = await self._spots(here, words or "", postcode)
        if turn.location:
            self.place, (self.lat, self.long) = words or self._named(spots, turn.location), turn.location
            self.street = spots[0].street if spots else ""
            if spots and not words:
                here.say("utter_place_near", place=spots[0].title)
        elif len(spots) > 1:
            self.spoken = words or ""
            self.streets = [[spot.title, spot.postcode, *spot.point] for spot in spots[:OFFERED]]
        else:
            self.place, self.street = words, turn.entities.get("street", "")
            for spot in spots:
                self.street, (self.lat, self.long) = spot.street, spot.point
        return True

    @staticmethod
    def _named(spots: list[Spot], point: tuple[float, float]) -> str:
        return spots[0].title if spots else f"{point[0]:.5f}, {point[1]:.5f}"

    async def _spots(self, here: Here, words: str, postcode: str | None) -> list[Spot]:
        """What the gazetteer knows of a place, several where the words do not tell them apart; nothing when it is away."""
        gazetteer, street = here.services.gazetteer, here.turn.entities.get("street")
        try:
            if here.turn.location:
                spot = await gazetteer.nearest(here.turn.location)
                return [spot] if spot else []
            for asked in asked_for(words, street):
                if found := await gazetteer.find(f"{asked} {postcode or ''}".strip()):
                    return found
            return (await gazetteer.in_postcode(postcode))[:1] if postcode else []
        except BackOfficeError:
            return []

    def forget_place(self) -> None:
        self.end = COMPLETED
        self.place = self.lat = self.long = self.streets = self.elsewhere = None
        self.street = self.spoken = ""

    async def ask_place(self, here: Here) -> None:
        if self.elsewhere:
            council, website = self.elsewhere
            self.end = ELSEWHERE  # where nothing follows on this
            here.say("utter_place_elsewhere" if council else "utter_place_outside", council=council, website=website)
        elif self.streets:
            here.say("utter_ask_which_street", [(one[0], pick("place", str(at))) for at, one in enumerate(self.streets)])
        else:
            here.say("utter_ask_place")

    async def take_place(self, here: Here) -> bool:
        entities, words = here.turn.entities, here.turn.words.strip()
        if self.streets and await self._take_street(here):
            return True
        place = entities.get("place") or entities.get("postcode")
        if self.spoken and place == entities.get("postcode"):
            return await self.find_place(here, f"{self.spoken}, {place}")
        if place or here.turn.location:
            whole = words[:LONGEST] if place and len(words) < 80 else place
            return await self.find_place(here, whole)
        if self.elsewhere and (here.says_no or here.turn.means("thanks", "goodbye")):
            self.given_up = True
            return True
        if here.turn.turns_aside(sure=SURE):
            return False
        if len(words) < 3 or SKIP.match(words) or YES.match(words) or not re.search(r"[a-zA-Z]{3}", words):
            return False
        return await self.find_place(here, words[:LONGEST])

    async def _take_street(self, here: Here) -> bool:
        """ "The AD4 one", or its whole postcode; another street is another answer."""
        titles, street = [one[0] for one in self.streets or ()], here.turn.entities.get("street", "")
        if not any(street.lower() in title.lower() for title in titles):
            return False
        named = answers.keys_of([(title, title) for title in titles], here.turn.entities.get("postcode") or here.turn.words)
        return len(named) == 1 and await self.pick("place", str(titles.index(named[0])), here)

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot != "place":
            return await super().pick(slot, value, here)
        if not self.streets or not value.isdigit() or int(value) >= len(self.streets):
            return False
        (title, postcode, lat, long), spoken = self.streets[int(value)], self.spoken
        self.forget_place()
        self.place, self.lat, self.long = ", ".join(part for part in (spoken, postcode) if part), lat, long
        self.street = title.removesuffix(f", {postcode}")
        return True

    async def correct(self, here: Here) -> bool:
        """ "No, Mill Road", or a shared location: a new place while another question stands."""
        turn, before = here.turn, self.place
        place, step = turn.entities.get("place"), await self.next(here)
        if before is None or step == "place":
            return await super().correct(here)
        corrects = CORRECTION.match(turn.words) is not None
        outside = corrects and await here.services.councils.elsewhere(words=turn.words)
        named = place and (corrects or (turn.means("inform", "deny", sure=0.6) and step != "details"))
        if not (turn.location or outside or named):
            return await super().correct(here)
        await self.find_place(here, corrected_place(before, place, turn.entities.get("street")) if place else None)
        if self.place and place:
            here.say("utter_place_changed", place=self.place)
        return True

    def change(self, value: str) -> bool:
        if value == "place":
            self.forget_place()
        return super().change(value)

    async def next(self, here: Here) -> str | None:
        if self.given_up:
            return None
        return "place" if self.elsewhere else await super().next(here)


def asked_for(words: str, street: str | None) -> list[str]:
    """What to ask the gazetteer for, best first: the street with its house, the street's last two words, a short answer itself."""
    if not street:
        return [words] if 0 < len(words.split()) <= FEW_WORDS else []
    house = re.search(rf"\b\d{{1,4}}[a-z]?\s+{re.escape(street)}", words, re.IGNORECASE)
    asked = house.group() if house else street
    short = " ".join(street.split()[-2:])
    return list(dict.fromkeys([asked, short]))


def corrected_place(before: str, now: str, street: str | None) -> str:
    """The new place; where only a street's name is new, the house and the words around it stay and the old postcode goes."""
    if street is None or now.strip() != street.strip() or re.match(r"\d", street):
        return now
    kept = re.match(r"^(.*?\d{1,4}[a-zA-Z]?)\s", before)
    return f"{kept[1]} {street}" if kept and not re.match(r"^\W*$", kept[1]) else street
