"""Which of several Rasas has a conversation: always the same one while it lives."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from hashlib import blake2b

PATIENCE = 3.0  # seconds that a Rasa may be away (it is being started again) before another one takes its conversations
TRY_AGAIN = 2.0  # seconds between two tries of one that is away


class Stations:
    """Addresses, each conversation's in an order of its own (rendezvous hashing): one more or one less moves only its own share.

    Without `shared` memory no other Rasa can take over, and a conversation waits for its own.
    """

    def __init__(self, urls: Sequence[str] | Callable[[], str], *, shared: bool, read: Callable[[], float] = time.monotonic) -> None:
        """`urls`: addresses, or what tells the only one there is now."""
        self._only = urls if callable(urls) else None
        self._urls = [] if callable(urls) else [url.rstrip("/") for url in urls]
        self.shared, self._read = shared and len(self._urls) > 1, read
        self._away: dict[str, tuple[float, float]] = {}  # since when, and when it was tried last

    @property
    def all(self) -> list[str]:
        return [self._only()] if self._only else self._urls

    def of(self, conversation_id: str) -> str:
        """The Rasa to ask now: the conversation's own, unless it has been away for too long and need not be tried again yet."""
        urls = self.all
        if len(urls) == 1:
            return urls[0]
        ranked = sorted(urls, key=lambda url: blake2b(f"{url} {conversation_id}".encode(), digest_size=8).digest())
        if not self.shared:
            return ranked[0]
        now = self._read()
        for url in ranked:
            since, tried = self._away.get(url, (now, now))
            if now - since < PATIENCE:
                return url
            if now - tried >= TRY_AGAIN:
                self._away[url] = since, now  # this one turn finds out for all the others
                return url
        return ranked[0]

    def away(self, url: str) -> None:
        """It did not answer."""
        now = self._read()
        self._away[url] = self._away.get(url, (now, now))[0], now

    def answers(self, url: str) -> None:
        self._away.pop(url, None)
