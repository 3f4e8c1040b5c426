"""A report in the making: what, where, the questions of the service's definition, photo, contact, check. Sent by `sending`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from backoffice.catalogue import Entry
from backoffice.records import Attribute
from bot.actions import answers
from bot.actions.sending import send
from bot.actions.task import CANCELLED, SKIP, SKIPPED, Here, Task
from bot.actions.turn import Events, pick
from hearback import dates, profile

NO_PHOTO = "none"
NO_CONTACT = "none"
HERE = "here"
CORRECTION = re.compile(
    r"^\W*(?:no|nope|nah|sorry|actually|wait|i meant|i mean|correction|not|oops|change(?: it to| that to)?)\b[\s,.:-]*", re.IGNORECASE
)
DONE = "done"
ONLY_DONE = re.compile(
    rf"(?:\W*\b(?:just|please|ok|yes)\b\W*)*\b(?:{profile.words_of('only_done')})(?:\W*\b(?:please|thanks)\b)*", re.IGNORECASE
)
URL = re.compile(r"https?://\S+")


@dataclass
class Report(Task):
    """`details` maps an attribute's code to its value, or to SKIPPED. `changing` while the citizen picks what to change."""

    steps: ClassVar[tuple[str, ...]] = ("details", "photo", "contact", "check")
    service: str | None = None
    description: str = ""
    place: str | None = None
    lat: float | None = None
    long: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    photo: str | None = None
    contact: str | None = None
    hears: str = "all"  # or done: of the end only
    check: str | None = None
    changing: bool = False

    @property
    def code(self) -> str | None:
        return self.service

    def entry(self, here: Here) -> Entry | None:
        return here.services.catalogue.get(self.service)

    def question(self, entry: Entry | None) -> Attribute | None:
        """The next question of the service's definition that has no answer yet."""
        asked = (one for one in entry.attributes if one.variable) if entry else iter(())
        return next((one for one in asked if one.code not in self.details), None)

    def missing(self, step: str, here: Here) -> bool:
        if step == "details":
            return self.question(self.entry(here)) is not None
        return super().missing(step, here)

    def back(self, here: Here) -> None:
        self.check, self.misses, self.changing = None, 0, False
        for step in reversed([step for step in self.steps if step != "check"]):
            if step == "details":
                if self.details:
                    self.details.popitem()
                    return
            elif getattr(self, step) is not None:
                setattr(self, step, None)
                return

    def fill(self, here: Here) -> None:
        """Take answers to the definition's questions from what was said already, where only one value is named by its own words."""
        entry = self.entry(here)
        for one in entry.attributes if entry else ():
            if one.variable and one.datatype == "singlevaluelist" and one.code not in self.details:
                named = answers.named(one.values, self.description)
                if len(named) == 1:
                    self.details[one.code] = named[0]

    # The questions of the service's definition, in the council's own words.

    async def ask_details(self, here: Here) -> None:
        question = self.question(self.entry(here))
        if question is None:
            return
        optional = "" if question.required else "_optional"
        said = {"question": question.question, "hint": f" ({question.hint.rstrip('.')})" if question.hint else ""}
        if question.datatype == "multivaluelist":
            listed = "\n".join(f"{at}. {name}" for at, (_, name) in enumerate(question.values, 1))
            here.say(f"utter_ask_details_several{optional}", values=listed, **said)
            return
        single = question.datatype == "singlevaluelist"
        choices = [(name, pick(f"detail-{question.code}", key)) for key, name in question.values] if single else []
        here.say(f"utter_ask_details{optional}", choices, **said)

    async def take_details(self, here: Here) -> bool:
        question = self.question(self.entry(here))
        if question is None:
            return True
        if not question.required and SKIP.match(here.turn.words):
            self.details[question.code] = SKIPPED
            return True
        if question.datatype not in {"text", "string"} and (here.turn.turns_aside(sure=0.8) or self.another(here)):
            return False
        if here.turn.turns_aside(sure=0.9) and here.turn.words.rstrip().endswith("?"):
            return False
        if not question.required and here.turn.means("deny"):
            self.details[question.code] = SKIPPED
            return True
        try:
            self.details[question.code] = answers.read(question, here.turn.words, here.services.clock.now())
        except answers.NotAnAnswer:
            return False
        return True

    async def ask_photo(self, here: Here) -> None:
        here.say("utter_ask_photo")

    def take_picture(self, url: str) -> bool:
        self.photo = url
        return True

    async def take_photo(self, here: Here) -> bool:
        if link := URL.search(here.turn.words):
            self.photo = link.group()
        elif here.says_no:
            self.photo = NO_PHOTO
        return self.photo is not None

    async def ask_contact(self, here: Here) -> None:
        here.say("utter_ask_contact")

    async def take_contact(self, here: Here) -> bool:
        if only_done := ONLY_DONE.search(here.turn.words) is not None:
            self.hears = DONE
        if here.turn.contacts:
            self.contact = str(here.turn.contacts[0])
        elif only_done:
            self.contact = HERE
        elif here.says_no:
            self.contact = NO_CONTACT
        elif here.says_yes:
            self.contact = HERE if here.turn.channel != "web" else None
        return self.contact is not None

    # The check before sending, and changing one answer from there.

    async def ask_check(self, here: Here) -> None:
        entry = self.entry(here)
        if entry is None:
            return
        if self.changing:
            here.say("utter_ask_change", [(title, pick("change", value)) for value, title in self.changeable(entry, here)])
            return
        details = "".join(f"\n{question} {answer}" for question, answer in self.shown_details(entry, here))
        here.say("utter_ask_check", service=entry.service.name, place=self.place or "", details=details)

    async def take_check(self, here: Here) -> bool:
        entry = self.entry(here)
        if self.changing and entry:
            if len(keys := answers.keys_of(self.changeable(entry, here), here.turn.words)) == 1:
                return self.change(keys[0])
            return False
        if here.says_yes:
            self.check = "send"
        elif here.says_no:
            self.changing = True
        else:
            return False
        return True

    def changeable(self, entry: Entry, here: Here) -> list[tuple[str, str]]:
        """(value, title) pairs of what can be changed before sending; the questions are the council's own words."""
        return [(f"detail-{one.code}", one.question) for one in entry.attributes if one.code in self.details]

    def change(self, value: str) -> bool:
        self.changing, self.check = False, None
        if value.startswith("detail-"):
            self.details.pop(value.removeprefix("detail-"), None)
        elif value in self.steps:
            setattr(self, value, None)
        return True

    def shown_details(self, entry: Entry, here: Here) -> list[tuple[str, str]]:
        """(question, answer) pairs as the citizen gave them."""
        shown = []
        for one in entry.attributes:
            value = self.details.get(one.code)
            if value in (None, SKIPPED):
                continue
            names = dict(one.values)
            values = value if isinstance(value, list) else [value]
            dated = one.datatype == "datetime"
            said = [dates.full_day(dates.moment(each), here.turn.language) if dated else names.get(each, str(each)) for each in values]
            shown.append((one.question, ", ".join(said)))
        return shown

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        if slot == "change":
            return self.change(value)
        if (slot, value) == ("contact", DONE):
            self.contact, self.hears = HERE, DONE
            return True
        if slot.startswith("detail-"):
            entry = self.entry(here)
            code = slot.removeprefix("detail-")
            if entry is None or code not in {one.code for one in entry.attributes}:
                return False
            self.details[code], self.check = value, None
            return True
        return await super().pick(slot, value, here)

    async def correct(self, here: Here) -> bool:
        """ "Actually it's larger": another value of a list question that was answered before."""
        if self.contact not in {None, NO_CONTACT} and self.hears != DONE and ONLY_DONE.fullmatch(here.turn.words.strip(" .!")):
            self.hears = DONE
            here.say("utter_hears_done")
            return True
        entry, opening = self.entry(here), CORRECTION.match(here.turn.words)
        if entry is None or opening is None or self.changing:
            return False
        said = here.turn.words[opening.end() :]
        current = self.question(entry)
        for one in entry.attributes:
            if one.code in self.details and one != current and one.datatype == "singlevaluelist":
                keys = answers.named(one.values, said)
                if len(keys) == 1 and keys[0] != self.details[one.code]:
                    self.details[one.code], self.check = keys[0], None
                    here.say("utter_answer_changed", answer=dict(one.values)[keys[0]])
                    return True
        return False

    def another(self, here: Here) -> bool:
        """The same kind of request again is an answer that names its subject: "it's a really big pothole"."""
        service = here.turn.services[0][0] if here.turn.services else self.service
        return here.turn.asks_for_more and (here.turn.intent != self.name or service != self.service)

    def carry(self, earlier: Task) -> None:
        if isinstance(earlier, Report):
            self.description = self.description or earlier.description

    def sent(self) -> dict[str, Any]:
        """What the back office gets."""
        return {
            "description": self.description,
            "address": self.place,
            "lat": self.lat,
            "long": self.long,
            "attributes": {code: value for code, value in self.details.items() if value != SKIPPED},
            "media_url": self.photo if (self.photo or "").startswith("http") else None,
        }

    async def finish(self, here: Here) -> Events:
        entry = self.entry(here)
        if entry is None or self.check != "send":
            here.say("utter_cancelled")
            self.end = CANCELLED
            return []
        contact_id = int(self.contact) if self.contact and self.contact.isdigit() else None
        updates = self.contact not in {None, NO_CONTACT}
        return await send(here, self, entry.service, self.sent(), contact_id=contact_id, updates=updates, hears=self.hears)
