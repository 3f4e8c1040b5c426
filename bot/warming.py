"""The first turn of a process reads models from the disk and takes seconds: this one is nobody's."""

from __future__ import annotations

import ctypes
import gc
from typing import Any

from bot import connector
from bot.needs import needs_of

NOBODY = "warming-up"
SAID = "hello, there is a deep pothole in my street, and my bin was not emptied"


async def warm_up(processor: Any) -> None:
    """A greeting that nobody hears, through understanding, prediction and wording; no action runs and nothing of it is kept."""
    out, body = connector.Replies("web"), {"text": "hello"}
    try:
        tracker = await processor.fetch_tracker_and_update_session(NOBODY, out, {})
        turn = connector.Running(processor, tracker, out, NOBODY, body)
        await needs_of(turn.heard(SAID)[0], turn.parse)
        await turn.run("hello")
    finally:
        await connector.short_store(processor).delete(NOBODY)


def settle() -> None:
    """What was loaded stays: it is not looked through again for garbage, and what loading needed goes back to the system."""
    gc.collect()
    gc.freeze()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):  # glibc's
        trim(0)
