"""When citizens are asked whether it worked: `data/council/outcomes.yml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from hearback import profile
from hearback.dates import LONDON, local
from hearback.opening_hours import opening_hours
from hearback.settings import SettingsError
from hearback.watched import Watched

PATH = profile.FOLDER / "outcomes.yml"
SPAN = re.compile(r"^(\d{1,4}) (minute|hour|day)s?$")
DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """`after` by service code or subject, None where nobody is asked; `act_within` in working days."""

    at: time
    after: dict[str, timedelta | None]
    remind_after: timedelta
    give_up_after: timedelta
    act_within: int

    def ask_at(self, what: str, declared_at: datetime) -> datetime | None:
        """When to ask about a service or subject that was declared done then; None where it is never asked."""
        after = self.after.get(what, self.after[DEFAULT])
        if after is None:
            return None
        due = declared_at + after
        return due if after < timedelta(days=1) else self._at_the_hour(due)

    def remind_at(self, asked_at: datetime) -> datetime:
        return self._at_the_hour(asked_at + self.remind_after)

    def act_by(self, answered_at: datetime) -> datetime:
        """The end of the working day by which somebody must have acted on a "no"."""
        day = opening_hours().working_day_after(answered_at, self.act_within)
        return datetime.combine(day, time(17), LONDON).astimezone(answered_at.tzinfo)

    def _at_the_hour(self, moment: datetime) -> datetime:
        return datetime.combine(local(moment).date(), self.at, LONDON).astimezone(moment.tzinfo)


def read(path: Path = PATH) -> Asking:
    """Raises SettingsError with the name of what cannot be used."""
    given: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(given, dict) or not isinstance(given.get("ask"), dict) or DEFAULT not in given["ask"]:
        raise SettingsError("data/council/outcomes.yml: ask is missing, or has no default.")
    try:
        at = time.fromisoformat(str(given.get("at")))
    except ValueError:
        raise SettingsError(f'data/council/outcomes.yml: at is {given.get("at")}. Write it like at: "10:00".') from None
    within = given.get("answer_within")
    if type(within) is not int or within < 1:
        raise SettingsError(f"data/council/outcomes.yml: answer_within is {within}: give working days, like 2.")
    after = {str(what): _after(what, rule) for what, rule in given["ask"].items()}
    spans = {name: _span(name, given.get(name)) for name in ("remind_after", "give_up_after")}
    return Asking(at=at, after=after, act_within=within, **spans)


def _after(what: str, rule: Any) -> timedelta | None:
    if isinstance(rule, dict) and rule.get("never") is True:
        return None
    return _span(what, rule.get("after") if isinstance(rule, dict) else rule)


def _span(name: str, text: Any) -> timedelta:
    found = SPAN.match(str(text).strip())
    if found is None:
        raise SettingsError(f'data/council/outcomes.yml: {name} is {text}. Write it like "2 days".')
    return timedelta(**{f"{found[2]}s": int(found[1])})


_asking = Watched((PATH,), read)


def asking() -> Asking:
    """The file as it is now."""
    return _asking.value()
