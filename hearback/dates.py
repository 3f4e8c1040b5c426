"""Days and times in a citizen's words and language."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

LONDON = ZoneInfo("Europe/London")
PATTERNS = {"en": "EEEE d MMMM", "cy": "EEEE d MMMM", "pl": "EEEE, d MMMM"}


def local(moment: datetime) -> datetime:
    """A moment as clocks in the council's area show it."""
    return moment.astimezone(LONDON)


def moment(text: str) -> datetime:
    """An ISO 8601 time."""
    return datetime.fromisoformat(text)


def day(moment: date | datetime, language: str = "en") -> str:
    """ "Tuesday 3 November" in one of our languages."""
    on = local(moment).date() if isinstance(moment, datetime) else moment
    return str(format_date(on, PATTERNS.get(language, PATTERNS["en"]), locale=language if language in PATTERNS else "en"))


def full_day(moment: date | datetime, language: str = "en") -> str:
    """ "3 November 2026" in one of our languages."""
    on = local(moment).date() if isinstance(moment, datetime) else moment
    return str(format_date(on, "d MMMM yyyy", locale=language if language in PATTERNS else "en"))


def clock_time(moment: datetime) -> str:
    """ "5pm" or "4:30pm", as clocks in the council's area show it."""
    at = local(moment)
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'pm' if at.hour >= 12 else 'am'}"
