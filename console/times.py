"""Moments in words, in UK time as GOV.UK writes it: "today at 2:05pm"."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")


def at(moment: datetime, now: datetime) -> str:
    """The moment as seen from `now`: today, yesterday, a weekday of the last days, or the date."""
    local, today = moment.astimezone(UK), now.astimezone(UK).date()
    days = (today - local.date()).days
    if days == 0:
        day = "today"
    elif days == 1:
        day = "yesterday"
    elif days == -1:
        day = "tomorrow"
    elif 1 < days < 7:
        day = f"{local:%A}"
    else:
        day = f"{local.day} {local:%B %Y}"
    return f"{day} at {clock_time(moment)}"


def clock_time(moment: datetime) -> str:
    local = moment.astimezone(UK)
    if (local.hour, local.minute) in {(0, 0), (12, 0)}:
        return "midday" if local.hour else "midnight"
    return f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def day(moment: datetime) -> str:
    """The day in full: "1 November 2026"."""
    local = moment.astimezone(UK)
    return f"{local.day} {local:%B %Y}"


def in_full(moment: datetime) -> str:
    """With weekday, date and seconds, for a tooltip."""
    local = moment.astimezone(UK)
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M:%S}"


def since(moment: datetime, now: datetime) -> str:
    """How long ago, roughly: "12 minutes"."""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {word}{'' if number == 1 else 's'}"
    return "less than a minute"
