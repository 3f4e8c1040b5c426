"""Days and times in a citizen's words and language."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

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
    written = str(format_date(on, PATTERNS.get(language, PATTERNS["en"]), locale=language if language in PATTERNS else "en"))
    return written[0].lower() + written[1:] if language == "cy" else written  # in the middle of a Welsh sentence


def full_day(moment: date | datetime, language: str = "en") -> str:
    """ "3 November 2026" in one of our languages."""
    on = local(moment).date() if isinstance(moment, datetime) else moment
    return str(format_date(on, "d MMMM yyyy", locale=language if language in PATTERNS else "en"))


def hour(moment: datetime, language: str = "en") -> str:
    """ "9am" or "9:30am" in English, "09:30" in our other languages."""
    at = local(moment)
    pattern = ("h:mma" if at.minute else "ha") if language not in {"cy", "pl"} else "HH:mm"
    return str(format_time(at.time(), pattern, locale="en_GB"))
