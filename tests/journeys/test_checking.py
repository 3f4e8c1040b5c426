"""Asking where a report stands."""

from __future__ import annotations

from clients import ConsoleApi, Sandbox, WebChat, reference_in
from stack import Stack
from test_web_report import to_the_check


async def test_my_report_is_the_one_of_this_chat(chat: WebChat) -> None:
    await to_the_check(chat)
    reference = reference_in((await chat.choose("Send it")).text)
    where = await chat.say("how is my report going?")
    assert reference in where and "is open" in where and "by " in where


async def test_a_reference_is_enough_from_any_chat(stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    await to_the_check(chat)
    reference = reference_in((await chat.choose("Send it")).text)
    other = await WebChat(stack).start()
    assert f"{reference} (Pothole or broken road surface) is open" in await other.say(f"what is happening with {reference.lower()}?")
    await sandbox.close(reference, "Filled with hot tarmac.", "Ashdown Highways")
    closed = await other.say(f"what is happening with {reference}?")
    assert "closed" in closed and "Filled with hot tarmac." in closed
    lines = (await console.conversation(other.conversation))["messages"]
    asked = next(line for line in lines if line["author"] == "citizen")
    assert asked["intent"] == "check_request" and {"entity": "reference", "value": reference} in asked["entities"]


async def test_an_unknown_reference_is_said_to_be_unknown(chat: WebChat) -> None:
    assert "cannot find a report with that reference" in await chat.say("how is ASH-999999 going")


async def test_without_a_report_the_reference_is_asked_for_and_then_read(stack: Stack, chat: WebChat) -> None:
    other = await WebChat(stack).start()
    await to_the_check(other)
    reference = reference_in((await other.choose("Send it")).text)
    assert "What is the reference" in await chat.choose("Check a report")
    assert f"{reference} (" in await chat.say(reference)


async def test_several_reports_of_one_chat_are_told_apart(chat: WebChat) -> None:
    references = []
    for _ in range(2):
        await to_the_check(chat)
        references.append(reference_in((await chat.choose("Send it")).text))
    asked = await chat.say("how is my report going?")
    assert [reference_in(title) for title in asked.choices] == references[::-1]
    assert references[0] in await chat.choose(asked.choices[1])


async def test_the_back_office_down_is_said_and_no_status_made_up(stack: Stack, chat: WebChat, sandbox: Sandbox) -> None:
    await to_the_check(chat)
    reference = reference_in((await chat.choose("Send it")).text)
    await sandbox.fault({"status": 503})
    try:
        said = await chat.say(f"what is happening with {reference}?")
    finally:
        await sandbox.fault(None)
    assert "not answering right now" in said and "open" not in said
