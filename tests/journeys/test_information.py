"""Questions that the council answers, and what happens when it is unclear what is meant."""

from __future__ import annotations

from clients import ConsoleApi, Phone, WebChat
from test_web_report import POTHOLE


async def test_a_plain_question_is_answered_with_the_official_page(chat: WebChat, console: ConsoleApi) -> None:
    said = await chat.say("how do I renew my blue badge")
    assert "Blue Badge" in said or "badge" in said.text.lower()
    assert "https://www.ashdown.example/parking/blue-badge" in said
    lines = (await console.conversation(chat.conversation))["messages"]
    assert next(line for line in lines if line["author"] == "citizen")["intent"] == "ask_information"


async def test_the_hours_are_the_profile_s(chat: WebChat) -> None:
    assert "Monday to Friday, 9am to 5pm" in await chat.say("what are the council office opening hours")


async def test_unsure_offers_answers_and_something_else(chat: WebChat) -> None:
    asked = await chat.say("I have a question about council tax")
    assert 2 <= len(asked.choices) <= 4 and asked.choices[-1] == "Something else"
    assert "other words" in await chat.choose("Something else")
    assert "https://www.ashdown.example/council-tax/single-person-discount" in await chat.say(
        "I live alone, do I get a single person discount on council tax"
    )


async def test_a_choice_answers(chat: WebChat) -> None:
    asked = await chat.say("I have a question about council tax")
    assert "https://www.ashdown.example/" in await chat.choose(asked.choices[0])


async def test_a_question_in_the_middle_of_a_report_comes_back_to_it(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    said = await chat.say("how do I renew my blue badge?")
    assert "blue-badge" in said and "How big is it?" in said


async def test_by_text_message_choices_are_numbers(phone: Phone) -> None:
    asked = await phone.say("I have a question about council tax", "Something else")
    assert asked.splitlines()[1].startswith("1 ")
    assert "https://www.ashdown.example/" in await phone.say("1", "https://")


async def test_unsure_of_everything_offers_all_kinds_and_says_what_to_do_next(chat: WebChat) -> None:
    asked = await chat.say("about the parking")
    assert {"Illegal or blocking parking", "Something else"} < set(asked.choices) and len(asked.choices) <= 4
    told = await chat.choose("Something else")
    assert "other words" in told and told.choices == ["Talk to a person"]


async def test_not_understood_twice_in_a_row_offers_a_person(chat: WebChat) -> None:
    assert "not something the council does" in await chat.say("flurble")
    assert "Talk to a person" in (await chat.say("wibble wobble")).choices
