"""Repairs in council homes by web chat and by text message."""

from __future__ import annotations

from clients import Phone, Sandbox, WebChat, reference_in


async def test_a_repair_by_web_chat(chat: WebChat, sandbox: Sandbox) -> None:
    assert "rent your home from the council" in await chat.say("there is a leak under the kitchen sink")
    await chat.choose("Yes")
    assert "When can we visit?" in await chat.say("12 Mill Lane")
    await chat.say("weekday mornings")
    checked = await chat.choose("No updates")
    assert all(words in checked for words in ("A leak or plumbing", "12 Mill Lane, AD1 2BC", "weekday mornings"))
    await chat.choose("Change something")
    await chat.choose("When can we visit?")
    assert "after 3pm" in await chat.say("after 3pm")
    reference = reference_in((await chat.choose("Send it")).text)
    request = await sandbox.request(reference)
    assert (request["service_code"], request["address"]) == ("REPAIR", "12 Mill Lane, AD1 2BC")
    assert await sandbox.attributes(reference) == {"problem": ["leak"], "access": ["after 3pm"]}


async def test_something_urgent_by_text_message_is_told_the_emergency_line_first(phone: Phone, sandbox: Sandbox) -> None:
    await phone.say("council flat, no heating and no hot water and I have a newborn baby", "postcode")
    assert "01632 960999" in phone.texts[0].body and "urgent" in phone.texts[0].body
    await phone.say("12 Mill Lane", "When can we visit?")
    await phone.say("any time", "text you updates")
    assert "Heating or hot water" in await phone.say("2", "Send it?")
    reference = reference_in(await phone.say("1", "Your reference is"))
    assert (await sandbox.attributes(reference))["problem"] == ["heating"]
    assert all(len(text.body) <= 306 for text in phone.texts)


async def test_who_does_not_rent_from_the_council_is_told_what_to_do(chat: WebChat) -> None:
    await chat.say("my boiler has broken down")
    assert "tell your landlord" in await chat.choose("No")
