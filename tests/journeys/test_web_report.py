"""A report by web chat, from the citizen's first words to the back office and the console."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from clients import ConsoleApi, Sandbox, WebChat, reference_in

POTHOLE = "there's a massive pothole outside 12 Mill Lane AD1 2BC"
SIZES = ["Smaller than a dinner plate", "About the size of a dinner plate", "Larger than a dinner plate"]


async def to_the_check(chat: WebChat, opening: str = POTHOLE) -> str:
    """A pothole report up to the check; what the citizen is shown there."""
    asked = await chat.say(opening)
    if "None of these" in asked.choices:  # an earlier report of the same test is nearby
        asked = await chat.choose("None of these")
    assert asked.choices == SIZES
    for title in ("Larger than a dinner plate", "Skip", "No photo"):
        await chat.choose(title)
    checked = await chat.choose("No updates")
    assert checked.choices == ["Send it", "Change something", "Do not send it"]
    return checked.text


async def test_a_pothole_told_in_one_sentence_needs_only_what_is_missing(chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    asked = await chat.say(POTHOLE)
    assert asked.text == "How big is it?" and asked.choices == SIZES
    assert "Where in the road is it?" in await chat.choose("Larger than a dinner plate")
    assert "photo" in await chat.choose("In the middle of a lane")
    assert "updates" in await chat.choose("No photo")
    checked = await chat.choose("No updates")
    for known in ("Pothole", "outside 12 Mill Lane AD1 2BC", "Larger than a dinner plate", "In the middle of a lane"):
        assert known in checked
    reference = reference_in((await chat.choose("Send it")).text)

    request = await sandbox.request(reference)
    assert (request["service_code"], request["status"], request["address"]) == ("POTHOLE", "open", "outside 12 Mill Lane AD1 2BC")
    assert request["description"].startswith(POTHOLE)
    row = await console.request(reference)
    assert (row["service_code"], row["state"], row["status"], row["channel"]) == ("POTHOLE", "sent", "open", "web")
    assert row["conversation_id"] == chat.conversation and row["told_at"]

    (listed,) = await console.conversations(text=reference)
    assert (listed["id"], listed["references"], listed["first_words"]) == (chat.conversation, [reference], POTHOLE)
    whole = await console.conversation(chat.conversation)
    first = next(line for line in whole["messages"] if line["author"] == "citizen")
    assert first["intent"] == "report_problem" and 0.3 < first["confidence"] <= 1
    entities = {one["entity"]: one["value"] for one in first["entities"]}
    assert entities["postcode"] == "AD1 2BC" and entities["place"] == "outside 12 Mill Lane AD1 2BC"
    assert first["services"][0]["code"] == "POTHOLE" and first["form"] == "report_problem"
    (raised,) = whole["requests"]
    assert raised["reference"] == reference
    assert raised["report"]["attributes"] == {"size": "larger", "position": "lane"}


async def test_the_answers_to_the_council_s_questions_reach_the_back_office(chat: WebChat, sandbox: Sandbox) -> None:
    await to_the_check(chat)
    reference = reference_in((await chat.say("yes")).text)
    posted = await sandbox.attributes(reference)
    assert posted == {"size": ["larger"]}


async def test_the_whole_report_can_be_typed(chat: WebChat, sandbox: Sandbox) -> None:
    for words in (POTHOLE, "bigger than a dinner plate, larger", "at the edge", "no photo", "no thanks"):
        checked = await chat.say(words)
    assert "Larger than a dinner plate" in checked and "At the edge" in checked
    reference = reference_in((await chat.say("yes please")).text)
    assert (await sandbox.attributes(reference)) == {"size": ["larger"], "position": ["edge"]}


async def test_a_correction_changes_the_street_and_keeps_the_rest(chat: WebChat, sandbox: Sandbox) -> None:
    await chat.say(POTHOLE)
    corrected = await chat.say("no, Mill Road")
    assert "12 Mill Road" in corrected and "How big is it?" in corrected
    for words in ("larger", "skip", "no"):
        await chat.say(words)
    checked = await chat.say("no")
    assert "outside 12 Mill Road" in checked and "Mill Lane" not in checked and "AD1 2BC" not in checked
    reference = reference_in((await chat.say("yes")).text)
    assert (await sandbox.request(reference))["address"] == "outside 12 Mill Road"


async def test_go_back_asks_the_question_before_again(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    assert "Where in the road is it?" in await chat.choose("Larger than a dinner plate")
    back = await chat.say("go back")
    assert "How big is it?" in back and back.choices == SIZES
    await chat.choose("About the size of a dinner plate")
    for title in ("Skip", "No photo"):
        await chat.choose(title)
    checked = await chat.choose("No updates")
    assert "About the size of a dinner plate" in checked and "Larger" not in checked


async def test_a_question_in_the_middle_is_answered_and_the_report_goes_on(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    aside = await chat.say("what time are you open?")
    assert "Civic Centre" in aside and aside.messages[-1]["text"] == "How big is it?" and aside.choices == SIZES
    assert "Where in the road is it?" in await chat.choose("Larger than a dinner plate")


async def test_the_bin_day_asked_in_the_middle_does_not_lose_the_report(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    aside = await chat.say("when is my bin day")
    assert "postcode" in aside and "{" not in aside.text
    found = await chat.say("12 Mill Lane")
    assert "How big is it?" in found


async def test_a_cancelled_report_is_never_sent(chat: WebChat, console: ConsoleApi) -> None:
    await to_the_check(chat)
    assert "Nothing was sent" in await chat.choose("Do not send it")
    assert (await console.conversation(chat.conversation))["requests"] == []
    await chat.say(POTHOLE)
    assert "Nothing was sent" in await chat.say("cancel")
    assert "ASH-" not in await chat.say("yes")
    assert (await console.conversation(chat.conversation))["requests"] == []


async def test_an_answer_can_be_changed_at_the_check(chat: WebChat, sandbox: Sandbox) -> None:
    await to_the_check(chat)
    offered = await chat.choose("Change something")
    assert "outside 12 Mill Lane AD1 2BC" in offered.choices and "How big is it?" in offered.choices
    await chat.choose("How big is it?")
    changed = await chat.choose("Smaller than a dinner plate")
    assert "Smaller than a dinner plate" in changed and "Larger" not in changed
    await chat.choose("Change something")
    await chat.choose("outside 12 Mill Lane AD1 2BC")
    assert "opposite 4 Park Road" in await chat.say("opposite 4 Park Road")
    reference = reference_in((await chat.choose("Send it")).text)
    assert (await sandbox.request(reference))["address"] == "opposite 4 Park Road"
    assert (await sandbox.attributes(reference)) == {"size": ["smaller"]}


async def test_optional_questions_can_be_skipped_in_words_and_needed_ones_cannot(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    refused = await chat.say("skip")
    assert "How big is it?" in refused and refused.messages[-1]["text"] == "How big is it?"
    assert "Where in the road is it?" in await chat.say("larger")
    assert "photo" in await chat.say("skip")


async def test_whoever_asks_for_a_person_waits_in_the_console(chat: WebChat, console: ConsoleApi) -> None:
    said = await chat.say("I want to talk to a person please")
    assert " team " in said and "01632 960100" in said
    whole = await console.conversation(chat.conversation)
    assert (whole["state"], whole["waiting_for"]) == ("waiting", "talk_to_person") and whole["waiting_since"]
    (handover,) = whole["handovers"]
    assert (handover["reason"], handover["state"], handover["claimed_by"]) == ("talk_to_person", "waiting", None)
    assert chat.conversation in {one["id"] for one in await console.conversations(state="waiting")}


async def test_a_person_asked_for_in_the_middle_of_a_report_is_told_and_the_report_goes_on(chat: WebChat, console: ConsoleApi) -> None:
    await chat.say(POTHOLE)
    said = await chat.say("talk to a person")
    assert "our team" in said and said.messages[-1]["text"] == "How big is it?"
    assert (await console.conversation(chat.conversation))["waiting_for"] == "talk_to_person"


async def test_an_unclear_service_becomes_choices(chat: WebChat, sandbox: Sandbox) -> None:
    unclear = await chat.say("I want to report a mess on the pavement")
    assert 3 <= len(unclear.choices) <= 4 and unclear.choices[-1] == "Something else"
    picked = unclear.choices[1]
    asked = await chat.choose(picked)
    assert "Where is it? Give a street" in asked
    assert "Where is it? Give a street" not in await chat.say("outside 3 Park Road")


async def test_several_answers_to_one_question_and_a_number(chat: WebChat, sandbox: Sandbox) -> None:
    asked = await chat.say("someone has dumped rubbish on Park Road")
    assert "1. Black bags" in asked and "more than one" in asked and asked.choices == []
    assert "How many bags" in await chat.say("1 and 3")
    assert "Did you see who left it?" in await chat.say("about 12")
    for words in ("a white van", "no"):
        await chat.say(words)
    checked = await chat.say("no")
    assert "Black bags or household rubbish, Fridge or other appliance" in checked
    reference = reference_in((await chat.say("yes")).text)
    assert (await sandbox.request(reference))["service_code"] == "FLYTIP"
    assert await sandbox.attributes(reference) == {"kinds": ["bags", "appliance"], "bags": ["12"], "seen": ["a white van"]}


async def test_a_date_in_words_reaches_the_back_office_as_a_moment(chat: WebChat, sandbox: Sandbox) -> None:
    await chat.say("there's an abandoned car outside 5 High Street")
    assert "When did you first notice it" in await chat.say("AB12 CDE")
    for words in ("three weeks ago", "skip", "no"):
        await chat.say(words)
    await chat.say("no")
    reference = reference_in((await chat.say("yes")).text)
    posted = await sandbox.attributes(reference)
    assert posted["registration"] == ["AB12 CDE"] and set(posted) == {"registration", "since"}
    ago = datetime.now(UTC) - datetime.fromisoformat(posted["since"][0])
    assert timedelta(days=20) < ago < timedelta(days=22)


async def test_a_date_is_shown_as_people_write_it(chat: WebChat) -> None:
    for words in ("there's an abandoned car outside 5 High Street", "AB12 CDE", "three weeks ago", "skip", "no"):
        await chat.say(words)
    checked = await chat.say("no")
    assert f"{(datetime.now(UTC) - timedelta(days=21)):%B}" in checked and "+00:00" not in checked.text


async def test_a_second_report_begins_with_nothing_of_the_first(chat: WebChat, sandbox: Sandbox) -> None:
    await to_the_check(chat)
    first = reference_in((await chat.choose("Send it")).text)
    again = await to_the_check(chat, "there's a pothole outside 20 Station Road")
    assert "Mill Lane" not in again
    second = reference_in((await chat.choose("Send it")).text)
    assert first != second and (await sandbox.request(second))["address"] == "outside 20 Station Road"


async def test_a_choice_of_an_older_question_does_not_answer_the_new_one(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    await chat.choose("Larger than a dinner plate")
    await chat.choose("Skip")
    no_photo = chat.offered["No photo"]
    assert "updates" in await chat.choose("No photo")
    chat.offered = {"No photo": no_photo}
    again = await chat.choose("No photo")
    assert "Shall I send it?" not in again or "updates" not in again


async def test_two_needs_in_one_message_are_taken_one_after_the_other(chat: WebChat, sandbox: Sandbox) -> None:
    first = await chat.say("there's a pothole outside 12 Mill Lane AD1 2BC and also when is my bin day")
    assert "How big is it?" in first and "postcode" not in first
    for title in ("Larger than a dinner plate", "Skip", "No photo", "No updates"):
        await chat.choose(title)
    sent = await chat.choose("Send it")
    assert reference_in(sent.text) and "when is my bin day" in sent and "postcode" in sent.messages[-1]["text"]
    assert "next collections" in await chat.say("12 Mill Lane")


async def test_a_second_report_in_the_middle_waits_for_the_first(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    noted = await chat.say("I also want to report graffiti on the bus shelter on Station Road")
    assert "noted" in noted and noted.messages[-1]["text"] == "How big is it?"
    for title in ("Larger than a dinner plate", "Skip", "No photo", "No updates"):
        await chat.choose(title)
    sent = await chat.choose("Send it")
    assert reference_in(sent.text) and "graffiti" in sent.messages[-2]["text"] and "offensive" in sent.messages[-1]["text"]


async def test_who_only_says_that_they_want_to_report_something_is_asked_what_it_is(chat: WebChat) -> None:
    for words in ("report a problem", "I want to report a problem", "I need to report something"):
        asked = await chat.say(words)
        assert "What is the problem?" in asked and asked.choices == []
    assert (await chat.say("pothole outside 12 Mill Lane AD1 2BC")).choices == SIZES


async def test_no_food_in_the_house_is_no_no(chat: WebChat) -> None:
    assert "Food bank (Ashdown Foodbank)" in await chat.say("no food in the house")
