"""A reference opens what everybody may know, and no more: not from another number, not from another chat."""

from __future__ import annotations

from typing import Any

from camera import photo
from clients import ConsoleApi, Phone, Sandbox, WebChat, new_phone, reference_in
from stack import Stack
from test_web_report import POTHOLE

PRIVATE = ("Mill Lane", "AD1", "orange bicycle", "/photos/")


async def reported(phone: Phone) -> str:
    """A report with an address, words and a photo of its own."""
    await phone.text(f"{POTHOLE} beside my orange bicycle", **phone.stack.twilio.pictures(("image/jpeg", photo())))
    await phone.reads("How big is it?")
    for words, expects in (("3", "Where in the road"), ("1", "text you updates"), ("2", "Send it?")):
        await phone.say(words, expects)
    return reference_in(await phone.say("1", "Your reference is"))


def is_public(said: str) -> None:
    found = [words for words in PRIVATE if words in said]
    assert not found, said


async def unchanged(sandbox: Sandbox, reference: str, before: dict[str, Any]) -> None:
    after = await sandbox.request(reference)
    assert (after["status"], after["description"]) == (before["status"], before["description"])


async def test_another_number_learns_the_public_status_and_changes_nothing(
    stack: Stack, phone: Phone, sandbox: Sandbox, console: ConsoleApi
) -> None:
    reference = await reported(phone)
    before, other = await sandbox.request(reference), new_phone(stack)
    is_public(await other.say(f"how is {reference} going?", "is open"))
    is_public(await other.say(f"I want to add to {reference} that it is deeper now", "not reported from this number"))
    is_public(await other.say(f"cancel {reference}", "not reported from this number"))
    is_public(await other.say("1", "asked our team"))
    is_public(await other.say("how are my reports going", ""))
    is_public(await other.say("what do you know about me", ""))
    await unchanged(sandbox, reference, before)
    handovers = (await console.of(other))["handovers"]
    assert {one["reason"] for one in handovers} >= {"update_request", "withdraw_request"}
    is_public(" ".join(text.body for text in other.texts))


async def test_a_closed_report_is_not_opened_again_by_another_number(stack: Stack, phone: Phone, sandbox: Sandbox) -> None:
    reference = await reported(phone)
    await sandbox.close(reference, "Filled", "Ashdown Highways")
    is_public(await new_phone(stack).say(f"{reference} is not fixed, it is still there", "not reported from this number"))
    assert (await sandbox.request(reference))["status"] == "closed"


async def test_a_chat_learns_no_more_than_another_number(stack: Stack, phone: Phone, chat: WebChat, sandbox: Sandbox) -> None:
    reference = await reported(phone)
    before = await sandbox.request(reference)
    for words, expects in (
        (f"how is {reference} going?", "open"),
        (f"I want to add to {reference} that it is deeper now", "not reported in this chat"),
        (f"withdraw {reference}", "not reported in this chat"),
    ):
        said = await chat.say(words)
        assert expects in said
        is_public(said.text)
    is_public((await chat.choose("Leave it")).text)
    await unchanged(sandbox, reference, before)


async def test_the_number_that_reported_it_does_all_of_that(phone: Phone, sandbox: Sandbox) -> None:
    reference = await reported(phone)
    await phone.say(f"how is {reference} going?", "is open")
    await phone.say(f"I want to add to {reference} that it is deeper now", "Added to")
    await phone.say(f"cancel {reference}", "Mill Lane")
    await phone.say("1", "withdrawn")
    assert (await sandbox.request(reference))["status"] == "closed"
