"""Large items booked by web chat and by text message."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from clients import Phone, Sandbox, WebChat, reference_in

BULKY = "I want to book a bulky waste collection for a sofa and two mattresses"


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def well_again(sandbox: Sandbox) -> AsyncIterator[None]:
    yield
    await sandbox.fault(None, system="bins")


async def test_a_booking_by_web_chat(chat: WebChat, sandbox: Sandbox) -> None:
    assert "postcode" in await chat.say(BULKY)
    asked = await chat.say("12 Mill Lane")
    assert "£39, or £19.50" in asked and asked.choices[-1] == "More dates"
    later = await chat.choose("More dates")
    day = later.choices[0]
    assert day not in asked.choices
    assert "Where will you leave them?" in await chat.choose(day)
    await chat.say("by the front gate")
    checked = await chat.choose("No updates")
    assert all(words in checked for words in ("a sofa, two mattresses", "12 Mill Lane, AD1 2BC", day, "by the front gate", "£39"))
    sent = await chat.choose("Send it")
    reference = reference_in(sent.text)
    request = await sandbox.request(reference)
    assert request["service_code"] == "BULKY" and day in request["description"] and day in sent and "6am" in sent
    assert await sandbox.attributes(reference) == {"items": ["a sofa, two mattresses"], "count": ["3"], "place": ["by the front gate"]}


async def test_a_booking_by_text_message(phone: Phone, sandbox: Sandbox) -> None:
    await phone.say("book a bulky waste collection", "postcode")
    await phone.say("11 Mill Lane", "What shall we collect?")
    assert "£25" in await phone.say("an old fridge", "Which day suits you?")
    await phone.say("2", "Where will you leave them?")
    await phone.say("skip", "text you updates")
    await phone.say("2", "Send it?")
    reference = reference_in(await phone.say("1", "Your reference is"))
    assert (await sandbox.attributes(reference))["count"] == ["1"]
    assert all(len(text.body) <= 306 for text in phone.texts)


async def test_what_is_not_taken_and_what_is_too_much(chat: WebChat) -> None:
    await chat.say("book a bulky waste collection")
    await chat.say("12 Mill Lane")
    refused = await chat.say("some rubble")
    assert "We cannot take this: rubble" in refused and "Forge Lane" in refused and "What would you like us to collect" in refused
    assert "up to 5" in await chat.say("a table and eight chairs")
    assert "£32" in await chat.say("a table and a chair")


async def test_items_are_changed_at_the_check_and_back_leads_to_the_day(chat: WebChat) -> None:
    await chat.say(BULKY)
    asked = await chat.say("12 Mill Lane")
    await chat.choose(asked.choices[0])
    assert "Which day suits you?" in await chat.say("go back")
    await chat.choose(asked.choices[1])
    await chat.choose("Skip")
    assert asked.choices[1] in await chat.choose("No updates")
    await chat.choose("Change something")
    await chat.choose("a sofa, two mattresses")
    assert "Price: £25" in await chat.say("a sofa")


async def test_nothing_is_booked_while_the_rounds_system_is_down(chat: WebChat, sandbox: Sandbox) -> None:
    await sandbox.fault({"status": 500}, system="bins")
    assert "cannot reach our bins system" in await chat.say(BULKY)
