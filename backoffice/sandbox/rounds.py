"""When which bin is emptied: refuse and recycling in turns, food every week, garden waste with recycling from March to November."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from backoffice.sandbox.addresses import Household

DATA = Path(__file__).with_name("bin_rules.yml")
FIRST_WEEK_A = date(2024, 1, 1)
CONTAINERS = ("refuse", "recycling", "garden", "food")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Collection:
    on: date
    container: str


class Rounds:
    """The rules of bin_rules.yml, which are also in `rules`."""

    def __init__(self) -> None:
        self.rules: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
        self._holidays = {date.fromisoformat(f"{year}-{day}") for year, days in self.rules["bank_holidays"].items() for day in days}

    def working(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self._holidays

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start`, up to and with `end`."""
        return sum(self.working(start + ONE_DAY * count) for count in range(1, (end - start).days + 1))

    def collected_on(self, monday: date, weekday: int) -> date:
        """The day on which a weekday's round runs: a day later for each bank holiday that is in the week up to then."""
        usual = day = monday + ONE_DAY * weekday
        while True:
            holidays = sum(monday + ONE_DAY * count in self._holidays for count in range((day - monday).days + 1))
            if usual + ONE_DAY * holidays == day:
                return day
            day = usual + ONE_DAY * holidays

    def collections(self, home: Household, first: date, last: date) -> list[Collection]:
        """All of a household's collections from `first` to `last`, both included, in order of days."""
        monday = first - timedelta(days=first.weekday() + 7)
        found = [item for week in _weeks(monday, last) for item in self._week(home, week)]
        return sorted((item for item in found if first <= item.on <= last), key=lambda item: (item.on, CONTAINERS.index(item.container)))

    def _week(self, home: Household, monday: date) -> list[Collection]:
        on, week = self.collected_on(monday, home.day), "AB"[(monday - FIRST_WEEK_A).days // 7 % 2]
        if week == home.week:
            containers = ["refuse", "food"]
        else:
            containers = ["recycling", "food"]
            if not home.shared_bins and on.month in self.rules["garden_months"]:
                containers.append("garden")
        return [Collection(on, container) for container in containers]

    def bulky_slots(self, today: date) -> list[dict[str, object]]:
        """The next ten working days from three working days on, mornings and afternoons, with made-up numbers of free places."""
        days = [day for day in (today + ONE_DAY * count for count in range(1, 40)) if self.working(day)][2:12]
        return [
            {"date": day.isoformat(), "period": period, "places": (day.toordinal() * 7 + len(period) * place) % 6}
            for day in days
            for place, period in enumerate(("morning", "afternoon"), 1)
        ]


def _weeks(monday: date, last: date) -> Iterator[date]:
    while monday <= last:
        yield monday
        monday += timedelta(days=7)
