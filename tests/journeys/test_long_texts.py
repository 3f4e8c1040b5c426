"""A long message that arrives as several texts is one turn with one answer; a short one is answered at once."""

from __future__ import annotations

import asyncio
import time

from clients import ConsoleApi, Phone, Sandbox, new_phone
from stack import Stack
from test_web_report import POTHOLE

START = "Hello, I hope that you can help with this because it has been here for weeks now and nobody came to look. There is a "
REST = "massive pothole in the road outside 12 Mill Lane AD1 2BC, and cars have to go all the way round it on the other side."
LONG = f"{START}really {REST}"


async def test_a_message_cut_within_a_word_is_read_as_one(phone: Phone, console: ConsoleApi) -> None:
    first, second = LONG[:153], LONG[153:]
    assert first[-1] != " " and second[0] != " "
    await phone.text(first)
    await asyncio.sleep(1)
    await phone.text(second)
    await phone.reads("How big is it?")
    lines = (await console.of(phone))["messages"]
    assert [line["author"] for line in lines] == ["citizen", "citizen", "bot"]
    assert [line["text"] for line in lines[:2]] == [first, second]
    assert [line["state"] for line in lines[:2]] == ["answered", "joined"]
    await phone.say("3", "Where in the road")
    assert len(phone.texts) == 2


async def test_three_parts_are_one_message(phone: Phone) -> None:
    whole = f"{START}{START}{LONG}"
    for at in range(0, len(whole), 153):
        await phone.text(whole[at : at + 153])
    await phone.reads("How big is it?")
    await phone.say("3", "Where in the road")
    assert len(phone.texts) == 2


async def test_a_long_text_alone_is_answered_after_three_seconds(phone: Phone) -> None:
    began = time.monotonic()
    await phone.say(f"{POTHOLE} and it has been there for many weeks, somebody will get hurt if nobody comes to mend it", "How big is it?")
    assert 3 <= time.monotonic() - began < 8


async def test_a_short_text_is_answered_at_once_also_while_others_wait(stack: Stack, phone: Phone) -> None:
    other = new_phone(stack)
    await other.text(LONG)
    began = time.monotonic()
    await phone.say(POTHOLE, "How big is it?")
    assert time.monotonic() - began < 2.5
    await other.reads("How big is it?")


async def test_a_crash_between_the_parts_and_the_answer_loses_and_doubles_nothing(phone: Phone, sandbox: Sandbox) -> None:
    await phone.text(LONG[:153])
    await phone.text(LONG[153:])
    await phone.stack.kill("-m channels")
    await phone.reads("How big is it?", seconds=60)
    await phone.say("3", "Where in the road", seconds=40)
    assert [text.body.splitlines()[0] for text in phone.texts] == ["How big is it?", "Where in the road is it?"]
