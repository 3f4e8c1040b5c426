"""Partners who help with a need, from the directory, by web and by text message."""

from __future__ import annotations

import pytest
from clients import ConsoleApi, Phone, WebChat
from test_web_report import POTHOLE

from hearback import sms_text


async def test_a_need_in_own_words_finds_who_helps_when_and_where(chat: WebChat, console: ConsoleApi) -> None:
    found = await chat.say("I can't afford food this week")
    for words in (
        "Food bank (Ashdown Foodbank)",
        "Monday, Wednesday and Friday, 10am to 1pm",
        "Trinity Church Hall",
        "01632 960101",
        "Free",
    ):
        assert words in found
    assert found.choices[-2:] == ["Show more", "Talk to a person"]
    lines = (await console.conversation(chat.conversation))["messages"]
    asked = next(line for line in lines if line["author"] == "citizen")
    assert asked["intent"] == "find_support" and "task_form" in asked["actions"]


async def test_age_day_and_place_are_taken_from_the_sentence(chat: WebChat) -> None:
    found = await chat.say("mum is lonely, she's 84, needs company on tuesdays near AD2")
    assert "Befriending (Good Neighbours Ashdown)" in found and "Lunch club (St Anne's Community Hall)" in found
    assert "postcode" not in found and "Youth" not in found


async def test_a_postcode_afterwards_narrows_it_down(chat: WebChat) -> None:
    found = await chat.say("is there a warm space I can sit in")
    assert "Warm space" in found and "Library warm welcome" in found and "your postcode" in found
    near = await chat.say("AD3 2FG")
    assert "Library warm welcome" in near and "South Ashdown Library" in near and "St Anne's" not in near


async def test_the_name_of_an_area_will_do(chat: WebChat) -> None:
    assert "your postcode" in await chat.say("is there a warm space I can sit in")
    near = await chat.say("Eastfield")
    assert "St Anne's Community Hall" in near and "nothing" not in near


async def test_the_question_for_a_place_holds_nobody_up(chat: WebChat) -> None:
    assert "your postcode" in await chat.say("is there a warm space I can sit in")
    assert "How big is it?" in await chat.say(POTHOLE)
    for words in ("larger", "skip", "no photo", "no updates", "yes"):
        said = await chat.say(words)
    assert "Your reference is" in said and "Warm space" not in said


async def test_no_is_a_fine_answer_to_the_question_for_a_place(chat: WebChat) -> None:
    assert "your postcode" in await chat.say("is there a warm space I can sit in")
    assert "anything else" in await chat.say("no thanks")
    assert "Which bins" not in await chat.say("thank you")


async def test_a_need_is_asked_for_where_none_is_said(chat: WebChat) -> None:
    assert "What is the help needed for?" in await chat.say("I need help, can you find support")
    assert "Debt advice (Ashdown Advice Centre)" in await chat.say("debt")


async def test_show_more_goes_on_and_comes_to_an_end(chat: WebChat) -> None:
    first = await chat.say("I'm struggling with debts")
    assert "Debt advice" in first
    said = first
    for _ in range(6):
        said = await chat.choose("Show more")
        if "all I found" in said:
            break
        assert "Debt advice (" not in said
    assert "all I found" in said and "Talk to a person" in said.choices


async def test_abuse_is_answered_with_the_national_helpline_first(chat: WebChat) -> None:
    found = await chat.say("my partner controls all my money, is there someone I can talk to")
    assert found.text.startswith("You can talk to National Domestic Abuse Helpline on 0808 2000 247")
    assert "999" in found and "Domestic abuse helpline (Linden House)" in found and "postcode" not in found


async def test_a_need_is_heard_in_one_word_and_never_turned_away(chat: WebChat) -> None:
    assert "Food bank (Ashdown Foodbank)" in await chat.say("skint")
    assert "National Gambling Helpline on 0808 8020 133" in await chat.say("gambling is ruining my family")


async def test_what_is_closed_is_said_to_be(chat: WebChat) -> None:
    found = await chat.say("is there a night shelter with a bed for tonight")
    assert "Winter night shelter" in found and "Closed until 1 December" in found


async def test_nothing_on_that_day_is_said_and_the_nearest_fit_shown(chat: WebChat) -> None:
    found = await chat.say("I need immigration advice on sundays")
    assert "I found nothing for just that day" in found and "Immigration advice" in found


async def test_support_in_the_middle_of_a_report_comes_back_to_it(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    said = await chat.say("where is the nearest food bank?")
    assert "Food bank" in said and "How big is it?" in said
    assert "Where in the road" in await chat.say("larger")


@pytest.mark.parametrize(
    ("said", "expects"),
    [
        ("I can't afford food this week", "Food bank: 01632 960101"),
        ("my partner controls all my money, who can I talk to", "0808 2000 247"),
    ],
)
async def test_by_text_message_it_is_one_line_each_and_two_parts_in_all(phone: Phone, said: str, expects: str) -> None:
    got = await phone.say(said, expects)
    (text,) = phone.texts
    assert sms_text.segments(text.body) <= 2, text.body
    assert "1 Show more" in got and "2 Talk to a person" in got
    assert "Talk to a person" in await phone.say("1", "person")


async def test_a_postcode_by_text_message(phone: Phone) -> None:
    assert "postcode" in await phone.say("is there a warm space I can sit in", "Warm space")
    assert "Library warm welcome" in await phone.say("AD3 2FG", "Library")
