"""When the council's people are there, with bank holidays and summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hearback import dates, profile
from hearback.opening_hours import OpeningHours

HOURS = OpeningHours.read(profile.council())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=dates.LONDON)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24T09:00", True),
        ("2026-11-24T08:59", False),
        ("2026-11-24T16:59", True),
        ("2026-11-24T17:00", False),
        ("2026-11-28T11:00", False),  # Saturday
        ("2026-12-25T11:00", False),
        ("2026-12-28T11:00", False),  # Boxing Day is a Saturday, so this Monday is closed
        ("2026-12-29T11:00", True),
        ("2027-03-29T11:00", False),  # Easter Monday
    ],
)
def test_the_doors_are_open_in_the_week_and_closed_on_bank_holidays(moment: str, is_open: bool) -> None:
    assert HOURS.is_open(at(moment)) is is_open


def test_hours_are_those_of_the_council_s_clocks_in_summer_too() -> None:
    assert HOURS.is_open(datetime(2026, 7, 1, 8, 30, tzinfo=UTC)) and not HOURS.is_open(datetime(2026, 7, 1, 16, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-24T07:00", "2026-11-24T09:00"),
        ("2026-11-24T12:00", "2026-11-25T09:00"),
        ("2026-11-27T17:30", "2026-11-30T09:00"),
        ("2026-12-24T18:00", "2026-12-29T09:00"),
    ],
)
def test_the_next_opening_skips_nights_weekends_and_holidays(moment: str, opens: str) -> None:
    assert HOURS.next_opening(at(moment)) == at(opens)


def test_working_days_are_counted_from_the_day_after() -> None:
    assert HOURS.working_day_after(at("2026-11-24T10:00"), 3) == date(2026, 11, 27)
    assert HOURS.working_day_after(at("2026-12-23T10:00"), 3) == date(2026, 12, 30)
    assert HOURS.working_day_after(at("2026-11-28T10:00"), 1) == date(2026, 11, 30)


def test_a_council_that_never_opens_has_no_next_opening() -> None:
    never = OpeningHours.read({"bank_holidays": "WLS"})
    assert never.next_opening(at("2026-11-24T10:00")) is None and not never.is_open(at("2026-11-24T10:00"))


def test_days_closed_come_from_the_council_s_own_nation() -> None:
    scottish = OpeningHours.read({**profile.council(), "bank_holidays": "SCT"})
    assert not scottish.is_open(at("2026-11-30T10:00")) and HOURS.is_open(at("2026-11-30T10:00"))


def test_hours_are_said_as_people_say_them() -> None:
    assert [dates.hour(at(f"2026-11-24T{text}")) for text in ("09:00", "12:30", "17:00")] == ["9am", "12:30pm", "5pm"]
    assert dates.hour(at("2026-07-01T09:00"), "pl") == "09:00"
