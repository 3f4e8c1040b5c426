"""The same report by text message, and what Twilio does to it on the way."""

from __future__ import annotations

import asyncio
import time

from clients import ConsoleApi, Phone, Sandbox, new_phone, reference_in
from stack import PUBLIC, Stack, until
from test_web_report import POTHOLE
from twilio_world import COUNCIL


async def test_a_pothole_by_text_message_with_numbers_for_choices(phone: Phone, sandbox: Sandbox, console: ConsoleApi) -> None:
    asked = await phone.say(POTHOLE, "How big is it?")
    assert asked == "How big is it?\n1 Smaller than a dinner plate\n2 About the size of a dinner plate\n3 Larger than a dinner plate"
    assert "Where in the road is it?" in await phone.say("3", "Where in the road")
    await phone.say("two", "photo")
    await phone.say("1", "text you updates")
    checked = await phone.say("No updates", "Send it?")
    assert "12 Mill Lane AD1 2BC" in checked and "Larger than a dinner plate" in checked and "1 Send it" in checked
    reference = reference_in(await phone.say("1", "Your reference is"))

    request = await sandbox.request(reference)
    assert (request["service_code"], request["address"]) == ("POTHOLE", "outside 12 Mill Lane AD1 2BC")
    assert await sandbox.attributes(reference) == {"size": ["larger"], "position": ["lane"]}
    row = await console.request(reference)
    assert (row["channel"], row["state"]) == ("sms", "sent")

    assert len({text.sid for text in phone.texts}) == len(phone.texts) == len({text.body for text in phone.texts}) == 6
    assert phone.stack.twilio.tries[phone.number] == 6
    for text in phone.texts:
        assert text.sender == COUNCIL and text.callback.startswith(f"{PUBLIC}/sms/status")
        assert len(text.body) <= 306 and all(ord(letter) < 128 for letter in text.body), f"more than two parts: {text.body}"


async def test_receipts_in_the_wrong_order_leave_it_delivered(phone: Phone, console: ConsoleApi) -> None:
    await phone.say(POTHOLE, "How big is it?")
    (text,) = phone.texts
    for status in ("delivered", "sending", "sent", "queued", "delivered", "undelivered"):
        assert await phone.stack.twilio.receipt(text, status) == 200
    whole = await console.of(phone)
    (sent,) = [line for line in whole["messages"] if line["author"] == "bot"]
    assert sent["state"] == "delivered" and sent["error"] is None
    await phone.say("3", "Where in the road")
    assert await phone.stack.twilio.receipt(phone.texts[-1], "undelivered", ErrorCode="30003") == 200
    assert await phone.stack.twilio.receipt(phone.texts[-1], "sent") == 200
    last = (await console.conversation(whole["id"]))["messages"][-1]
    assert (last["state"], last["error"]) == ("undelivered", "30003")


async def test_every_text_arrives_once_whatever_twilio_does(stack: Stack, console: ConsoleApi) -> None:
    """Too many requests, an error, a line that breaks before or after the text was taken, an answer that never comes."""
    troubles: dict[Phone, tuple[int | str, ...]] = {}
    for kinds in ((429,), (500,), ("drop",), ("lost",), ("late",), (429, "drop")):
        troubles[phone := new_phone(stack)] = kinds
        stack.twilio.trouble(phone.number, *kinds)
    await asyncio.gather(*(phone.say(POTHOLE, "How big is it?", seconds=45) for phone in troubles))
    # The next text goes out only once the one before is known to be there, so it shows that nothing is still to come.
    await asyncio.gather(*(phone.say("3", "Where in the road", seconds=45) for phone in troubles))
    for phone, kinds in troubles.items():
        assert len(phone.texts) == 2, f"after {kinds}: {[text.body for text in phone.texts]}"
        whole = await console.of(phone)
        assert [line["state"] for line in whole["messages"] if line["author"] == "bot"] == ["sent", "sent"], kinds


async def test_one_slow_answer_of_twilio_does_not_hold_up_other_citizens(stack: Stack, phone: Phone) -> None:
    slow = new_phone(stack)
    stack.twilio.trouble(slow.number, "late")
    await slow.text(POTHOLE)
    await slow.reads("How big is it?")
    began = time.monotonic()
    await phone.say(POTHOLE, "How big is it?")
    assert time.monotonic() - began < 8, "Twilio's ten seconds are the other citizen's alone"


async def test_whoever_twilio_says_has_opted_out_is_not_texted_again(phone: Phone, console: ConsoleApi) -> None:
    phone.stack.twilio.trouble(phone.number, 21610)
    await phone.text(POTHOLE)

    async def refused() -> bool:
        lines = (await console.of(phone))["messages"]
        return lines[-1]["state"] == "failed" and lines[-1]["error"] == "21610"

    await until(refused, 20, "the refusal in the console")
    await phone.text("3")
    last = (await console.of(phone))["messages"][-1]
    assert (last["author"], last["text"], last["state"]) == ("citizen", "3", "answered"), "the team sees it, nobody answers"
    assert phone.texts == [] and phone.stack.twilio.tries[phone.number] == 1


async def test_the_same_webhook_five_times_is_one_message_and_one_answer(phone: Phone, console: ConsoleApi) -> None:
    sid = await phone.text(POTHOLE)
    together = await asyncio.gather(*(phone.text(POTHOLE, sid=sid) for _ in range(4)))
    assert together == [sid] * 4
    await phone.reads("How big is it?")
    await phone.text(POTHOLE, sid=sid)
    assert "Where in the road" in await phone.say("3", "Where in the road")
    assert len(phone.texts) == 2
    whole = await console.of(phone)
    assert [line["author"] for line in whole["messages"]] == ["citizen", "bot", "citizen", "bot"]


async def test_two_texts_right_after_each_other_are_answered_in_order(phone: Phone) -> None:
    await phone.text(POTHOLE)
    await phone.text("3")
    await phone.text("1")
    await phone.reads("photo")
    assert [text.body.splitlines()[0] for text in phone.texts] == [
        "How big is it?", "Where in the road is it?", "Send a photo if you have one.",
    ]  # fmt: skip


async def test_a_later_text_from_the_same_phone_finds_my_report(phone: Phone) -> None:
    await phone.say(POTHOLE, "How big is it?")
    for words, expects in (("3", "Where in the road"), ("1", "photo"), ("1", "text you updates"), ("2", "Send it?")):
        await phone.say(words, expects)
    reference = reference_in(await phone.say("1", "Your reference is"))
    assert reference in await phone.say("how is my report going?", "is open")


async def test_more_brings_the_next_page_until_all_was_sent(stack: Stack, phone: Phone) -> None:
    """No answer of today takes more than a page, so the latest is made long in the log's file, as a council's own may be."""
    await phone.say("hello", "")
    long = " ".join(f"Sentence {number} of what the council has to say about it." for number in range(16))
    ours = "SELECT conversation_id FROM messages WHERE provider_id = ?"
    stack.rows(f"UPDATE messages SET text = ? WHERE author = 'bot' AND conversation_id = ({ours})", long, phone.sid)
    second = await phone.say("more", "Reply MORE for the rest.")
    assert "Sentence 0 " not in second and "Sentence 6 " in second
    third = await phone.say("Next", "Reply MORE for the rest.")
    assert "Sentence 6 " not in third and "Sentence 10 " in third
    await phone.say("mwy", "Sentence 15 ")
    assert "Sentence" not in await phone.say("more", ""), "all was sent: the word goes to the assistant"
