"""The council's retention schedule, `data/council/retention.yml`: how long what is kept where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from hearback.council_files import reading
from hearback.settings import ROOT, SettingsError
from hearback.watched import Watched

FILE = ROOT / "data" / "council" / "retention.yml"
WITH, OWN_DATE, KEPT = "with conversation", "by its own date", "kept"
TIME = re.compile(r"([1-9]\d{0,3}) (day|month|year)s?")
DAYS = {"day": 1.0, "month": 30.4375, "year": 365.25}
LONGEST = round(DAYS["year"] * 30)
# What can go after a time of its own, and after how many days at the soonest: less would take what is still in use.
TIMED = {
    "conversations.unheard": 31, "messages.words": 90, "photos.files": 30, "contacts.unused": 1, "phone_codes.rows": 1,
    "requests.report": 90, "mails.values": 90, "rasa_trackers.memory": 30, "staff_sessions.rows": 2, "api_tokens.unused": 30,
    "audit.rows": 365, "legal_holds.rows": 365, "erasure_orders.rows": 365, "retention_runs.rows": 30,
}  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """`says` is what the file says of each table and kind of data: {"messages": {"words": "24 months"}}."""

    says: Mapping[str, Mapping[str, str]]

    @cached_property
    def days(self) -> dict[str, int]:
        """Days by rule, like {"messages.words": 730}."""
        lines = ((f"{table}.{kind}", TIME.fullmatch(text)) for table, kinds in self.says.items() for kind, text in kinds.items())
        return {name: round(int(time[1]) * DAYS[time[2]]) for name, time in lines if time}


@reading("retention.yml")
def read(file: Path = FILE) -> Schedule:
    """Raises SettingsError with a sentence that says what is wrong where."""
    says = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(says, dict) or not all(isinstance(kinds, dict) and kinds for kinds in says.values()):
        raise _wrong("each table has lines of its own below it, like messages: and below it words: 24 months.")
    schedule = Schedule({table: {kind: " ".join(str(text).split()) for kind, text in kinds.items()} for table, kinds in says.items()})
    for table, kinds in schedule.says.items():
        for kind, text in kinds.items():
            _check(f"{table}.{kind}", text, schedule)
    if missing := sorted(set(TIMED) - set(schedule.days)):
        table, _, kind = missing[0].partition(".")
        raise _wrong(f'{table} says nothing of {kind}: write how long, like "24 months".')
    return schedule


def _check(name: str, text: str, schedule: Schedule) -> None:
    if name in TIMED:
        days = schedule.days.get(name)
        if days is None:
            raise _wrong(f'{name} is {text!r}: write a time like "30 days", "24 months" or "6 years".')
        if not TIMED[name] <= days <= LONGEST:
            raise _wrong(f"{name} is {text!r}: it must be {TIMED[name]} days or more, and 30 years or less.")
    elif text not in (WITH, OWN_DATE, KEPT):
        raise _wrong(f"{name} is {text!r}: nothing goes by a time there. Write {WITH!r}, {OWN_DATE!r} or {KEPT!r}.")


def _wrong(sentence: str) -> SettingsError:
    return SettingsError(f"data/council/retention.yml: {sentence}")


_watched = Watched((FILE,), read)


def schedule() -> Schedule:
    """The council's, as its file is now."""
    return _watched.value()


def described() -> list[dict[str, Any]]:
    """Every line of the schedule, in the file's order."""
    return [
        {"name": f"{table}.{kind}", "table": table, "kind": kind, "says": text, "days": schedule().days.get(f"{table}.{kind}")}
        for table, kinds in schedule().says.items()
        for kind, text in kinds.items()
    ]
