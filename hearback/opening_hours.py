"""When the council's people are there: opening times of the week, closed on bank holidays. All in the council's own time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import holidays

from hearback import profile
from hearback.council_files import reading
from hearback.dates import LONDON, local
from hearback.settings import SettingsError
from hearback.watched import Watched

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
REGIONS = ("ENG", "WLS", "SCT", "NIR")
LONGEST_BREAK = 60  # days looked ahead


@dataclass(frozen=True)
class OpeningHours:
    """`times` are (from, to) by weekday, Monday 0; `closed` tells whether a date is a bank holiday."""

    times: dict[int, tuple[time, time]]
    closed: Any

    @classmethod
    @reading("profile.yml")
    def read(cls, council: dict[str, Any]) -> OpeningHours:
        """From `opening_times` ("09:00-17:00" by day) and `bank_holidays` of a council's profile."""
        times = {}
        for day, text in (council.get("opening_times") or {}).items():
            start, _, end = str(text).partition("-")
            try:
                times[WEEK.index(day)] = (time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
            except ValueError:
                raise SettingsError(
                    f'data/council/profile.yml: opening_times has {day}: {text}. Write it like monday: "09:00-17:00".'
                ) from None
        region = council.get("bank_holidays")
        if region not in (None, *REGIONS):
            raise SettingsError(f"data/council/profile.yml: bank_holidays is {region!r}: take one of {', '.join(REGIONS)}, or none.")
        return cls(times, holidays.country_holidays("GB", subdiv=region) if region else frozenset())

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.times and day not in self.closed

    def is_open(self, moment: datetime) -> bool:
        now = local(moment)
        if not self.is_working_day(now.date()):
            return False
        start, end = self.times[now.weekday()]
        return start <= now.time() < end

    def opened(self, moment: datetime) -> datetime | None:
        """When the doors opened that are open at `moment`; None while they are closed."""
        now = local(moment)
        return datetime.combine(now.date(), self.times[now.weekday()][0], LONDON) if self.is_open(moment) else None

    def next_opening(self, moment: datetime) -> datetime | None:
        """When the doors open next after `moment`; None when they never do."""
        now = local(moment)
        for day in self._working_days(now.date(), include=True):
            opens = datetime.combine(day, self.times[day.weekday()][0], LONDON)
            if opens > now:
                return opens
        return None

    def working_day_after(self, moment: datetime, days: int) -> date:
        """The date `days` working days after the day of `moment`, which is not counted."""
        today = local(moment).date()
        last = today + timedelta(days=days)
        for counted, day in enumerate(self._working_days(today), 1):
            last = day
            if counted == days:
                break
        return last

    def _working_days(self, today: date, *, include: bool = False) -> Iterator[date]:
        ahead = (today + timedelta(days=number) for number in range(0 if include else 1, LONGEST_BREAK))
        return (day for day in ahead if self.is_working_day(day))


_watched = Watched((profile.FOLDER / "profile.yml",), lambda: OpeningHours.read(profile.council()))


def opening_hours() -> OpeningHours:
    """The council's, as its profile is now."""
    return _watched.value()
