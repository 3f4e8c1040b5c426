"""Server-sent events: each line of a chat arrives once, also across a line that breaks."""

from __future__ import annotations

import asyncio
from typing import Any

from clients import WebChat
from test_web_report import POTHOLE


async def listen(chat: WebChat, count: int, last: int | None = None) -> list[tuple[int, dict[str, Any]]]:
    """The next `count` events, then hang up."""
    got = []
    stream = chat.events(last=last)
    async with asyncio.timeout(20):
        async for event in stream:
            got.append(event)
            if len(got) == count:
                break
    await stream.aclose()
    return got


async def test_lines_come_by_themselves_as_they_are_said(chat: WebChat) -> None:
    listening = asyncio.create_task(listen(chat, 5))
    await chat.say(POTHOLE)
    await chat.say("larger")
    got = await listening
    assert [message["author"] for _, message in got] == ["bot", "citizen", "bot", "citizen", "bot"]
    assert [message for _, message in got] == await chat.history()
    assert [id for id, _ in got] == [message["id"] for _, message in got]


async def test_a_line_that_breaks_loses_nothing_and_doubles_nothing(chat: WebChat) -> None:
    first = await listen(chat, 1)
    seen, last = list(first), first[-1][0]
    for words in (POTHOLE, "larger", "skip", "no"):
        hearing = asyncio.create_task(listen(chat, 1, last))
        await chat.say(words)  # two lines, of which only one is heard before the line breaks
        seen += await hearing
        last = seen[-1][0]
    history = await chat.history()
    seen += await listen(chat, len(history) - len(seen), last)
    assert [message for _, message in seen] == history


async def test_two_windows_of_one_chat_hear_the_same(chat: WebChat) -> None:
    windows = [asyncio.create_task(listen(chat, 3)) for _ in range(2)]
    await chat.say(POTHOLE)
    one, other = [await window for window in windows]
    assert one == other and one[-1][1]["text"] == "How big is it?"
