"""What people of the council do: answer in the chat or by phone, complaints, praise, requests about data. It is Saturday evening."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio
from clients import ConsoleApi, Phone, WebChat
from stack import Stack, running_stack
from test_web_report import POTHOLE

SATURDAY_EVENING = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    async with running_stack(at=SATURDAY_EVENING) as running:
        yield running


def case_in(words: str) -> str:
    found = re.search(r"C-\d{6}", words)
    assert found, words
    return found[0]


async def test_when_the_team_is_away_a_call_is_offered_and_kept(chat: WebChat, console: ConsoleApi) -> None:
    offered = await chat.say("I want to talk to a person please")
    assert "Monday 30 November at 9am" in offered and "01632 960100" in offered and offered.choices == ["Call me", "Answer me here"]
    assert (await console.conversation(chat.conversation))["waiting_for"] == "talk_to_person"
    assert "What number" in await chat.choose("Call me")
    assert "good time" in await chat.say("07700 900999")
    assert "Monday 30 November" in await chat.say("after 2 in the afternoon")
    (handover,) = (await console.conversation(chat.conversation))["handovers"]
    assert handover["details"] == {"call": "after 2 in the afternoon"} and handover["contact"] == "•••999"
    assert "07700900999" not in str(handover)


async def test_a_person_asked_for_in_the_middle_of_a_report_does_not_stop_it(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    said = await chat.say("talk to a person")
    assert "Monday 30 November at 9am" in said and said.messages[-1]["text"] == "How big is it?"
    assert "What number" in await chat.say("call me back please")
    await chat.say("07700 900998")
    called = await chat.choose("Any time")
    assert "will call you" in called and called.messages[-1]["text"] == "How big is it?"


async def test_by_text_the_team_calls_the_same_number(phone: Phone, console: ConsoleApi) -> None:
    assert "1 Call me" in await phone.say("I want to talk to a person", "Monday 30 November at 9am")
    await phone.say("1", "good time")
    await phone.say("in the morning", "call you on this number")
    (handover,) = (await console.of(phone))["handovers"]
    assert handover["details"] == {"call": "in the morning"}


async def test_a_complaint_gets_a_reference_and_days(stack: Stack, chat: WebChat, console: ConsoleApi) -> None:
    assert "What happened?" in await chat.say("I want to make a complaint")
    assert (await chat.say("the man at the tip shouted at me and called me names")).choices == ["Reply here"]
    said = await chat.choose("Reply here")
    assert "Wednesday 2 December" in said and "Friday 11 December" in said
    case = case_in(said.text)
    (handover,) = (await console.conversation(chat.conversation))["handovers"]
    assert (handover["reason"], handover["details"]["answer_by"]) == ("make_complaint", "2026-12-11")
    assert handover["details"]["words"] == "the man at the tip shouted at me and called me names"
    assert f"{case} is with our team. You will have an answer by Friday 11 December" in await chat.say(case)
    assert case in await chat.say(f"what is happening with {case}?")
    other = await WebChat(stack).start()
    assert "cannot find" in await other.say(case), "a complaint is its own citizen's alone"


async def test_a_complaint_in_one_text(phone: Phone) -> None:
    said = await phone.say("I want to complain, your bin men swore at my mother this morning", "recorded as")
    assert case_in(said) and "Friday 11 December" in said


async def test_praise_is_passed_on_in_the_citizen_s_words(chat: WebChat, console: ConsoleApi) -> None:
    assert "What went well" in await chat.say("I want to give a compliment")
    assert "passed your words on" in await chat.say("the library staff were wonderful with my son")
    (handover,) = (await console.conversation(chat.conversation))["handovers"]
    assert (handover["reason"], handover["priority"]) == ("give_compliment", -1)
    assert handover["details"]["words"] == "the library staff were wonderful with my son"


async def test_praise_in_one_text(phone: Phone) -> None:
    await phone.say("I want to praise the bin crew, they were so kind to my dad today", "passed your words on")


async def test_a_request_about_data_is_recorded_with_a_month(chat: WebChat, console: ConsoleApi) -> None:
    asked = await chat.say("data protection")
    assert "ashdown.example/privacy" in asked and "Have it deleted" in asked.choices
    assert "How should we reply?" in await chat.choose("Have it deleted")
    said = await chat.say("jo@example.org")
    assert "Monday 28 December" in said and "who you are" in said and case_in(said.text)
    (handover,) = (await console.conversation(chat.conversation))["handovers"]
    assert handover["details"]["wish"] == "delete" and handover["contact"] == "j•••@example.org"


async def test_a_request_about_data_in_one_text(phone: Phone) -> None:
    assert "Monday 28 December" in await phone.say("I want a copy of all the data you hold on me", "recorded as")
