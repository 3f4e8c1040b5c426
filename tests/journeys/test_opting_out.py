"""STOP and its kin by text message: obeyed at once, silent, and ordinary words where they answer a question."""

from __future__ import annotations

import asyncio

import pytest
from clients import ConsoleApi, Phone, Sandbox, new_phone, reference_in
from stack import Stack
from test_web_report import POTHOLE

TO_CHECK = ("3", "1", "1", "2")  # size, place in the road, no photo, no updates


async def to_the_check(phone: Phone) -> None:
    await phone.say(POTHOLE, "How big is it?")
    for words, expects in zip(TO_CHECK, ("Where in the road", "photo", "text you updates", "Send it?"), strict=True):
        await phone.say(words, expects)


async def is_silent(phone: Phone) -> None:
    """Nothing has come; what another citizen is told meanwhile shows that it would be here by now."""
    before = len(phone.texts)
    await new_phone(phone.stack).say("hello", "")
    await asyncio.sleep(0.5)
    assert len(phone.texts) == before, [text.body for text in phone.texts[before:]]


@pytest.mark.parametrize("word", ["STOP", "stop.", " Unsubscribe ", "STOPALL", "quit", "REVOKE", "optout", "End", "CANCEL"])
async def test_the_word_stops_and_start_opens_again(phone: Phone, console: ConsoleApi, word: str) -> None:
    await phone.say("hello", "")
    await phone.text(word)
    await phone.text(POTHOLE)
    await is_silent(phone)
    lines = (await console.of(phone))["messages"]
    assert [(line["text"], line["state"]) for line in lines[-2:]] == [(word, "answered"), (POTHOLE, "answered")]
    await phone.text("START")
    await is_silent(phone)
    await phone.say(POTHOLE, "How big is it?")


async def test_stop_in_the_middle_of_a_report_stops(phone: Phone, console: ConsoleApi) -> None:
    await phone.say(POTHOLE, "How big is it?")
    await phone.text("STOP", OptOutType="STOP")
    await phone.text("3")
    await is_silent(phone)
    await phone.text("YES")
    await is_silent(phone)
    await phone.say("2", "Where in the road")


@pytest.mark.parametrize("word", ["cancel", "END", "Cancel."])
async def test_cancel_in_the_middle_of_a_report_cancels_the_report_only(phone: Phone, word: str) -> None:
    await phone.say(POTHOLE, "How big is it?")
    await phone.text(word)
    await phone.reads("" if word == "END" else "Nothing was sent")
    await phone.say(POTHOLE, "How big is it?")


async def test_yes_sends_a_report_and_subscribes_nobody(phone: Phone, sandbox: Sandbox) -> None:
    await to_the_check(phone)
    reference = reference_in(await phone.say("YES", "Your reference is"))
    assert (await sandbox.request(reference))["service_code"] == "POTHOLE"


async def test_what_twilio_decided_counts_in_the_middle_of_a_report_too(phone: Phone) -> None:
    await phone.say(POTHOLE, "How big is it?")
    await phone.text("cancel", OptOutType="STOP")
    await phone.text("3")
    await is_silent(phone)


async def test_a_sentence_with_such_a_word_is_a_sentence(phone: Phone) -> None:
    await phone.say("stop the water leak in Mill Lane", "")
    await phone.say("help me please", "")


async def test_help_is_left_to_twilio(phone: Phone, console: ConsoleApi) -> None:
    await phone.text("HELP")
    await is_silent(phone)
    assert [(line["text"], line["state"]) for line in (await console.of(phone))["messages"]] == [("HELP", "answered")]


async def test_a_foreign_number_is_told_once_how_to_reach_us(stack: Stack, console: ConsoleApi) -> None:
    phone = Phone(stack, "+33612345678")
    await phone.say(POTHOLE, "+44 1632 960100")
    await phone.text("hello?")
    await phone.text("there's a pothole")
    await is_silent(phone)
    lines = (await console.of(phone))["messages"]
    assert [line["author"] for line in lines] == ["citizen", "system", "citizen", "citizen"]


@pytest.mark.parametrize("sender", ["AMAZON", "60123", "+266696687", "+449012345678", "+441632960100"])
async def test_robots_and_hidden_senders_are_written_down_and_never_answered(stack: Stack, console: ConsoleApi, sender: str) -> None:
    phone = Phone(stack, sender)
    stack.numbers.discard(sender)  # no citizen's: test_traces.py looks for those
    await phone.text("Your parcel is on its way")
    await is_silent(phone)
    lines = (await console.of(phone))["messages"]  # other tests hear from the same robots
    assert lines[-1]["text"] == "Your parcel is on its way" and {line["author"] for line in lines} == {"citizen"}
