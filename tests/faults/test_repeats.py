"""The database goes away in the middle of a commit: the message is written down, and the door heard only that the line broke.

Who sends it again under the same name is answered.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from doors import PUBLIC, Doors, open_doors
from twilio.request_validator import RequestValidator

from engagement.values import InboundMessage
from hearback.chaos.product import until
from hearback.chaos.provider import ACCOUNT, COUNCIL, TOKEN

PHONE, SID = "+447700900123", "SM" + "0" * 32
TURN: dict[str, Any] = {
    "intent": "greet", "confidence": 1.0, "entities": [], "intents": [], "services": [], "actions": [], "form": None, "language": "en",
    "told": {}, "journal": [], "messages": [{"text": "Hello", "buttons": []}],
}  # fmt: skip


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    """The doors before an assistant that says hello to everybody, with a Twilio account."""

    async def turn(request: web.Request) -> web.Response:
        return web.json_response(TURN)

    app = web.Application()
    app.router.add_post("/webhooks/hearback/turn", turn)
    async with TestServer(app) as rasa:
        account = {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": COUNCIL,
            "HEARBACK_TWILIO_API": "http://127.0.0.1:1",
        }
        async with open_doors(tmp_path, HEARBACK_RASA_PORT=str(rasa.port), **account) as running:
            yield running


async def answered(doors: Doors, conversation: str) -> bool:
    async def look() -> bool:
        return any(line.author == "bot" and line.reply_to for line in await doors.log.messages(conversation))

    return await until(look, 10)


async def test_a_web_message_that_was_written_down_unheard_is_answered_when_it_comes_again(doors: Doors) -> None:
    started = await doors.call("POST", "/api/chat/sessions")
    conversation, name = started.body["conversation"], uuid.uuid4()
    await doors.log.receive(
        InboundMessage(channel="web", provider_id=f"{conversation}:{name.hex}", text="hello", conversation_id=conversation)
    )
    again = await doors.call("POST", "/api/chat/messages", token=started.body["token"], json={"text": "hello", "client_id": str(name)})
    assert again.status == 202
    assert await answered(doors, conversation)


async def test_a_text_that_was_written_down_unheard_is_answered_when_it_comes_again(doors: Doors) -> None:
    first = await doors.log.receive(InboundMessage(channel="sms", provider_id=SID, text="hello", sender=PHONE, received_by=COUNCIL))
    form = {"MessageSid": SID, "From": PHONE, "To": COUNCIL, "Body": "hello", "NumMedia": "0", "AccountSid": ACCOUNT}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/sms/inbound", form)
    again = await doors.call("POST", "/sms/inbound", data=form, headers={"X-Twilio-Signature": signature})
    assert again.status == 200
    assert await answered(doors, first.conversation_id)
