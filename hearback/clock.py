"""The product's clock: one for all processes, real by default, faster for demonstrations."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """Tells the product's time. With a scale of 60 a minute passes in each real second, counted from `origin`."""

    def __init__(self, *, scale: float = 1.0, origin: float = 0.0, read: Callable[[], float] = time.time) -> None:
        self.scale, self.origin, self._read = scale, origin, read

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        real = self._read()
        return datetime.fromtimestamp(self.origin + (real - self.origin) * self.scale if self.scale != 1 else real, UTC)

    def real_seconds(self, seconds: float) -> float:
        """How many real seconds `seconds` of the product's clock take: what to sleep."""
        return seconds / self.scale

    def lease(self, real: timedelta) -> timedelta:
        """How far the product's clock goes on in this real time: for what waits on real processes and lines."""
        return real * self.scale


def shared_clock(home: Path, scale: float) -> Clock:
    """The clock of this data folder; its origin is kept in a file so that all processes agree, also after a restart."""
    if scale == 1:
        return Clock()
    path = home / "clock.json"
    home.mkdir(parents=True, exist_ok=True)
    try:
        kept = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        kept = None
    if not kept or kept["scale"] != scale:
        kept = {"scale": scale, "origin": time.time()}
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(kept))
        os.replace(temporary, path)
    return Clock(scale=kept["scale"], origin=kept["origin"])
