"""Large items: how many, what they cost, on which day, and what is never taken."""

from __future__ import annotations

import pytest
from home_world import Citizen, World, citizen, world

from bot.actions.bulky_items import items_of, known_parts, parts_of
from hearback import profile

__all__ = ["citizen", "world"]
BULKY = "book_bulky_waste"
NOUNS = profile.bulky_waste()["items"]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("a sofa and two mattresses", 3),
        ("sofa, fridge, washing machine", 3),
        ("2 beds\n1 table + 3 chairs", 6),
        ("a 3 seater sofa", 1),
        ("three piece suite", 3),
        ("a couple of armchairs", 2),
        ("mattress x2", 2),
        ("a chest of drawers", 1),
        ("old mattress", 1),
        ("some chairs", None),
        ("a table and chairs", None),
        ("my two old mattresses", 2),
    ],
)
def test_a_list_is_counted(words: str, count: int | None) -> None:
    found = items_of(parts_of(words), NOUNS)
    assert found is not None and found.count == count


@pytest.mark.parametrize(
    ("words", "items", "count"),
    [
        ("can you collect an old sofa and two mattresses from 12 Mill Lane", "an old sofa, two mattresses", 3),
        ("I want to get rid of my fridge freezer please", "fridge freezer", 1),
        ("bulky waste for a wardrobe, 2 shelves and a sofa bed", "a wardrobe, 2 shelves, a sofa bed", 4),
    ],
)
def test_a_whole_sentence_tells_its_items(words: str, items: str, count: int) -> None:
    found = items_of(known_parts(words, NOUNS), NOUNS)
    assert found is not None and (found.text, found.count) == (items, count)


async def test_a_booking_from_the_first_sentence_to_the_reference(citizen: Citizen, world: World) -> None:
    said = await citizen.say("can you collect an old sofa and two mattresses from 12 Mill Lane", BULKY)
    assert "£39, or £19.50 for people who get Universal Credit" in said and "Which day suits you?" in said
    assert len(citizen.choices) == 5 and "More dates" in citizen.choices
    first = next(iter(citizen.choices))
    await citizen.choose("More dates")
    assert first not in citizen.choices
    day = next(iter(citizen.choices))
    assert "Where will you leave them?" in await citizen.choose(day)
    await citizen.say("by the front gate")
    checked = await citizen.say("no", "deny")
    assert all(words in checked for words in ("an old sofa, two mattresses", "12 Mill Lane, AD1 2BC", day, "by the front gate", "£39"))
    sent = await citizen.choose("Send it")
    (request,) = await world.requests("BULKY")
    assert request["service_request_id"] in sent and day in sent and "6am" in sent
    assert day in request["description"] and request["address"] == "12 Mill Lane, AD1 2BC"
    (listed,) = await world.services.log.requests.of_citizen(citizen.conversation)
    assert listed.report["attributes"] == {"items": "an old sofa, two mattresses", "count": "3", "place": "by the front gate"}


async def test_a_day_can_be_said_in_words(citizen: Citizen) -> None:
    await citizen.say("collect a sofa from 12 Mill Lane", BULKY)
    assert "Which day" in await citizen.say("a morning please")
    assert all("morning" in title for title in list(citizen.choices)[:-1])
    one = next(iter(citizen.choices))
    assert "Where will you leave" in await citizen.say(one.replace(",", ""))


async def test_too_many_items_are_told_and_fewer_are_taken(citizen: Citizen) -> None:
    said = await citizen.say("take a table and six chairs from 12 Mill Lane", BULKY)
    assert "7 items" in said and "up to 5" in said and "What would you like us to collect" in said
    assert "£32" in await citizen.say("the table and one chair")


async def test_how_many_is_asked_where_it_is_not_said(citizen: Citizen) -> None:
    await citizen.say("book bulky waste at 12 Mill Lane", BULKY)
    assert "How many items is that in all: chairs" in await citizen.say("some chairs")
    assert "£46" in await citizen.say("4")


async def test_what_is_never_taken_is_named_with_what_to_do(citizen: Citizen) -> None:
    said = await citizen.say("do you pick up pianos", BULKY)
    assert "We cannot take this: pianos" in said and "charity" in said and citizen.done
    said = await citizen.say("collect my bulky waste from 12 Mill Lane", BULKY)
    said = await citizen.say("a sofa and two gas bottles")
    assert "We cannot take this: gas bottles" in said and "To collect a sofa: £25" in said


async def test_a_day_that_fills_up_before_it_is_sent_is_chosen_again(citizen: Citizen, world: World) -> None:
    await citizen.say("collect a sofa from 12 Mill Lane", BULKY)
    await citizen.choose(next(iter(citizen.choices)))
    await citizen.say("skip", "deny")
    await citizen.say("no", "deny")
    world.at = world.at.replace(month=7)
    assert "just filled up" in await citizen.choose("Send it") and "More dates" in citizen.choices
    assert await world.requests("BULKY") == []


async def test_items_and_day_change_at_the_check(citizen: Citizen) -> None:
    await citizen.say("collect a sofa from 12 Mill Lane", BULKY)
    day = next(iter(citizen.choices))
    await citizen.choose(day)
    await citizen.say("skip", "deny")
    await citizen.say("no", "deny")
    await citizen.choose("Change something")
    assert "What would you like us to collect" in await citizen.choose("a sofa")
    assert "Price: £53" in await citizen.say("5 chairs")
    await citizen.choose("Change something")
    assert "Which day" in await citizen.choose(day)


@pytest.mark.parametrize(("language", "english", "month"), [("cy", "May", "Mai"), ("pl", "May", "maja")])
async def test_the_change_menu_shows_the_day_in_the_citizens_language(citizen: Citizen, language: str, english: str, month: str) -> None:
    citizen.slots["language"] = language
    await citizen.say("collect a sofa from 12 Mill Lane", BULKY)
    day = next(iter(citizen.choices))
    assert month in day and english not in day
    await citizen.choose(day)
    await citizen.say("skip", "deny")
    await citizen.say("no", "deny")
    await citizen.choose(list(citizen.choices)[1])
    assert day in citizen.choices


async def test_going_back_leads_from_the_day_to_the_items(citizen: Citizen) -> None:
    await citizen.say("collect a sofa from 12 Mill Lane", BULKY)
    assert "What would you like us to collect" in await citizen.say("back")


async def test_without_the_rounds_system_nothing_is_booked(citizen: Citizen, world: World) -> None:
    await world.fault("bins", {"garbage": True})
    assert "cannot reach our bins system" in await citizen.say("collect a sofa", BULKY) and citizen.done
