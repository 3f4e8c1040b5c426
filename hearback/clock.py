"""The product's clock: one for all processes, real by default, faster or moved on for demonstrations and tests."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FILE = "clock.json"
LOOK_EVERY = 0.1  # real seconds between two looks at whether the clock was moved


class Clock:
    """Tells the product's time. With a scale of 60 a minute passes in each real second, counted from `origin`.

    `ahead` tells by how many seconds the clock was moved on.
    """

    def __init__(
        self,
        *,
        scale: float = 1.0,
        origin: float = 0.0,
        read: Callable[[], float] = time.time,
        ahead: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.scale, self.origin, self._read, self._ahead = scale, origin, read, ahead

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        real = self._read()
        shown = self.origin + (real - self.origin) * self.scale if self.scale != 1 else real
        return datetime.fromtimestamp(shown + self._ahead(), UTC)

    def real(self) -> float:
        """The real time, in seconds since 1970: for what the world outside counts with us, whatever the product's time is."""
        return self._read()

    def real_seconds(self, seconds: float) -> float:
        """How many real seconds `seconds` of the product's clock take: what to sleep."""
        return seconds / self.scale

    def lease(self, real: timedelta) -> timedelta:
        """How far the product's clock goes on in this real time: for what waits on real processes and lines."""
        return real * self.scale


def shared_clock(home: Path, scale: float) -> Clock:
    """The clock of this data folder. Its origin, and how far it was moved on, are kept in a file, so that all processes agree."""
    path = home / FILE
    if scale == 1:
        return Clock(ahead=_Ahead(path))
    kept = _read(path)
    if kept.get("scale") != scale:
        kept = {"scale": scale, "origin": time.time(), "ahead": kept.get("ahead", 0.0)}
        _write(path, kept)
    return Clock(scale=kept["scale"], origin=kept["origin"], ahead=_Ahead(path))


def move_on(home: Path, by: timedelta) -> None:
    """Move the clock of this data folder on; processes that run see it at once. A clock never goes back."""
    if by < timedelta(0):
        raise ValueError("the clock cannot go back")
    path = home / FILE
    kept = _read(path) or {"scale": 1.0, "origin": 0.0}
    _write(path, {**kept, "ahead": kept.get("ahead", 0.0) + by.total_seconds()})


def moved(home: Path) -> timedelta:
    """By how much the clock of this data folder was moved on."""
    return timedelta(seconds=_read(home / FILE).get("ahead", 0.0))


class _Ahead:
    """How far the clock was moved on, read again when the file was written."""

    def __init__(self, path: Path) -> None:
        self._path, self._saved, self._looked = path, 0, float("-inf")
        self._seconds = 0.0

    def __call__(self) -> float:
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._looked = now
            try:
                saved = os.stat(self._path).st_mtime_ns
            except OSError:
                saved = 0
            if saved != self._saved:
                self._saved, self._seconds = saved, float(_read(self._path).get("ahead", 0.0))
        return self._seconds


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def _write(path: Path, kept: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(kept))
    os.replace(temporary, path)
