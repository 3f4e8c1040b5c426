"""Bin days, missed bins and new bins, by web chat and by text message. What depends on the day is in tests/bot/test_own_bins.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from clients import Phone, Sandbox, WebChat, reference_in

STREETS = ("Mill Lane", "Mill Road", "High Street", "Castle Street", "Kings Avenue", "Albert Street", "Abbey Lane", "Bakers Lane")


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def well_again(sandbox: Sandbox) -> AsyncIterator[None]:
    yield
    await sandbox.fault(None, system="bins")


async def home_to_report(sandbox: Sandbox, house: int) -> tuple[str, str]:
    """The address and UPRN of a house whose food caddy can be reported as missed today."""
    for street in STREETS:
        home = (await sandbox.bins("addresses", q=f"{house} {street}"))[0]
        if (await sandbox.bins("missed", uprn=home["uprn"], container="food"))["reason"] == "":
            return str(home["address"]), str(home["uprn"])
    raise AssertionError("no round of the last three working days")


async def test_the_bin_day_from_a_postcode_and_again_without_it(chat: WebChat) -> None:
    assert "postcode" in await chat.say("when is my bin day?")
    assert "house or flat number in AD1 2BC" in await chat.say("AD1 2BC")
    told = await chat.say("12")
    assert "next collections at 12 Mill Lane, AD1 2BC" in told and "wheelie bin" in told and "Food caddy" in told
    again = await chat.say("when is my bin day?")
    assert "12 Mill Lane, AD1 2BC" in again and again.choices == ["Another address"]
    assert "postcode" in await chat.choose("Another address")
    assert "20 Mill Road" in await chat.say("20 Mill Road")


async def test_the_bin_day_by_text_message_with_an_ambiguous_address(phone: Phone) -> None:
    await phone.say("when is my bin day", "postcode")
    asked = await phone.say("14 Church Street", "Which is your address?")
    assert "1 14 Church Street, AD1 2DA\n2 14 Church Street, AD4 2WE" in asked
    assert "AD4 2WE" in await phone.say("2", "Next collections")
    assert all(len(text.body) <= 306 for text in phone.texts)


async def test_houses_and_flats_of_one_postcode_are_told_apart(chat: WebChat) -> None:
    await chat.say("when is my bin day?")
    both = await chat.say("3 Priory Street AD1 7GN")
    assert both.choices == ["3 Priory Street, AD1 7GN", "Flat 3, Priory Court, Priory Street, AD1 7GN"]
    assert "Flat 3, Priory Court" in await chat.choose("Flat 3, Priory Court, Priory Street, AD1 7GN")


async def test_an_unknown_address_says_so_and_asks_again(chat: WebChat) -> None:
    await chat.say("when is my bin day?")
    assert "cannot find that address" in await chat.say("99 Nowhere Lane")
    assert "12 Mill Lane" in await chat.say("12 Mill Lane")


async def test_a_missed_bin_is_reported_once_and_recognised_by_text_message(chat: WebChat, phone: Phone, sandbox: Sandbox) -> None:
    address, uprn = await home_to_report(sandbox, 5)
    asked = await chat.say(f"my food caddy was not emptied at {address}")
    assert "updates" in asked
    checked = await chat.choose("No updates")
    assert "Missed: Food caddy" in checked and address in checked
    reference = reference_in((await chat.choose("Send it")).text)
    request = await sandbox.request(reference)
    assert (request["service_code"], request["address"]) == ("MISSEDBIN", address)
    assert set(await sandbox.attributes(reference)) == {"bins", "day"}
    assert (await sandbox.bins("missed", uprn=uprn, container="food"))["reported_as"] == reference
    assert reference in await phone.say(f"my food caddy was not emptied at {address}", "already know")


async def test_a_missed_bin_by_text_message(phone: Phone, sandbox: Sandbox) -> None:
    address, _ = await home_to_report(sandbox, 6)
    asked = await phone.say("my bin was not collected", "postcode")
    asked = await phone.say(address, "Which bin did we miss")
    number = next(line[0] for line in asked.splitlines() if line.endswith("Food caddy"))
    await phone.say(number, "text you updates")
    assert "Missed: Food caddy" in await phone.say("No updates", "Send it?")
    reference = reference_in(await phone.say("1", "Your reference is"))
    assert (await sandbox.attributes(reference))["bins"] == ["food"]
    assert all(len(text.body) <= 306 for text in phone.texts)


async def test_a_missed_bin_can_be_changed_and_gone_back_to(chat: WebChat, sandbox: Sandbox) -> None:
    address, _ = await home_to_report(sandbox, 7)
    other, _ = await home_to_report(sandbox, 8)
    await chat.say(f"you did not collect my bin at {address}")
    await chat.choose("Food caddy")
    assert "Which bin did we miss" in await chat.say("go back")
    await chat.choose("All of these")
    await chat.choose("No updates")
    await chat.choose("Change something")
    assert "postcode" in await chat.choose(address)
    assert other in await chat.say(other)
    assert "Missed: Food caddy\n" in await chat.choose("Food caddy")
    reference = reference_in((await chat.choose("Send it")).text)
    assert (await sandbox.request(reference))["address"] == other


async def test_a_missed_bin_is_taken_while_the_rounds_system_is_down(chat: WebChat, sandbox: Sandbox) -> None:
    await sandbox.fault({"status": 503}, system="bins")
    await chat.say("my recycling was not collected")
    assert "Which day" in await chat.say("12 Mill Lane AD1 2BC")
    await chat.say("yesterday")
    assert "Recycling" in await chat.choose("No updates")
    reference = reference_in((await chat.choose("Send it")).text)
    assert (await sandbox.attributes(reference))["bins"] == ["recycling"]


async def test_the_bin_day_while_the_rounds_system_is_down(chat: WebChat, sandbox: Sandbox) -> None:
    await sandbox.fault({"drop": True}, system="bins")
    assert "cannot reach our bins system" in await chat.say("when is my bin day?")


async def test_a_new_bin_with_its_price(chat: WebChat, sandbox: Sandbox) -> None:
    await chat.say("I need a new bin")
    asked = await chat.say("12 Mill Lane")
    assert "Which bin do you need at 12 Mill Lane" in asked and "Black wheelie bin" in asked.choices
    assert "Black wheelie bin: £35. We deliver within 10 working days." in await chat.choose("Black wheelie bin")
    await chat.choose("Mine is broken")
    checked = await chat.choose("No updates")
    assert "Price: £35" in checked and "Mine is broken" in checked
    await chat.choose("Change something")
    await chat.choose("Which bin do you need?")
    assert "Price: free" in await chat.choose("Blue wheelie bin")
    sent = await chat.choose("Send it")
    assert "blue wheelie bin to 12 Mill Lane" in sent
    assert await sandbox.attributes(reference_in(sent.text)) == {"bin": ["recycling"], "reason": ["broken"]}


async def test_a_new_bin_by_text_message(phone: Phone, sandbox: Sandbox) -> None:
    await phone.say("I need a new blue bin, mine was stolen", "postcode")
    assert "Blue wheelie bin: free" in await phone.say("9 Mill Lane", "text you updates")
    await phone.say("2", "Send it?")
    reference = reference_in(await phone.say("1", "Your reference is"))
    assert await sandbox.attributes(reference) == {"bin": ["recycling"], "reason": ["lost"]}
    assert all(len(text.body) <= 306 for text in phone.texts)


async def test_the_bin_day_in_the_middle_of_a_missed_bin(chat: WebChat, sandbox: Sandbox) -> None:
    address, _ = await home_to_report(sandbox, 10)
    await chat.say(f"you did not collect my bin at {address}")
    aside = await chat.say("when is my bin day? it is 20 Mill Road")
    assert "20 Mill Road" in aside and f"Which bin did we miss at {address}" in aside
