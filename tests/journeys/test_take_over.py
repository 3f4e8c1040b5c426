"""A person takes over, by web chat and by text: asked for, there within a second, the assistant silent meanwhile and back afterwards."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest_asyncio
from clients import ConsoleApi, Phone, WebChat
from stack import PASSWORD, Stack, running_stack, until

TUESDAY_MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    async with running_stack(at=TUESDAY_MORNING) as running:
        yield running


class Desk:
    """A colleague in the console, by its forms."""

    def __init__(self, stack: Stack, http: aiohttp.ClientSession) -> None:
        self.url, self.http, self.page = stack.console_url, http, ""

    async def get(self, path: str) -> str:
        async with self.http.get(self.url + path) as answer:
            assert answer.status == 200, (path, answer.status)
            self.page = await answer.text()
            return self.page

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found, name
        return found[1]

    async def post(self, path: str, **fields: str) -> str:
        """Send a form of the page that is open; returns where it leads."""
        data = {"csrf": self.hidden("csrf"), **fields}
        async with self.http.post(self.url + path, data=data, allow_redirects=False) as answer:
            assert answer.status == 303, (path, answer.status, await answer.text())
            return answer.headers["Location"]

    async def take_over(self, conversation: str) -> None:
        await self.get("/inbox")
        await self.post(f"/conversations/{conversation}/claim")
        await self.get(f"/conversations/{conversation}")

    async def reply(self, conversation: str, text: str) -> None:
        await self.get(f"/conversations/{conversation}")
        await self.post(f"/conversations/{conversation}/reply", text=text, form=self.hidden("form"), seen=self.hidden("seen"))

    async def reads(self, conversation: str, words: str) -> None:
        async def look() -> bool:
            return words in await self.get(f"/conversations/{conversation}/lines?after=0")

        await until(look, 5, f"{words!r} at the desk")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(stack: Stack) -> AsyncIterator[Desk]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        sam = Desk(stack, http)
        await sam.get("/sign-in")
        await sam.post("/sign-in", username="admin", password=PASSWORD, next="/inbox")
        stack.rows("UPDATE staff SET display_name = 'Sam' WHERE username = 'admin'")
        await sam.get("/inbox")
        yield sam


class Line:
    """The chat's live line as its window hears it, with the time of each event."""

    def __init__(self, chat: WebChat) -> None:
        self.heard: list[tuple[float, str, dict[str, Any]]] = []
        self._task = asyncio.create_task(self._listen(chat))

    async def _listen(self, chat: WebChat) -> None:
        async for kind, _, told in chat.live():
            self.heard.append((time.monotonic(), kind, told))

    async def find(self, kind: str, **what: str) -> tuple[float, dict[str, Any]]:
        def look() -> tuple[float, dict[str, Any]] | None:
            return next(((at, told) for at, each, told in self.heard if each == kind and what.items() <= told.items()), None)

        found = await until(look, 5, f"{kind} {what}")
        assert found
        return found

    def stop(self) -> None:
        self._task.cancel()


async def test_by_web_chat(stack: Stack, chat: WebChat, console: ConsoleApi, desk: Desk) -> None:
    assert "you are next" in await chat.say("I want to talk to a person please")
    line, conversation = Line(chat), chat.conversation
    await line.find("state", state="waiting")
    assert "asked to talk to a person" in await desk.get("/inbox")
    await desk.take_over(conversation)
    assert (await line.find("state", state="with_staff"))[1]["by"] == "Sam"
    await chat.heard("You are now talking to Sam of Customer Services")
    page = await desk.get(f"/conversations/{conversation}")
    sent = time.monotonic()
    await desk.reply(conversation, "Hello, I am Sam. What is it about?")
    at, said = await line.find("message", author="staff", text="Hello, I am Sam. What is it about?")
    assert said["by"] == "Sam" and at - sent < 1.0, f"it took {at - sent:.2f} s"
    assert "Your reply" in page

    status, _ = await chat.post(text="when is my bin day please?", client_id=str(uuid.uuid4()))
    assert status == 202
    await desk.reads(conversation, "when is my bin day please?")
    await asyncio.sleep(1.5)
    assert [one["author"] for one in (await chat.history())[-2:]] == ["staff", "citizen"], "the assistant is silent"
    await desk.get(f"/conversations/{conversation}")
    await desk.post(f"/conversations/{conversation}/hand-back")
    await chat.heard("Sam has left this chat")
    await until(lambda: _answered(chat), 10, "the assistant to answer what nobody had answered")

    await desk.take_over(conversation)
    await desk.post(f"/conversations/{conversation}/close", result="solved", seen=desk.hidden("seen"), minutes="4", note="")
    whole = await console.conversation(conversation)
    assert whole["state"] == "open" and whole["cost"]["staff"] > 0
    had = await _claims(stack, conversation)
    assert [(one["ended"], one["result"], one["minutes"]) for one in had][0] == ("closed", "solved", 4.0)
    assert (await chat.say("thank you")).messages[-1]["author"] == "bot"
    line.stop()


async def _answered(chat: WebChat) -> bool:
    said = await chat.history()
    back = max(one["id"] for one in said if "Sam has left this chat" in one["text"])
    return any(one["author"] == "bot" and one["id"] > back for one in said)


async def _claims(stack: Stack, conversation: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {stack.api_token}"}
    async with stack.http.get(f"{stack.console_url}/conversations/{conversation}/desk.json", headers=headers) as answer:
        assert answer.status == 200
        return list((await answer.json())["claims"])


async def test_by_text_message(stack: Stack, phone: Phone, console: ConsoleApi, desk: Desk) -> None:
    await phone.say("I want to talk to a person", "you are next")
    conversation = (await console.of(phone))["id"]
    await desk.take_over(conversation)
    await phone.reads("You are now talking to Sam of Customer Services, Ashdown Borough Council.")
    await desk.reply(conversation, "Hello, what’s it about?")
    await phone.reads("Sam, Ashdown Borough Council: Hello, what's it about?", seconds=5)
    await phone.text("it's about the noise next door, nobody came")
    await desk.reads(conversation, "the noise next door")
    await asyncio.sleep(1.5)
    assert len(phone.texts) == phone.read, "the assistant is silent"
    await desk.reply(conversation, "I have sent somebody.")
    await phone.reads("Sam, Ashdown Borough Council: I have sent somebody.", seconds=5)
    await desk.get(f"/conversations/{conversation}")
    await desk.post(f"/conversations/{conversation}/hand-back")
    await phone.reads("This is the automated assistant again")
    await phone.text("when is my bin day")
    await until(lambda: len(phone.texts) > phone.read, 20, "the assistant's answer")
