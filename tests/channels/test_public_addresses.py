"""Twilio signs the address that it calls; behind a proxy only `HEARBACK_PUBLIC_URL` knows it. By number and by Messaging Service."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Any

import pytest
from doors import Doors, open_doors
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from channels import limits
from channels.keys import KEYS, LIMITS
from engagement.review import Filter

ACCOUNT, TOKEN, SERVICE, COUNCIL = "AC" + "1d" * 16, "7e" * 16, "MG" + "2c" * 16, "+441632960100"
SENDERS = {"number": {"TWILIO_FROM": COUNCIL}, "service": {"TWILIO_MESSAGING_SERVICE_SID": SERVICE}}


def form(**more: str) -> MultiDict[str]:
    sid = f"SM{secrets.token_hex(16)}"
    blank = dict.fromkeys(("FromCity", "FromState", "FromZip", "ToCity"), "")
    return MultiDict(
        {"MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "From": "+447700900123", "To": COUNCIL, "Body": "", "NumMedia": "0"}
        | blank
        | more
    )


async def delivered(doors: Doors, given: MultiDict[str], *, signed: str, path: str = "/sms/inbound", **headers: str) -> int:
    signature = RequestValidator(TOKEN).compute_signature(signed, given)
    sent: dict[str, Any] = {"data": given, "headers": {"X-Twilio-Signature": signature, **headers}}
    return (await doors.call("POST", path, **sent)).status


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize(
    ("public", "called"),
    [
        ("https://chat.example", "https://chat.example"),
        ("https://chat.example/", "https://chat.example"),
        ("https://chat.example", "https://chat.example:443"),
        ("https://chat.example:8443", "https://chat.example:8443"),
        ("https://chat.example:8443", "https://chat.example"),
        ("http://chat.example", "http://chat.example"),
        ("http://chat.example", "http://chat.example:80"),
        ("https://council.example/hearback", "https://council.example/hearback"),
        ("https://council.example/a/b/", "https://council.example/a/b"),
    ],
)
async def test_the_address_that_twilio_calls_is_the_public_one(tmp_path: Path, sender: str, public: str, called: str) -> None:
    more = {"MessagingServiceSid": SERVICE} if sender == "service" else {}
    settings = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, **SENDERS[sender], "HEARBACK_PUBLIC_URL": public}
    async with open_doors(tmp_path, **settings) as doors:
        assert await delivered(doors, form(**more), signed=f"{called}/sms/inbound") == 200
        several = form(**more)
        several.extend([("Media", "b"), ("Media", "a"), ("Media", "a"), ("New", "")])
        assert await delivered(doors, several, signed=f"{called}/sms/inbound") == 200
        queried = "/sms/inbound?tenant=1&empty="
        assert await delivered(doors, form(**more), signed=called + queried, path=queried) == 200
        receipt = MultiDict({"MessageSid": f"SM{secrets.token_hex(16)}", "MessageStatus": "sent", "AccountSid": ACCOUNT})
        assert await delivered(doors, receipt, signed=f"{called}/sms/status?message=7", path="/sms/status?message=7") == 200


async def test_another_address_is_refused(tmp_path: Path) -> None:
    public = "https://council.example/hearback"
    settings = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": COUNCIL, "HEARBACK_PUBLIC_URL": public}
    async with open_doors(tmp_path, **settings) as doors:
        for signed in (
            "http://council.example/hearback/sms/inbound", "https://council.example/sms/inbound", f"{public}/sms/inbound/",
            f"{public}/sms/inbound?", f"{public}/sms/status", f"{public}//sms/inbound", f"{doors.url}/sms/inbound",
            "https://council.example:8443/hearback/sms/inboundx",
        ):  # fmt: skip
            claims = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "council.example", "X-Forwarded-Prefix": "/hearback"}
            assert await delivered(doors, form(), signed=signed, **claims) == 403, signed
        assert await delivered(doors, form(), signed=f"{public}/sms/inbound") == 200


async def test_five_hundred_texts_a_day_are_taken_from_a_number_and_the_rest_is_written_down(tmp_path: Path) -> None:
    settings = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": COUNCIL,
        "HEARBACK_PUBLIC_URL": "https://c.example",
    }
    async with open_doors(tmp_path, **settings) as doors:
        number = doors.app[KEYS].pseudonym("+447700900123")
        while not await doors.app[LIMITS].take(limits.TEXTS, number):
            pass
        texts = [form(Body=f"text {place}") for place in range(3)]
        for one in texts:
            assert await delivered(doors, one, signed="https://c.example/sms/inbound") == 200
        ((listed,), _) = await doors.log.review.conversations(Filter())
        while await doors.log.unanswered():
            await asyncio.sleep(0.05)
        lines = await doors.log.messages(listed.id)
        assert [(line.author, line.error) for line in lines if line.author == "citizen"] == [("citizen", "too_many")] * 3
        assert [line.reply_to for line in lines if line.author == "system"] == [lines[0].id], "told once"
