"""How much one citizen, one chat or one network address may ask for. All limits stand here."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from channels.calls import Refused

MOST_WAITING = 40  # messages of one chat that wait for an answer
MOST_TEXTS_WAITING = 100  # of one number: what was taken from the provider cannot be given back
MOST_STREAMS = 20  # windows of one chat that listen at the same time
MOST_KEYS = 50_000
ROUNDING = 1e-6  # seconds


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `count` at once, and `count` in each `seconds` after that, evenly."""

    name: str
    count: int
    seconds: float


HOUR, DAY = 3600.0, 86400.0
MESSAGES = Limit(name="messages of a chat", count=3000, seconds=HOUR)
PHOTOS = Limit(name="photos of a chat", count=30, seconds=HOUR)
SESSIONS = Limit(name="chats begun from an address", count=300, seconds=HOUR)
CODES_FROM = Limit(name="codes to phones from an address", count=30, seconds=HOUR)  # each text is paid for, whoever's phone it goes to
PHOTOS_FROM = Limit(name="photos from an address", count=100, seconds=HOUR)
ANSWERS = Limit(name="answers by one link", count=30, seconds=HOUR)
LINKS_FROM = Limit(name="links opened from an address", count=600, seconds=HOUR)
TEXTS = Limit(name="texts of a number", count=500, seconds=DAY)  # keyed by the number's pseudonym


class TooMuch(Refused):
    """A limit is reached: 429 with the time until there is room again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(429, "utter_refused_often", retry_after=seconds, minutes=math.ceil(seconds / 60))


class Limits:
    """Counts in this process's memory, one number a key: the time until which its allowance is used up (GCRA). `read` tells seconds."""

    def __init__(self, read: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._used: dict[tuple[str, str], float] = {}

    def take(self, limit: Limit, key: str | None) -> float:
        """Use one of an allowance; 0 where there was one, else the seconds until there is. A key of None has no limit."""
        if key is None:
            return 0.0
        now, each = self._read(), limit.seconds / limit.count
        used = max(self._used.get((limit.name, key), now), now) + each
        if used > now + limit.seconds + ROUNDING:
            return used - now - limit.seconds
        if len(self._used) >= MOST_KEYS:
            self._forget(now)
        self._used[limit.name, key] = used
        return 0.0

    def _forget(self, now: float) -> None:
        """Drop who is back at a full allowance; where all are busy, those with the most of it left."""
        self._used = {key: used for key, used in self._used.items() if used > now}
        if len(self._used) >= MOST_KEYS:
            kept = sorted(self._used.items(), key=lambda one: one[1])[MOST_KEYS // 2 :]
            self._used = dict(kept)
