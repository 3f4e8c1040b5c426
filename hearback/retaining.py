"""`hearback retention`: what would go today by the council's schedule, and what waits to be confirmed."""

from __future__ import annotations

import sys

from engagement.database import Database, LogUnavailable
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.privacy.retention import MOST_COUNTED
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.retention import schedule
from hearback.settings import Settings


async def show(settings: Settings) -> int:
    """Print a line for each rule; nothing goes, for that is done once a day by the doors."""
    days = schedule().days
    database = Database(settings.database_url)
    log = EngagementLog(database, shared_clock(settings.home, settings.time_scale), load_keys(settings.home))
    try:
        await upgrade(database)
        due = await log.retention.due(days)
    except LogUnavailable as error:
        print(f"The database cannot be read ({error}).", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        await log.close()
    for one in due:
        count = f"{one.count}{' or more' if one.count == MOST_COUNTED else ''}"
        oldest = f", the oldest of {one.oldest:%d.%m.%Y}" if one.oldest else ""
        waits = "; waits to be confirmed in the console" if one.waits else ""
        print(f"{one.name:24} after {one.days:5} days: {count} would go{oldest}{waits}")  # noqa: T201
    return 0
