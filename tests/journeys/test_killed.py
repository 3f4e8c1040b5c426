"""kill -9 in mid-conversation: the next message is answered, the form goes on where it was, and nothing is doubled.

These tests share one Hearback of their own; the last of them stops it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio
from clients import ConsoleApi, Phone, Sandbox, WebChat, reference_in
from stack import Stack, running_stack, until
from test_web_report import POTHOLE, SIZES

CHILDREN = ("backoffice.sandbox", "bot.actions.server", "-m rasa", "-m channels", "-m console")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    async with running_stack() as running:
        yield running


async def check_said_once(chat: WebChat, console: ConsoleApi) -> None:
    """Every message of the citizen has one answer of the assistant, and no line stands there twice."""
    lines = (await console.conversation(chat.conversation))["messages"]
    assert [line["id"] for line in lines] == [line["id"] for line in await chat.history()]
    for line in lines:
        if line["author"] == "citizen":
            answers = [one["text"] for one in lines if one["reply_to"] == line["id"] and one["author"] == "bot"]
            assert len(answers) == 1, (line["text"], answers)


async def to_the_end(chat: WebChat, sandbox: Sandbox, number: int) -> None:
    """From the question where in the road it is to a reference; the back office has it once."""
    for words in ("skip", "no"):
        await chat.say(words)
    assert "Larger than a dinner plate" in await chat.say("no")
    reference = reference_in((await chat.say("yes")).text)
    found = await sandbox.requests(service_code="POTHOLE")
    assert [one["service_request_id"] for one in found if f"outside {number} Mill Lane" in one["address"]] == [reference]


async def say_again_and_again(chat: WebChat, text: str) -> int:
    """What a browser does while nobody answers: send the same message, under the same id, until it is taken."""
    body, taken = {"text": text, "client_id": str(uuid.uuid4())}, 0

    async def send() -> bool:
        nonlocal taken
        try:
            status, got = await chat.post(**body)
        except aiohttp.ClientError:
            return False
        taken = got.get("id", 0)
        return status == 202

    await until(send, 30, "the doors to take a message")
    return taken


async def test_rasa_dies_and_the_one_who_wrote_is_answered_without_writing_again(
    stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi
) -> None:
    await chat.say("there's a massive pothole outside 1 Mill Lane AD1 2BC")
    await stack.kill("-m rasa")
    status, _ = await chat.post(text="larger")
    assert status == 202
    await until(lambda: stack.child("-m rasa"), 10, "Rasa to begin again")
    await stack.kill("-m rasa")  # once more, so that on a fast machine too it is away for longer than a citizen waits in silence
    kept = await chat.heard("I have your message")
    answer = await chat.heard("Where in the road is it?", seconds=60)
    assert kept["author"] == "system" and kept["id"] < answer["id"]
    await to_the_end(chat, sandbox, 1)
    await check_said_once(chat, console)
    assert sum("I have your message" in line["text"] for line in await chat.history()) == 1


async def test_the_actions_die_and_the_next_message_is_answered(stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    assert (await chat.say("there's a massive pothole outside 2 Mill Lane AD1 2BC")).choices == SIZES
    await stack.kill("bot.actions.server")
    await chat.say("larger")
    await chat.heard("Where in the road is it?", seconds=30)
    await to_the_end(chat, sandbox, 2)
    await check_said_once(chat, console)


async def test_the_doors_die_right_after_taking_a_message(stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    await chat.say("there's a massive pothole outside 3 Mill Lane AD1 2BC")
    status, _ = await chat.post(text="larger")
    assert status == 202
    await stack.kill("-m channels")
    await until(stack.is_ready, 30, "the doors to be open again")
    await chat.heard("Where in the road is it?", seconds=30)
    await to_the_end(chat, sandbox, 3)
    await check_said_once(chat, console)


async def test_the_doors_die_and_a_browser_that_tries_again_is_heard_once(
    stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi
) -> None:
    await chat.say("there's a massive pothole outside 4 Mill Lane AD1 2BC")
    await stack.kill("-m channels")
    taken = await say_again_and_again(chat, "larger")
    await chat.heard("Where in the road is it?", seconds=30)
    assert [line["id"] for line in await chat.history() if line["text"] == "larger"] == [taken]
    await to_the_end(chat, sandbox, 4)
    await check_said_once(chat, console)


async def test_twilio_tries_again_after_the_doors_died_and_nothing_is_doubled(stack: Stack, phone: Phone, console: ConsoleApi) -> None:
    sid = await phone.text(POTHOLE)
    await stack.kill("-m channels")
    await until(stack.is_ready, 30, "the doors to be open again")
    await phone.text(POTHOLE, sid=sid)
    await phone.reads("How big is it?", seconds=100)  # a text that was on its way is looked for at Twilio after a minute
    await phone.say("3", "Where in the road")
    assert len(phone.texts) == 2
    assert [line["author"] for line in (await console.of(phone))["messages"]] == ["citizen", "bot", "citizen", "bot"]


async def test_everything_dies_at_once_and_the_report_goes_on(stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    await chat.say("there's a massive pothole outside 5 Mill Lane AD1 2BC")
    status, _ = await chat.post(text="larger")
    assert status == 202
    await asyncio.gather(*(stack.kill(words) for words in CHILDREN))
    await until(stack.is_ready, 60, "everything to be there again")
    await chat.heard("Where in the road is it?", seconds=30)
    await to_the_end(chat, sandbox, 5)
    await check_said_once(chat, console)


async def test_sigterm_ends_everything_within_ten_seconds_and_leaves_nothing_behind(stack: Stack, chat: WebChat) -> None:
    """Also while browsers hold event streams open and a message is being worked on."""
    stream = chat.events()
    await anext(stream)
    assert {word for word in CHILDREN if stack.child(word)} == set(CHILDREN)
    await chat.post(text=POTHOLE)
    await stack.stop()
    assert stack.output.read_text().endswith("Stopping.\n")
    await stream.aclose()
