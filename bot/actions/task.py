"""A citizen task in hand: what is known so far, what to ask next, how an answer is taken, and what is done at the end."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar

from bot.actions.services import Services
from bot.actions.turn import Events, Say, Turn, set_slots
from hearback import dates, profile

SKIPPED = "skipped"
COMPLETED, ELSEWHERE, CANCELLED, HANDED_OVER, FAILED = "completed", "elsewhere", "cancelled", "handed_over", "failed"  # ends
SURE = 0.6
SKIP = re.compile(rf"^\W*(?:{profile.words_of('skip')})\W*$", re.IGNORECASE)
NO = re.compile(
    rf"^\W*(?:{profile.words_of('no')})(?:\s*[,;!]|\.(?!\s*\d)|\s+[-–]\s|(?:\W+(?:{profile.words_of('beside_no')}))*\W*$)", re.IGNORECASE
)
YES = re.compile(rf"^\W*(?:{profile.words_of('yes')})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Here:
    """A turn, the council's systems and the way to speak: what a task works with."""

    turn: Turn
    services: Services
    say: Say

    def day(self, moment: date | datetime) -> str:
        """A day as people say it, in the citizen's language: "Tuesday 3 November"."""
        return dates.day(moment, self.turn.language)

    @property
    def says_no(self) -> bool:
        return NO.match(self.turn.words) is not None or SKIP.match(self.turn.words) is not None or self.turn.means("deny")

    @property
    def says_yes(self) -> bool:
        return YES.match(self.turn.words) is not None or self.turn.means("affirm")


@dataclass
class Task(ABC):
    """The fields are JSON values and live in Rasa's slot `tasks` between turns; `steps` are asked in their order.

    A step `place` is asked by `ask_place` and answered by `take_place`, which returns whether the words were an answer.
    """

    name: ClassVar[str]  # the intent that begins it
    steps: ClassVar[tuple[str, ...]] = ()
    interrupts: ClassVar[bool] = True  # may begin in the middle of another task
    optional: ClassVar[bool] = False  # gives way to any other task
    misses: int = 0
    end: str = COMPLETED  # how it ended, for the journal

    async def begin(self, here: Here) -> None:  # noqa: B027  (not every task learns from the first sentence)
        """Take up what the citizen's first sentence says."""

    def missing(self, step: str, here: Here) -> bool:
        """Whether this step still needs an answer."""
        return getattr(self, step) is None

    async def next(self, here: Here) -> str | None:
        """The step to ask now, or None when everything is known."""
        return next((step for step in self.steps if self.missing(step, here)), None)

    async def ask(self, step: str, here: Here) -> Events:
        """Ask for a step; what `ask_<step>` returns are further Rasa events."""
        return list(await getattr(self, f"ask_{step}")(here) or ())

    async def take(self, step: str, here: Here) -> bool:
        return bool(await getattr(self, f"take_{step}")(here))

    async def pick(self, slot: str, value: str, here: Here) -> bool:
        """Take a choice of ours; False when it is none of this task's."""
        if slot not in self.steps:
            return False
        setattr(self, slot, value)
        return True

    def take_picture(self, url: str) -> bool:
        """Take a photo, whenever it comes; False where this task needs none."""
        return False

    async def correct(self, here: Here) -> bool:
        """Take "no, Mill Road": a new answer to an earlier question while another one stands."""
        return False

    def back(self, here: Here) -> None:
        """Take back the latest answer, so that its question comes again."""
        known = [step for step in self.steps if not self.missing(step, here)]
        if known:
            setattr(self, known[-1], None)

    def instead(self) -> str | None:
        """The task that this one turned out to be."""
        return None

    def another(self, here: Here) -> bool:
        """Whether the citizen, in whole words, begins another request instead of answering."""
        return here.turn.asks_for_more and here.turn.intent != self.name

    def carry(self, earlier: Task) -> None:  # noqa: B027  (most tasks begin from the sentence alone)
        """Take up what was said while this was thought to be another task."""

    def follow_up(self) -> Task | None:
        """What the citizen may do next, where nothing else waits."""
        return None

    @property
    def code(self) -> str | None:
        """The Open311 service that it is about."""
        return None

    @abstractmethod
    async def finish(self, here: Here) -> Events:
        """Do what the citizen wanted and say so; returns further Rasa events."""

    def kept(self) -> dict[str, Any]:
        return {"task": self.name, **asdict(self)}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Task:
        names = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in names})


def task_slots(kept: list[dict[str, Any]]) -> Events:
    """The tasks in hand as Rasa events; the form asks on while there are any."""
    return set_slots(tasks=kept or None, requested_slot="answer" if kept else None)
