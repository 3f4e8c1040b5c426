"""Bin days, missed bins and new bins at a fixed time: Tuesday 19 May 2026, half past five. Monday 25 May is a bank holiday."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from home_world import Citizen, World, citizen, world

from bot.actions.containers import pounds

__all__ = ["citizen", "world"]
MISSED = "report_missed_bin"


async def test_the_bin_day_names_bins_in_people_s_words_and_the_holiday(citizen: Citizen, world: World) -> None:
    world.at = datetime(2026, 5, 24, 9, tzinfo=UTC)
    said = await citizen.say("when is my bin day at 12 Mill Lane", "ask_bin_day")
    assert "12 Mill Lane, AD1 2BC" in said and "Wednesday 27 May: " in said and "Food caddy" in said and "wheelie bin" in said
    assert "bank holiday: Wednesday 27 May." in said and citizen.done


async def test_an_ordinary_week_says_nothing_of_holidays(citizen: Citizen, world: World) -> None:
    world.at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    said = await citizen.say("bin day 12 Mill Lane", "ask_bin_day")
    assert "Tuesday 2 June" in said and "holiday" not in said


async def test_an_address_is_remembered_and_another_can_be_given(citizen: Citizen) -> None:
    assert "postcode" in await citizen.say("when is my bin day", "ask_bin_day")
    await citizen.say("12 Mill Lane")
    assert "12 Mill Lane, AD1 2BC" in await citizen.say("when is my bin day", "ask_bin_day")
    assert "postcode" in await citizen.choose("Another address")
    assert "20 Mill Road" in await citizen.say("20 Mill Road")


async def test_one_bin_is_answered_alone(citizen: Citizen, world: World) -> None:
    said = await citizen.say("when is the blue bin collected at 12 Mill Lane", "ask_bin_day")
    assert "Blue wheelie bin" in said and "Food" not in said
    world.at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert "No brown wheelie bin collection is planned at 12 Mill Lane" in await citizen.say("when is the brown bin", "ask_bin_day")


@pytest.mark.parametrize(
    ("first", "asked", "then", "address"),
    [
        ("12 Mill", None, "", "12 Mill Lane"),
        ("14 Church Street", "Which is your address?", "14 Church Street, AD4 2WE", "14 Church Street, AD4 2WE"),
        ("AD1 7GN", "house or flat number in AD1 7GN", "flat 3", "Flat 3, Priory Court"),
        ("Mill Lane", "house or flat number in Mill Lane", "its number 12", "12 Mill Lane"),
        ("12, AD1 2BC", None, "", "12 Mill Lane"),
        ("99 Nowhere Lane", "cannot find that address", "12 Mill Lane", "12 Mill Lane"),
        ("flat 3 priory court", None, "", "Flat 3, Priory Court"),
    ],
)
async def test_an_address_is_found_step_by_step(citizen: Citizen, first: str, asked: str | None, then: str, address: str) -> None:
    await citizen.say("when is my bin day", "ask_bin_day")
    said = await citizen.say(first)
    if first == "12 Mill":
        said = await citizen.choose("12 Mill Lane, AD1 2BC")
    elif asked:
        assert asked in said
        said = await citizen.say(then)
    assert "next collections" in said and address in said


async def test_a_number_that_a_house_and_a_flat_share_becomes_a_choice(citizen: Citizen) -> None:
    await citizen.say("when is my bin day", "ask_bin_day")
    assert "Which is your address?" in await citizen.say("3 Priory Street AD1 7GN")
    assert list(citizen.choices) == ["3 Priory Street, AD1 7GN", "Flat 3, Priory Court, Priory Street, AD1 7GN"]
    assert "Flat 3" in await citizen.say("the flat")


async def test_a_missed_bin_from_one_sentence(citizen: Citizen, world: World) -> None:
    said = await citizen.say("my food caddy was not emptied at 12 Mill Lane", MISSED)
    assert "updates" in said
    checked = await citizen.say("no", "deny")
    assert "Missed: Food caddy" in checked and "12 Mill Lane, AD1 2BC" in checked and "Due on: Tuesday 19 May" in checked
    sent = await citizen.choose("Send it")
    (request,) = await world.requests("MISSEDBIN")
    assert request["service_request_id"] in sent and request["address"] == "12 Mill Lane, AD1 2BC" and citizen.done
    uprn = (await world.get("bins/addresses", q="12 mill lane"))[0]["uprn"]
    known = await world.get("bins/missed", uprn=uprn, container="food")
    assert (known["reason"], known["reported_as"]) == ("already_reported", request["service_request_id"])


async def test_a_turn_that_is_run_again_reports_once(citizen: Citizen, world: World) -> None:
    await citizen.say("my food caddy was not emptied at 12 Mill Lane", MISSED)
    await citizen.say("no", "deny")
    first = await citizen.choose("Send it")
    assert await citizen.again() == first
    assert len(await world.requests("MISSEDBIN")) == 1


async def test_a_second_report_is_recognised_and_gives_the_first_reference(citizen: Citizen, world: World) -> None:
    await citizen.say("my food caddy was not emptied at 12 Mill Lane", MISSED)
    await citizen.say("no", "deny")
    await citizen.choose("Send it")
    said = await citizen.say("food caddy missed", MISSED)
    (request,) = await world.requests("MISSEDBIN")
    assert "already know" in said and request["service_request_id"] in said and citizen.done


async def test_only_bins_of_the_latest_day_are_offered_and_all_can_be_missed(citizen: Citizen, world: World) -> None:
    asked = await citizen.say("you missed my bin at 12 Mill Lane", MISSED)
    assert "Which bin did we miss at 12 Mill Lane" in asked and len(citizen.choices) in {3, 4} and "Food caddy" in citizen.choices
    assert "updates" in await citizen.choose("All of these")
    assert "Food caddy" in await citizen.say("no", "deny")
    await citizen.choose("Change something")
    assert "Which bin did we miss" in await citizen.say("2")
    assert "Missed: Food caddy\n" in await citizen.say("just the food caddy")


@pytest.mark.parametrize(
    ("at", "words", "expected"),
    [
        (datetime(2026, 5, 19, 8, tzinfo=UTC), "food caddy missed at 12 Mill Lane", "still full at 5pm"),
        (datetime(2026, 5, 25, 9, tzinfo=UTC), "food caddy missed at 12 Mill Lane", "updates"),
        (datetime(2026, 5, 26, 9, tzinfo=UTC), "food caddy missed at 12 Mill Lane", "The next collection is on Wednesday 27 May"),
        (datetime(2026, 5, 26, 23, 30, tzinfo=UTC), "food caddy missed at 12 Mill Lane", "due today"),
        (datetime(2026, 5, 23, 9, tzinfo=UTC), "food caddy missed at 13 Mill Lane", "was not out"),
        (datetime(2026, 5, 23, 9, tzinfo=UTC), "brown bin missed at flat 3 Priory Court", "No brown wheelie bin collection"),
    ],
)
async def test_what_cannot_be_reported_is_said_before_more_is_asked(
    citizen: Citizen, world: World, at: datetime, words: str, expected: str
) -> None:
    world.at = at
    said = await citizen.say(words, MISSED)
    assert expected in said and citizen.done is (expected != "updates")


async def test_too_late_says_the_next_collection(citizen: Citizen, world: World) -> None:
    world.at = datetime(2026, 6, 8, 9, tzinfo=UTC)
    said = await citizen.say("food caddy missed at 12 Mill Lane", MISSED)
    assert "on Tuesday 2 June" in said and "within 3 working days" in said and "Tuesday 9 June" in said


async def test_the_report_is_not_lost_while_the_rounds_system_is_away(citizen: Citizen, world: World) -> None:
    await world.fault("bins", {"status": 503})
    assert "postcode" in await citizen.say("my garden waste was missed", MISSED)
    assert "Which day" in await citizen.say("12 Mill Lane AD1 2BC")
    assert "updates" in await citizen.say("yesterday")
    checked = await citizen.say("no", "deny")
    assert "12 Mill Lane" in checked and "Garden waste" in checked
    await citizen.choose("Send it")
    assert len(await world.requests("MISSEDBIN")) == 1


async def test_the_rounds_system_failing_at_the_end_does_not_lose_the_report(citizen: Citizen, world: World) -> None:
    await citizen.say("my food caddy was not emptied at 12 Mill Lane", MISSED)
    await citizen.say("no", "deny")
    await world.fault("bins", {"status": 500})
    assert "Your reference is" in await citizen.choose("Send it")


async def test_the_bin_day_while_the_rounds_system_is_away(citizen: Citizen, world: World) -> None:
    await world.fault("bins", {"drop": True})
    said = await citizen.say("when is my bin day", "ask_bin_day")
    assert "cannot reach our bins system" in said and "01632 960100" in said and citizen.done


async def test_a_wrong_address_is_corrected_in_the_middle(citizen: Citizen) -> None:
    await citizen.say("my food caddy was not emptied at 12 Mill Lane", MISSED)
    await citizen.say("no, 14 Mill Lane")
    assert "14 Mill Lane" in await citizen.say("no", "deny")
    await citizen.choose("Change something")
    assert "postcode" in await citizen.choose("14 Mill Lane, AD1 2BC")
    assert "Which bin did we miss at 16 Mill Lane" in await citizen.say("16 Mill Lane")


async def test_going_back_asks_the_question_before(citizen: Citizen) -> None:
    await citizen.say("you missed my bin at 12 Mill Lane", MISSED)
    await citizen.choose("Food caddy")
    assert "Which bin" in await citizen.say("go back")
    assert "postcode" in await citizen.say("go back")


async def test_a_stolen_bin_needs_no_question_but_the_address_and_its_price_is_said(citizen: Citizen, world: World) -> None:
    assert "postcode" in await citizen.say("my black bin was stolen, can I have another", "order_bin")
    said = await citizen.say("12 Mill Lane")
    assert "Black wheelie bin: £35." in said and "10 working days" in said and "updates" not in said
    assert "Why do you need it?" in said
    await citizen.choose("Mine is lost or stolen")
    checked = await citizen.say("no", "deny")
    assert all(words in checked for words in ("Black wheelie bin", "12 Mill Lane, AD1 2BC", "lost or stolen", "£35", "10 working days"))
    sent = await citizen.choose("Send it")
    (request,) = await world.requests("NEWBIN")
    assert request["service_request_id"] in sent and "black wheelie bin" in sent


async def test_a_bin_is_chosen_and_changed(citizen: Citizen, world: World) -> None:
    await citizen.say("I need a new bin", "order_bin")
    assert "Which bin do you need" in await citizen.say("12 Mill Lane") and "Brown wheelie bin" in citizen.choices
    assert "£52. A year's collections." in await citizen.say("the brown one")
    await citizen.say("it has no lid")
    assert "Price: £52" in await citizen.say("no", "deny")
    await citizen.choose("Change something")
    await citizen.choose("Which bin do you need?")
    assert "Price: free" in await citizen.choose("Food caddy")


@pytest.mark.parametrize(
    ("price", "language", "said"),
    [
        (0.0, "en", "free"),
        (0.0, "cy", "am ddim"),
        (0.0, "pl", "bezpłatnie"),
        (0.0, "es", "free"),
        (35.0, "cy", "£35"),
        (12.5, "pl", "£12.50"),
    ],
)
def test_a_price_of_nothing_is_free_in_the_citizens_language(price: float, language: str, said: str) -> None:
    assert pounds(price, language) == said


async def test_nothing_is_ordered_without_a_price(citizen: Citizen, world: World) -> None:
    await world.fault("bins", {"status": 500})
    assert "cannot reach our bins system" in await citizen.say("I need a new black bin", "order_bin") and citizen.done
