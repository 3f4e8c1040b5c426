"""Where it is, whose area that is, and whether it is reported already: by web chat and by text message."""

from __future__ import annotations

from typing import Any

import pytest
from clients import ConsoleApi, Phone, Sandbox, WebChat, reference_in
from stack import Stack, running_stack
from test_web_report import POTHOLE, SIZES, to_the_check

NONE = "None of these"


async def located(chat: WebChat, location: dict[str, Any], **body: Any) -> str:
    status, got = await chat.post(wait=20, location=location, **body)
    assert status == 200, got
    chat._offer(got["messages"])
    return "\n".join(line["text"] for line in got["messages"])


async def sent(chat: WebChat) -> str:
    """Answer the questions of a pothole and send it; its reference."""
    for title in ("Larger than a dinner plate", "Skip", "No photo", "No updates"):
        await chat.choose(title)
    return reference_in((await chat.choose("Send it")).text)


async def test_a_report_carries_the_words_and_the_point(chat: WebChat, sandbox: Sandbox) -> None:
    assert (await chat.say("there's a pothole outside the Tesco on Mill Lane")).choices == SIZES
    request = await sandbox.request(await sent(chat))
    assert request["address"] == "outside the Tesco on Mill Lane"
    assert (round(float(request["lat"]), 3), round(float(request["long"]), 3)) == (51.053, 0.104)


async def test_a_street_that_exists_twice_is_chosen(chat: WebChat, sandbox: Sandbox) -> None:
    asked = await chat.say("there's a pothole outside 5 Church Street")
    assert asked.choices == ["Church Street, AD1 2DA", "Church Street, AD4 2WE"]
    assert (await chat.choose("Church Street, AD4 2WE")).choices == SIZES
    request = await sandbox.request(await sent(chat))
    assert request["address"] == "outside 5 Church Street, AD4 2WE" and round(float(request["lat"]), 3) == 51.044


async def test_outside_our_area_nothing_is_sent_and_the_right_council_is_named(chat: WebChat, console: ConsoleApi) -> None:
    said = await chat.say("there's a massive pothole outside 3 Long Road BN1 1AA")
    assert "Brighton and Hove City Council" in said and "https://www.brighton-hove.gov.uk" in said
    assert said.choices == ["Stop this report"]
    assert "Nothing was sent" in await chat.choose("Stop this report")
    assert "Westmarsh District Council" in await chat.say("there's a massive pothole outside 3 Long Road AD6 1AA")
    assert "Nothing was sent" in await chat.say("no")
    assert (await console.conversation(chat.conversation))["requests"] == []


async def test_a_town_outside_is_known_and_another_place_can_be_given(chat: WebChat, sandbox: Sandbox) -> None:
    assert "Brighton and Hove City Council" in await chat.say("I want to report a pothole in Brighton")
    assert (await chat.say("sorry, outside 12 Mill Lane")).choices == SIZES
    assert "12 Mill Lane" in (await sandbox.request(await sent(chat)))["address"]


