"""Danger comes before everything: the right number at once, the team told first, the report in hand not lost."""

from __future__ import annotations

from clients import ConsoleApi, Phone, WebChat
from test_web_report import POTHOLE, SIZES


async def test_danger_is_answered_with_a_number_and_told_to_the_team_first(chat: WebChat, console: ConsoleApi) -> None:
    said = await chat.say("I can smell gas in my house")
    assert said.text.startswith("Call ") and "0800 111 999" in said and "999" in said
    whole = await console.conversation(chat.conversation)
    (handover,) = whole["handovers"]
    assert (handover["reason"], handover["priority"], handover["state"]) == ("report_danger", 10, "waiting")
    assert handover["details"]["words"] == "I can smell gas in my house" and whole["waiting_for"] == "report_danger"


async def test_danger_in_the_middle_of_a_report_comes_first_and_the_report_goes_on(chat: WebChat, console: ConsoleApi) -> None:
    await chat.say(POTHOLE)
    said = await chat.say("help, the house is on fire")
    assert said.messages[0]["text"].startswith("Call 999") and "When everyone is safe we can go on here" in said
    assert said.messages[-1]["text"] == "How big is it?" and said.choices == SIZES
    assert (await console.conversation(chat.conversation))["handovers"][0]["priority"] == 10
    assert "Where in the road is it?" in await chat.choose("Larger than a dinner plate")


async def test_danger_in_the_middle_of_a_complaint_comes_first_too(chat: WebChat) -> None:
    assert "What happened?" in await chat.say("I want to make a complaint")
    said = await chat.say("help, the house is on fire")
    assert said.messages[0]["text"].startswith("Call 999") and "What happened?" in said.messages[-1]["text"]


async def test_danger_by_text_message(phone: Phone, console: ConsoleApi) -> None:
    await phone.say("I can smell gas in my house", "0800 111 999")
    (text,) = phone.texts
    assert len(text.body) <= 306 and text.body.startswith("Call ")
    assert (await console.of(phone))["handovers"][0]["priority"] == 10
