"""ask_my_data: what the citizen wishes about the information we hold on them, written down for the team, answered within a month."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bot.actions.contact import WithContact
from bot.actions.task import Here
from bot.actions.turn import Events
from hearback import dates, profile

NOTHING = "nothing"
# The rights of the UK GDPR that people ask for by these words; the more drastic one stands first.
WISHES = {
    wish: re.compile(rf"\b(?:{words})", re.IGNORECASE)
    for wish, words in {
        "delete": r"delet|eras|remove|wipe|destroy|forget|forgotten|get rid",
        "correct": r"correct|wrong|rectif|update|amend|out of date|change my|misspel",
        "object": r"object|stop (?:using|sharing|selling|keeping)|don'?t (?:use|share|keep|want you)|opt out|marketing",
        "see": r"(?:copy|copies|access|d?sar|hold|held|have (?:\w+ )?(?:on|about)|got (?:\w+ )?on|know about)\b|"
        r"see (?:my|what|all|everything)\b|what (?:data|info\w*|details)\b",
    }.items()
}


@dataclass
class AskMyData(WithContact):
    """`wish` is see, correct, delete or object, or NOTHING when the privacy notice is enough."""

    name: ClassVar[str] = "ask_my_data"
    steps: ClassVar[tuple[str, ...]] = ("wish", "contact")
    wish: str | None = None
    words: str = ""

    async def begin(self, here: Here) -> None:
        self._hear(here)
        self.hear_contact(here)

    def _hear(self, here: Here) -> None:
        self.wish = next((wish for wish, words in WISHES.items() if words.search(here.turn.words)), None)
        self.words = "\n".join(part for part in (self.words, here.turn.words) if part)

    def missing(self, step: str, here: Here) -> bool:
        return super().missing(step, here) and self.wish != NOTHING

    async def ask_wish(self, here: Here) -> None:
        here.say("utter_ask_data_wish", privacy=profile.council()["privacy"])

    async def take_wish(self, here: Here) -> bool:
        self._hear(here)
        if self.wish is None and here.says_no:
            self.wish = NOTHING
        return self.wish is not None

    async def finish(self, here: Here) -> Events:
        if self.wish == NOTHING:
            here.say("utter_no_to_nothing")
            return []
        answer_by = month_after(dates.local(here.services.clock.now()).date())
        case, _ = await here.services.log.handovers.open(
            here.turn.conversation, key=f"{here.turn.key}:{self.name}", reason=self.name, contact_id=self.contact_id,
            details={"wish": self.wish, "words": self.words, "answer_by": answer_by.isoformat()},
        )  # fmt: skip
        here.say("utter_ask_my_data", reference=case.reference, day=here.day(answer_by))
        return []


def month_after(day: date) -> date:
    """The corresponding day of the next month, or its last: how the Information Commissioner counts."""
    year, month = day.year + day.month // 12, day.month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
