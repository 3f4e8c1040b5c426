"""A citizen at the web chat who sends a message again under the same client_id until it is taken, and listens for what is said."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from typing import Any

import aiohttp

from hearback.chaos.book import Book, Chat, Said
from hearback.chaos.scripts import ASIDE

PAUSE = 0.5
PATIENCE = 300.0  # seconds until a citizen leaves whom nobody answers
LONG_WAIT = 10
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=3)
LIVE = aiohttp.ClientTimeout(total=None, connect=3, sock_read=45)
AWAY = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


class Unanswered(Exception):
    """Nobody answered a citizen in five minutes."""


class WebCitizen:
    """`live`: reads the line of server-sent events, else asks for the answer to each message."""

    channel = "web"

    def __init__(self, http: aiohttp.ClientSession, url: str, book: Book, *, live: bool) -> None:
        self._http, self._url, self._book, self._live = http, f"{url}/api/chat", book, live
        self._headers: dict[str, str] = {}
        self._lines: dict[int, dict[str, Any]] = {}
        self._news = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._chat = Chat("")

    async def open(self) -> None:
        """Begin a chat, however long it takes until the doors open."""
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(*AWAY):
                async with self._http.post(f"{self._url}/sessions", timeout=TIMEOUT) as answer:
                    if answer.status == 201:
                        told = await answer.json()
                        break
            if time.monotonic() > until:
                raise Unanswered
            await asyncio.sleep(PAUSE)
        self._headers = {"Authorization": f"Bearer {told['token']}"}
        self._chat = self._book.chats[told["conversation"]] = Chat(told["conversation"], live=self._live)
        if self._live:
            self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def send(self, text: str) -> Said:
        """Send a message again and again, under the same client_id, until it is taken."""
        said = self._book.began("web", str(uuid.uuid4()))
        until = said.began + PATIENCE
        while said.taken is None:
            said.tries += 1
            with contextlib.suppress(*AWAY):
                status, told = await self._post(said, text)
                if status in (200, 202):
                    said.taken, said.id = time.monotonic(), int(told["id"])
            if said.taken is None:
                if time.monotonic() > until:
                    raise Unanswered
                await asyncio.sleep(PAUSE)
        return said

    async def say(self, text: str, *, asked: bool = False) -> str:
        """Send a message and read its answer, with the choices that go with it."""
        return await self.answer_to(await self.send(text), text, asked=asked)

    async def answer_to(self, said: Said, text: str, *, asked: bool = False) -> str:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            lines = await (self._heard(said) if self._live else self._asked(said, text))
            if lines:
                said.answered = time.monotonic()
                return "\n".join([line["text"] for line in lines] + [choice["title"] for line in lines for choice in line["choices"]])
        raise Unanswered

    async def _post(self, said: Said, text: str, *, wait: int | None = None) -> tuple[int, dict[str, Any]]:
        url = f"{self._url}/messages" + (f"?wait={wait}" if wait else "")
        body = {"text": text, "client_id": said.name}
        async with self._http.post(url, json=body, headers=self._headers, timeout=TIMEOUT) as answer:
            return answer.status, await answer.json()

    async def _asked(self, said: Said, text: str) -> list[dict[str, Any]]:
        """The answer, by sending the same message once more and waiting for what comes back."""
        try:
            status, told = await self._post(said, text, wait=LONG_WAIT)
        except AWAY:
            await asyncio.sleep(PAUSE)
            return []
        lines = _answers(told["messages"]) if status == 200 else []
        if not lines:
            await asyncio.sleep(PAUSE)
        return lines

    async def _heard(self, said: Said) -> list[dict[str, Any]]:
        self._news.clear()
        if not (lines := self._after(said)):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), 5)
            return []
        await asyncio.sleep(0.05)  # an answer of several lines comes line by line
        return self._after(said) or lines

    def _after(self, said: Said) -> list[dict[str, Any]]:
        return _answers([line for id, line in sorted(self._lines.items()) if said.id is not None and id > said.id])

    async def _listen(self) -> None:
        """Read the live line; when it breaks, go on after the last line that came."""
        while True:
            with contextlib.suppress(*AWAY):
                last = {"Last-Event-ID": str(self._chat.lines[-1])} if self._chat.lines else {}
                async with self._http.get(f"{self._url}/events", headers={**self._headers, **last}, timeout=LIVE) as answer:
                    if answer.status == 200:
                        await self._read(answer)
            await asyncio.sleep(PAUSE)

    async def _read(self, answer: aiohttp.ClientResponse) -> None:
        fields: dict[str, str] = {}
        async for raw in answer.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            else:
                if fields.get("event") == "message":
                    line = json.loads(fields["data"])
                    self._chat.lines.append(line["id"])
                    self._lines[line["id"]] = line
                    self._news.set()
                fields = {}


def _answers(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["author"] != "citizen" and not ASIDE.search(line["text"])]
