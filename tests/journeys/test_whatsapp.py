"""The same report by WhatsApp: the third door, made as docs/adding_a_channel.md says."""

from __future__ import annotations

import secrets

import pytest
from clients import ConsoleApi, Phone, Sandbox, reference_in
from stack import PUBLIC, Stack
from test_web_report import POTHOLE
from twilio_world import ACCOUNT, COUNCIL

OURS = f"whatsapp:{COUNCIL}"


class WhatsApp(Phone):
    """A citizen with WhatsApp; Twilio writes their number with its name before it."""

    async def text(self, words: str, **more: str) -> str:
        self.sid = more.pop("sid", f"SM{secrets.token_hex(16)}")
        self.stack.said.add(words)
        form = {
            "SmsMessageSid": self.sid, "NumMedia": "0", "ProfileName": "Sam", "SmsSid": self.sid, "WaId": self.number[10:], "Body": words,
            "SmsStatus": "received", "To": OURS, "NumSegments": "1", "MessageSid": self.sid, "AccountSid": ACCOUNT, "From": self.number,
            "ApiVersion": "2010-04-01", **more,
        }  # fmt: skip
        assert await self.stack.twilio.webhook("/whatsapp/inbound", form) == 200
        return self.sid


@pytest.fixture
def whatsapp(phone: Phone) -> WhatsApp:
    return WhatsApp(phone.stack, f"whatsapp:{phone.number}")


async def test_a_pothole_by_whatsapp(whatsapp: WhatsApp, sandbox: Sandbox, console: ConsoleApi) -> None:
    assert "3 Larger than a dinner plate" in await whatsapp.say(POTHOLE, "How big is it?")
    await whatsapp.say("3", "Where in the road")
    await whatsapp.say("two", "photo")
    await whatsapp.say("1", "updates")
    await whatsapp.say("No updates", "Shall I send it?")
    reference = reference_in(await whatsapp.say("1", "Your reference is"))
    assert (await sandbox.request(reference))["service_code"] == "POTHOLE"
    assert (await console.request(reference))["channel"] == "whatsapp"
    for text in whatsapp.texts:
        assert text.sender == OURS and text.callback.startswith(f"{PUBLIC}/whatsapp/status")


async def test_a_location_shared_by_whatsapp_is_the_place(whatsapp: WhatsApp, sandbox: Sandbox) -> None:
    await whatsapp.say("there's a big pothole", "Where is it?")
    await whatsapp.text("", Latitude="51.0529", Longitude="0.1041")
    await whatsapp.reads("How big is it?")


async def test_the_same_whatsapp_five_times_is_one_and_receipts_count(whatsapp: WhatsApp, console: ConsoleApi) -> None:
    sid = await whatsapp.text(POTHOLE)
    for _ in range(4):
        await whatsapp.text(POTHOLE, sid=sid)
    await whatsapp.reads("How big is it?")
    (text,) = whatsapp.texts
    for status in ("read", "delivered", "sent"):
        assert await whatsapp.stack.twilio.receipt(text, status) == 200
    lines = (await console.of(whatsapp))["messages"]
    assert [(line["author"], line["state"]) for line in lines] == [("citizen", "answered"), ("bot", "delivered")]


async def test_texts_and_whatsapp_of_one_number_are_two_conversations(stack: Stack, phone: Phone, whatsapp: WhatsApp) -> None:
    await phone.say(POTHOLE, "How big is it?")
    await whatsapp.say(POTHOLE, "How big is it?")
    assert len(phone.texts) == len(whatsapp.texts) == 1


async def test_who_is_not_of_whatsapp_does_not_come_in_by_its_door(phone: Phone) -> None:
    form = {"MessageSid": f"SM{secrets.token_hex(16)}", "AccountSid": ACCOUNT, "From": phone.number, "To": COUNCIL, "Body": "hello"}
    assert await phone.stack.twilio.webhook("/whatsapp/inbound", form) == 400
    assert await phone.stack.twilio.webhook("/whatsapp/inbound", {**form, "From": f"whatsapp:{phone.number}"}, signature="") == 403
