"""When nobody is disturbed: between two times of the council's own clock, texts that answer nothing wait."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from hearback import profile
from hearback.council_files import reading
from hearback.dates import LONDON, local
from hearback.settings import SettingsError


@reading("profile.yml")
def read(council: dict[str, Any]) -> tuple[time, time]:
    """From `texts: quiet` of a council's profile, ["20:00", "08:00"]."""
    given: Any = (council.get("texts") or {}).get("quiet")
    try:
        start, end = (time.fromisoformat(one) for one in given)
    except (TypeError, ValueError):
        raise SettingsError(f'data/council/profile.yml: texts has quiet: {given}. Write it like quiet: ["20:00", "08:00"].') from None
    return start, end


def over(moment: datetime) -> datetime:
    """The moment itself, or when the quiet hours are over that it falls in."""
    start, end = read(profile.council())
    now = local(moment)
    quiet = start <= now.time() < end if start <= end else not end <= now.time() < start
    if not quiet:
        return moment
    day = now.date() + timedelta(days=1) if now.time() >= end else now.date()
    return datetime.combine(day, end, LONDON).astimezone(moment.tzinfo)
