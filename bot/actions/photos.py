"""A photo that came before anything was said of it: kept for the report that it belongs to."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.actions.task import Here
from bot.actions.turn import Events, set_slots

GOOD_FOR = timedelta(hours=1)


def kept(url: str, here: Here) -> Events:
    """Keep a photo for what the citizen says next."""
    return set_slots(photo={"url": url, "at": here.services.clock.now().isoformat()})


def recalled(here: Here) -> str | None:
    """The photo that came a moment ago."""
    before = here.turn.slots.get("photo")
    if not before or here.services.clock.now() - datetime.fromisoformat(before["at"]) > GOOD_FOR:
        return None
    return str(before["url"])
