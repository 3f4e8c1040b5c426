"""The live line of a chat: every window hears everything, and one that only listens costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
from doors import FIREFOX, Doors

from channels import limits
from channels.keys import SIGNALS

OUTREACH = {"take_due", "untold", "said_after", "waited_long"}  # looked at every few seconds whether or not anybody listens
DOORS = {"claim", "doubtful", "next_due"}


@contextlib.asynccontextmanager
async def line(doors: Doors, token: str) -> AsyncIterator[aiohttp.ClientResponse]:
    headers = {"Authorization": f"Bearer {token}", "User-Agent": FIREFOX}
    async with doors.http.get(f"{doors.url}/api/chat/events", headers=headers) as answer:
        yield answer


async def until(answer: aiohttp.ClientResponse, words: str) -> str:
    """What comes, up to a line with these words."""
    heard = ""
    async with asyncio.timeout(10):
        async for raw in answer.content:
            heard += raw.decode()
            if words in raw.decode():
                break
    return heard


async def test_windows_that_only_listen_ask_the_database_nothing(doors: Doors) -> None:
    async with contextlib.AsyncExitStack() as open_:
        windows = [await open_.enter_async_context(line(doors, await doors.begin())) for _ in range(20)]
        for window in windows:
            await until(window, "event: message")
        await asyncio.sleep(0.2)
        before = dict(doors.database.asked)
        for _ in range(3):
            doors.app[SIGNALS].tick()
            for window in windows:
                assert await until(window, ": still here")
        more = {verb: times - before.get(verb, 0) for verb, times in doors.database.asked.items()}
        assert {verb for verb, times in more.items() if times} <= OUTREACH | DOORS, more
        assert "news" in before, "opening a window does ask"


async def test_all_windows_of_a_chat_hear_everything_and_those_of_another_nothing(doors: Doors) -> None:
    token, other = await doors.begin(), await doors.begin()
    async with line(doors, token) as one, line(doors, token) as two, line(doors, other) as third:
        for window in (one, two, third):
            await until(window, "event: message")
        await doors.call("POST", "/api/chat/messages", token=token, json={"text": "for both of you"})
        assert "event: message" in await until(one, "for both of you") and await until(two, "for both of you")
        await doors.call("POST", "/api/chat/rating", token=token, json={"score": 4})
        for window in (one, two):
            assert '"rated":true' in await until(window, '"rated":true')
        doors.app[SIGNALS].tick()
        assert "for both of you" not in await until(third, ": still here")


async def test_a_chat_is_not_open_in_any_number_of_windows(doors: Doors) -> None:
    token = await doors.begin()
    async with contextlib.AsyncExitStack() as open_:
        for _ in range(limits.MOST_STREAMS):
            assert (await open_.enter_async_context(line(doors, token))).status == 200
        async with line(doors, token) as refused:
            assert refused.status == 429 and int(refused.headers["Retry-After"]) >= 1


async def test_the_line_ends_when_its_token_is_too_old(doors: Doors) -> None:
    doors.move(days=-30, seconds=2)
    token = await doors.begin()
    async with line(doors, token) as window:
        await until(window, "event: message")
        await asyncio.sleep(2)
        doors.app[SIGNALS].tick()
        async with asyncio.timeout(5):
            await window.content.read()
        assert window.content.at_eof()
