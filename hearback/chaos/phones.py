"""Citizens with phones: each text arrives at the SMS door with the same MessageSid until it is taken, as Twilio tries again."""

from __future__ import annotations

import asyncio
import secrets
import time

from hearback.chaos.book import Book, Said
from hearback.chaos.provider import Provider
from hearback.chaos.scripts import ANSWERS, ASIDE, KEPT_FOR_LATER, PASSED_ON, REFERENCE
from hearback.chaos.web import PATIENCE, PAUSE, Unanswered

EXPECTED = (*(pattern for pattern, _ in ANSWERS), REFERENCE, KEPT_FOR_LATER, PASSED_ON)
MORE_WITHIN = 20.0  # seconds in which the rest of an answer comes that has several texts


class PhoneCitizen:
    channel = "sms"

    def __init__(self, provider: Provider, number: str, book: Book) -> None:
        self._provider, self._number, self._book = provider, number, book
        self._read = len(provider.texts_of(number))

    async def open(self) -> None:
        """A phone needs no opening."""

    async def close(self) -> None:
        """Nor closing."""

    async def send(self, text: str) -> Said:
        said = self._book.began("sms", f"SM{secrets.token_hex(16)}")
        until = said.began + PATIENCE
        while said.taken is None:
            said.tries += 1
            if await self._provider.deliver(self._number, text, sid=said.name):
                said.taken = time.monotonic()
            elif time.monotonic() > until:
                raise Unanswered
            else:
                await asyncio.sleep(PAUSE)
        return said

    async def say(self, text: str, *, asked: bool = False) -> str:
        """Send a text and read what comes; `asked`: until something of a report's conversation is there."""
        return await self.answer_to(await self.send(text), text, asked=asked)

    async def answer_to(self, said: Said, text: str, *, asked: bool = False) -> str:
        until = time.monotonic() + PATIENCE
        while True:
            fresh = [one.body for one in self._provider.texts_of(self._number)[self._read :] if not ASIDE.search(one.body)]
            if fresh and said.answered is None:
                said.answered = time.monotonic()
                until = min(until, said.answered + MORE_WITHIN)
            whole = not asked or time.monotonic() > until or any(pattern.search(body) for body in fresh for pattern in EXPECTED)
            if fresh and whole:
                self._read = len(self._provider.texts_of(self._number))
                return "\n".join(fresh)
            if time.monotonic() > until:
                raise Unanswered
            await self._provider.news(self._number, 1.0)
