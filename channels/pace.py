"""How fast texts may go out: a bucket that fills with one slot after another and never holds more than a moment's worth."""

from __future__ import annotations

import time
from collections.abc import Callable

MOMENT = 0.1  # seconds whose slots may be used at once


class Pace:
    """`per_second` in real seconds, which are the provider's, whatever the product's clock does."""

    def __init__(self, per_second: float, *, read: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._read = per_second, read
        self._most = max(1.0, per_second * MOMENT)
        self._slots, self._at = self._most, read()

    def free(self) -> int:
        """How many texts may go now."""
        now = self._read()
        if now > self._at:
            self._slots = min(self._most, self._slots + (now - self._at) * self._per_second)
            self._at = now
        return int(self._slots)

    def take(self, texts: int) -> None:
        self._slots -= texts

    def rest(self, seconds: float) -> None:
        """No slot comes free for so long: the provider asked for it."""
        self.free()
        self._slots = min(self._slots, 0.0)
        self._at = max(self._at, self._read() + seconds)

    def wait(self) -> float:
        """Seconds until the next slot."""
        if self.free() >= 1:
            return 0.0
        return max(self._at - self._read(), 0.0) + (1 - self._slots) / self._per_second
