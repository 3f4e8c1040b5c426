"""The citizens of the bench: the same code talks to both, only the door differs."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

LONGEST_TURN = 20.0
AFTER_REFUSAL = 0.5
FAILURES = (aiohttp.ClientError, TimeoutError, OSError, ValueError)  # ValueError: what answers is not JSON


class Door(Protocol):
    """How a citizen reaches an assistant."""

    async def open(self, session: aiohttp.ClientSession) -> str:
        """Begin a conversation; returns what names it from now on."""

    async def say(self, session: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        """One turn; returns whether the assistant answered."""


class WebDoor:
    """Hearback's web chat, the whole way: written down, answered, the answer written down, fetched."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def open(self, session: aiohttp.ClientSession) -> str:
        async with session.post(f"{self._url}/api/chat/sessions") as answer:
            answer.raise_for_status()
            return str((await answer.json())["token"])

    async def say(self, session: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        async with session.post(
            f"{self._url}/api/chat/messages?wait={LONGEST_TURN:.0f}",
            json={"text": text, "client_id": str(uuid.uuid4())},
            headers={"Authorization": f"Bearer {conversation}"},
        ) as answer:
            told: dict[str, Any] = await answer.json()
            return answer.status == 200 and bool(told["messages"])


class RestDoor:
    """Stock Rasa's REST channel."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def open(self, session: aiohttp.ClientSession) -> str:
        return uuid.uuid4().hex

    async def say(self, session: aiohttp.ClientSession, conversation: str, text: str) -> bool:
        async with session.post(f"{self._url}/webhooks/rest/webhook", json={"sender": conversation, "message": text}) as answer:
            return answer.status == 200 and bool(await answer.json())


@dataclass
class Turns:
    """What citizens saw: milliseconds of each answered turn in order, how many were not answered, seconds of it all.

    `processor` is what the side's processes used meanwhile, in seconds by name, `bench` what the bench itself did.
    """

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0
    processor: dict[str, float] = field(default_factory=dict)
    bench: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0


def connections() -> aiohttp.ClientSession:
    """Kept connections, as many as there are citizens, and no cookies: each citizen shows their own token."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=LONGEST_TURN + 5),
    )


async def turn(door: Door, session: aiohttp.ClientSession, conversation: str, text: str, turns: Turns) -> None:
    """One turn, measured."""
    begun = time.perf_counter()
    if await said(door, session, conversation, text):
        turns.milliseconds.append((time.perf_counter() - begun) * 1000)
    else:
        turns.failed += 1


async def said(door: Door, session: aiohttp.ClientSession, conversation: str, text: str) -> bool:
    """Whether the assistant answered; a door that is shut, breaks off or says nothing in time has not."""
    try:
        return await door.say(session, conversation, text)
    except FAILURES:
        return False


async def opened(door: Door, session: aiohttp.ClientSession, turns: Turns) -> str | None:
    """A new conversation, or None (a turn that was not answered) after a moment."""
    try:
        return await door.open(session)
    except FAILURES:
        turns.failed += 1
        await asyncio.sleep(AFTER_REFUSAL)
        return None


async def conversations(door: Door, scripts: Iterator[list[str]], *, citizens: int, seconds: float, count: int | None = None) -> Turns:
    """Citizens side by side, each waiting for its answer before going on, for `seconds` or until `count` conversations were held."""
    turns, until = Turns(), time.perf_counter() + seconds
    left = iter(range(sys.maxsize if count is None else count))

    async def citizen(session: aiohttp.ClientSession) -> None:
        for _ in left:
            if time.perf_counter() > until:
                return
            if (conversation := await opened(door, session, turns)) is None:
                continue
            for text in next(scripts):
                if time.perf_counter() > until:
                    return
                await turn(door, session, conversation, text, turns)

    async with connections() as session:
        begun = time.perf_counter()
        await asyncio.gather(*(citizen(session) for _ in range(citizens)))
        turns.seconds = time.perf_counter() - begun
    return turns


async def long_conversation(door: Door, texts: list[str], *, seconds: float) -> Turns:
    """One conversation, message after message."""
    turns, until = Turns(), time.perf_counter() + seconds
    async with connections() as session:
        begun = time.perf_counter()
        conversation = await opened(door, session, turns)
        for text in texts if conversation else []:
            assert conversation
            if time.perf_counter() > until:
                break
            await turn(door, session, conversation, text, turns)
        turns.seconds = time.perf_counter() - begun
    return turns