async def test_a_shared_location_says_where(chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    assert "Where is it?" in await chat.say("there's a pothole in the road")
    asked = await located(chat, {"lat": 51.0529, "long": 0.1041})
    assert "near Mill Lane, AD1 2BC" in asked and "How big is it?" in asked
    request = await sandbox.request(await sent(chat))
    assert (float(request["lat"]), float(request["long"]), request["address"]) == (51.0529, 0.1041, "Mill Lane, AD1 2BC")
    lines = (await console.conversation(chat.conversation))["messages"]
    assert "(location shared)" in [line["text"] for line in lines if line["author"] == "citizen"]


async def test_a_location_beside_words_and_one_outside(chat: WebChat) -> None:
    said = await located(chat, {"lat": 51.05, "long": 0.2}, text="I want to report a pothole here")
    assert "Holt Valley Council" in said and "https://www.holtvalley.example" in said
    assert "near Mill Lane" in await located(chat, {"lat": 51.0529, "long": 0.1041}, text="")


@pytest.mark.parametrize(
    "location", [{}, [], "here", {"lat": 91, "long": 0}, {"lat": 51, "long": "0"}, {"lat": True, "long": 0}, {"lat": 51}]
)
async def test_a_location_that_is_none_is_refused(chat: WebChat, location: Any) -> None:
    status, body = await chat.post(text="here", location=location)
    assert status == 422 and "location" in body["error"]
    assert len(await chat.history()) == 1


async def test_a_report_that_exists_is_joined(stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    await to_the_check(chat)
    first = reference_in((await chat.choose("Send it")).text)
    other = await WebChat(stack).start()
    asked = await other.say("there's a massive pothole outside 16 Mill Lane")
    assert "reported near there already" in asked and asked.choices[1:] == [NONE]
    assert asked.choices[0].startswith("outside 12 Mill Lane AD1 2BC, ")
    before = len(await sandbox.requests(service_code="POTHOLE"))
    assert "updates" in await other.choose(asked.choices[0])
    joined = await other.say("someone@example.com")
    assert first in joined and "expects to deal with it by" in joined
    assert len(await sandbox.requests(service_code="POTHOLE")) == before
    (row,) = (await console.conversation(other.conversation))["requests"]
    assert (row["reference"], row["state"]) == (first, "sent")
    assert first in await other.say("how is my report going?")
    assert "reported near there already" in await other.say(POTHOLE)
    assert first in await other.choose(asked.choices[0])
    assert len((await console.conversation(other.conversation))["requests"]) == 1


async def test_none_of_these_is_a_new_report_and_one_s_own_counts_too(chat: WebChat, sandbox: Sandbox) -> None:
    await to_the_check(chat)
    first = reference_in((await chat.choose("Send it")).text)
    assert NONE in (await chat.say("there's a massive pothole outside 14 Mill Lane AD1 2BC")).choices
    assert (await chat.choose(NONE)).choices == SIZES
    second = await sent(chat)
    assert second != first and (await sandbox.request(second))["status"] == "open"


async def test_a_closed_or_distant_report_is_not_shown(chat: WebChat, sandbox: Sandbox) -> None:
    await to_the_check(chat)
    await sandbox.close(reference_in((await chat.choose("Send it")).text), "Filled.", "Ashdown Highways")
    await to_the_check(chat, "there's a massive pothole outside 20 Station Road")
    await chat.choose("Send it")
    assert (await chat.say(POTHOLE)).choices == SIZES


async def test_a_slow_back_office_is_not_waited_for(chat: WebChat, sandbox: Sandbox) -> None:
    await to_the_check(chat)
    await chat.choose("Send it")
    await sandbox.fault({"delay": 5})
    try:
        assert (await chat.say("there's a massive pothole outside 14 Mill Lane AD1 2BC")).choices == SIZES
    finally:
        await sandbox.fault(None)


async def test_a_street_that_exists_twice_by_text_message(phone: Phone, sandbox: Sandbox) -> None:
    asked = await phone.say("there's a pothole outside 5 Church Street", "Which is it?")
    assert "1 Church Street, AD1 2DA\n2 Church Street, AD4 2WE" in asked
    await phone.say("2", "How big is it?")
    for words, expects in (("3", "Where in the road"), ("1", "photo"), ("1", "text you updates")):
        await phone.say(words, expects)
    assert "AD4 2WE" in await phone.say("2", "Send it?")


async def test_outside_our_area_by_text_message(phone: Phone, console: ConsoleApi) -> None:
    assert "https://www.brighton-hove.gov.uk" in await phone.say("massive pothole outside 3 Long Road BN1 1AA", "Brighton and Hove")
    assert "https://www.westmarsh.example" in await phone.say("sorry, it is in Westmarsh", "Westmarsh District Council")
    await phone.say("no", "Nothing was sent")
    assert (await console.of(phone))["requests"] == []


async def test_a_report_that_exists_is_joined_by_text_message(stack: Stack, chat: WebChat, phone: Phone, console: ConsoleApi) -> None:
    await to_the_check(chat)
    first = reference_in((await chat.choose("Send it")).text)
    asked = await phone.say(POTHOLE, "reported near there already")
    assert "1 outside 12 Mill Lane AD1 2BC, " in asked and f"2 {NONE}" in asked
    await phone.say("1", "text you updates")
    assert first in await phone.say("1", "reported already")
    (row,) = (await console.of(phone))["requests"]
    assert row["reference"] == first
    await phone.say(POTHOLE, "reported near there already")
    await phone.say(NONE, "How big is it?")


async def test_without_the_gazetteer_the_words_are_enough() -> None:
    async with running_stack(HEARBACK_GAZETTEER_URL="http://127.0.0.1:9") as alone:
        chat, sandbox = await WebChat(alone).start(), Sandbox(alone)
        assert (await chat.say("there's a pothole outside 5 Church Street")).choices == SIZES
        request = await sandbox.request(await sent(chat))
        assert (request["address"], request["lat"]) == ("outside 5 Church Street", None)
        await Phone(alone, "+447700900099").say("pothole outside 9 Church Street", "reported near there already")


async def test_whoever_joined_a_report_cannot_withdraw_it(stack: Stack, chat: WebChat, sandbox: Sandbox) -> None:
    sandbox.grow_old()
    await chat.say("there's a pothole outside 9 Windmill Hill AD4 3KM")
    reference = reference_in(await sent(chat))
    other = await WebChat(stack).start()
    await other.say("there's a pothole outside 9 Windmill Hill AD4 3KM")
    await other.choose(next(title for title in other.offered if title != "None of these"))
    assert reference in await other.say("no")
    assert "was not reported in this chat" in await other.say(f"please withdraw my report {reference}")
    await other.choose("Leave it")
    assert (await sandbox.request(reference))["status"] == "open"
