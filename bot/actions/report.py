"""A report in the making: what is known, what comes next, and how it is shown and sent. No words of its own, no calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backoffice.catalogue import Entry
from backoffice.records import Attribute
from bot.actions.turn import Events, set_slots

SKIPPED = "skipped"
NO_PHOTO = "none"
NO_CONTACT = "none"
FIXED_SERVICE = {
    "report_missed_bin": "MISSEDBIN",
    "order_bin": "NEWBIN",
    "book_bulky_waste": "BULKY",
    "report_repair": "REPAIR",
}


def day_of(moment: str) -> str:
    """The day of an ISO 8601 time as people write it: "3 November 2026"."""
    day = datetime.fromisoformat(moment)
    return f"{day.day} {day:%B %Y}"


@dataclass
class Report:
    """The slots of report_problem_form. `details` maps an attribute's code to its value, or to SKIPPED."""

    service: str | None = None
    offered: list[str] = field(default_factory=list)
    description: str = ""
    place: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    photo: str | None = None
    contact: str | None = None
    check: str | None = None
    misses: int = 0

    @classmethod
    def of(cls, slots: dict[str, Any]) -> Report:
        return cls(
            service=slots.get("service"),
            offered=list(slots.get("offered") or ()),
            description=slots.get("description") or "",
            place=slots.get("place"),
            details=dict(slots.get("details") or {}),
            photo=slots.get("photo"),
            contact=slots.get("contact"),
            check=slots.get("check"),
            misses=int(slots.get("misses") or 0),
        )

    def events(self, asked: str | None) -> Events:
        """The slots as Rasa events; `asked` is the next question, None when there is none left."""
        return set_slots(
            service=self.service, offered=self.offered, description=self.description or None, place=self.place, details=self.details,
            photo=self.photo, contact=self.contact, check=self.check, misses=self.misses, requested_slot=asked,
        )  # fmt: skip

    def question(self, entry: Entry | None) -> Attribute | None:
        """The next question of the service's definition that has no answer yet."""
        asked = (one for one in entry.attributes if one.variable) if entry else iter(())
        return next((one for one in asked if one.code not in self.details), None)

    def next(self, entry: Entry | None) -> str | None:
        """The slot to ask for now."""
        if self.service is None or entry is None:
            return "service"
        if self.place is None:
            return "place"
        if self.question(entry):
            return "details"
        for slot in ("photo", "contact", "check"):
            if getattr(self, slot) is None:
                return slot
        return None

    def back(self, entry: Entry | None) -> None:
        """Take back the latest answer, so that its question comes again."""
        self.check, self.misses = None, 0
        if self.contact is not None:
            self.contact = None
        elif self.photo is not None:
            self.photo = None
        elif self.details:
            self.details.popitem()
        elif self.place is not None:
            self.place = None
        else:
            self.service = None

    def attributes(self) -> dict[str, Any]:
        return {code: value for code, value in self.details.items() if value != SKIPPED}

    def shown_details(self, entry: Entry) -> list[tuple[str, str]]:
        """(question, answer) pairs as the citizen gave them."""
        shown = []
        for one in entry.attributes:
            value = self.details.get(one.code)
            if value in (None, SKIPPED):
                continue
            names = dict(one.values)
            values = value if isinstance(value, list) else [value]
            said = [day_of(each) if one.datatype == "datetime" else names.get(each, str(each)) for each in values]
            shown.append((one.question, ", ".join(said)))
        return shown

    def sent(self) -> dict[str, Any]:
        """What the back office gets."""
        return {
            "description": self.description,
            "address": self.place,
            "attributes": self.attributes(),
            "media_url": self.photo if (self.photo or "").startswith("http") else None,
        }
