"""The council's own system fails: the citizen is told so, the report is sent once it is back, and once only.

Here a minute of the product's clock passes in three seconds, so that its pauses before a further try are short; leases take real time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from clients import ConsoleApi, Phone, Sandbox, WebChat, reference_in
from stack import Stack, running_stack, until
from test_web_report import POTHOLE, to_the_check

from hearback.clock import shared_clock

SCALE = 20
FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 503},
    {"drop": True},
    {"garbage": True},
    {"drop": True, "after": True},  # the report was taken, and nobody said so
    {"garbage": True, "after": True},
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    async with running_stack(HEARBACK_TIME_SCALE=str(SCALE)) as running:
        running.twilio.now = shared_clock(running.home, SCALE).now  # the world around goes as fast as we do
        yield running


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def well_again(sandbox: Sandbox) -> AsyncIterator[None]:
    yield
    await sandbox.fault(None)


async def ours(sandbox: Sandbox, words: str) -> list[dict[str, Any]]:
    """The requests in the back office that tell of these words."""
    return [request for request in await sandbox.requests(service_code="POTHOLE") if words in (request["description"] or "")]


async def test_a_report_is_kept_and_sent_once_whatever_went_wrong(stack: Stack, sandbox: Sandbox, console: ConsoleApi) -> None:
    chats: dict[str, WebChat] = {}
    for number, fault in enumerate(FAULTS, 200):
        opening = f"there's a massive pothole outside {number} Mill Lane AD1 2BC"
        chat = chats[opening] = await WebChat(stack).start()
        await to_the_check(chat, opening)
        await sandbox.fault(fault)
        said = await chat.choose("Send it")
        assert "I have your report" in said and "ASH-" not in said, fault
        (kept,) = (await console.conversation(chat.conversation))["requests"]
        assert kept["state"] in {"kept", "sending"} and kept["reference"] is None, fault
        assert "I have your report" in await chat.say("how is my report going?"), fault
    await sandbox.fault(None)

    for opening, chat in chats.items():
        reference = reference_in((await chat.heard("has now been sent", seconds=60))["text"])
        assert [request["service_request_id"] for request in await ours(sandbox, opening)] == [reference]
        (sent,) = (await console.conversation(chat.conversation))["requests"]
        assert (sent["state"], sent["reference"], sent["error"]) == ("sent", reference, None)
        assert reference in await chat.say("how is my report going?")
        assert sum("has now been sent" in line["text"] for line in await chat.history()) == 1


async def test_who_reported_by_text_message_is_texted_the_reference(phone: Phone, sandbox: Sandbox) -> None:
    for words, expects in (
        (POTHOLE, "How big is it?"), ("3", "Where in the road"), ("1", "photo"), ("1", "text you updates"), ("2", "Send it?"),
    ):  # fmt: skip
        await phone.say(words, expects)
    await sandbox.fault({"status": 500})
    assert "ASH-" not in await phone.say("1", "We have your report")
    await sandbox.fault(None)
    reference = reference_in(await phone.reads("has now been sent", seconds=60))
    assert (await sandbox.request(reference))["status"] == "open"
    assert len(phone.texts) == 7


async def test_what_the_back_office_refuses_goes_to_a_person(chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    await to_the_check(chat)
    await sandbox.fault({"status": 400})
    said = await chat.choose("Send it")
    assert "did not accept this report" in said and "our team" in said
    whole = await console.conversation(chat.conversation)
    assert (whole["state"], whole["waiting_for"]) == ("waiting", "request_refused")
    assert [request["state"] for request in whole["requests"]] == ["refused"]


async def test_a_death_while_a_report_is_being_sent_sends_it_once(stack: Stack, chat: WebChat, sandbox: Sandbox) -> None:
    """The action server dies when the back office has the report and has not yet said so."""
    opening = "there's a massive pothole outside 77 Mill Lane AD1 2BC"
    await to_the_check(chat, opening)
    await sandbox.fault({"delay": 1.5, "after": True}, count=1)
    sending = asyncio.create_task(chat.choose("Send it"))

    async def there() -> bool:
        return bool(await ours(sandbox, opening))

    await until(there, 10, "the report in the back office")
    await stack.kill("bot.actions.server")
    said = await sending
    reference = reference_in((await chat.heard("ASH-", seconds=100))["text"])
    assert said.text and len(await ours(sandbox, opening)) == 1
    assert (await ours(sandbox, opening))[0]["service_request_id"] == reference


async def test_a_death_while_a_text_is_being_sent_sends_it_once(stack: Stack, phone: Phone, console: ConsoleApi) -> None:
    """The doors die when Twilio has the text and has not yet said so."""
    stack.twilio.trouble(phone.number, "late")
    await phone.text(POTHOLE)
    await phone.reads("How big is it?")
    await stack.kill("-m channels")
    await until(stack.is_ready, 30, "the doors to be open again")
    await phone.say("3", "Where in the road", seconds=100)  # Twilio is asked after a minute
    assert [text.body.splitlines()[0] for text in phone.texts] == ["How big is it?", "Where in the road is it?"]
