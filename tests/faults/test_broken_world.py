"""The broken back office and the broken Twilio of the fault run break what they say, and do the work where they say so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.twilio import TwilioAccount
from channels.twilio_sending import Sender, SendError
from hearback.chaos import provider
from hearback.chaos.provider import ACCOUNT, COUNCIL, TOKEN, Provider
from hearback.chaos.proxy import GARBAGE, Proxy

PHONE = "+447700900123"


class Office:
    """Counts what reaches it."""

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response([{"service_request_id": "ASH-1"}])


@pytest.fixture
async def office() -> AsyncIterator[tuple[Office, Proxy]]:
    app, office = web.Application(), Office()
    app.router.add_post("/requests.json", office.answer)
    async with TestServer(app) as server, Proxy(str(server.make_url("")).rstrip("/")) as proxy:
        yield office, proxy


async def asked(proxy: Proxy, mode: str) -> str:
    """What a caller sees who waits for a moment."""
    proxy.mode = mode
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.5)) as http:
        try:
            async with http.post(f"{proxy.url}/requests.json", data={"description": "hole"}) as answer:
                return f"{answer.status} {await answer.text()}"
        except TimeoutError:
            return "no answer"
        except aiohttp.ClientError:
            return "the line broke"


@pytest.mark.parametrize(
    ("mode", "seen", "done"),
    [
        ("", '200 [{"service_request_id": "ASH-1"}]', 1),
        ("500", "500 Internal Server Error", 0),
        ("500 done", "500 Internal Server Error", 1),
        ("garbage", f"200 {GARBAGE}", 0),
        ("garbage done", f"200 {GARBAGE}", 1),
        ("late", "no answer", 0),
        ("late done", "no answer", 1),
        ("nothing", "no answer", 0),
        ("nothing done", "no answer", 1),
        ("away", "the line broke", 0),
    ],
)
async def test_the_back_office_is_broken_as_it_is_told(office: tuple[Office, Proxy], mode: str, seen: str, done: int) -> None:
    counts, proxy = office
    assert await asked(proxy, mode) == seen
    assert counts.asked == done


@pytest.mark.parametrize(("trouble", "taken"), [("429", 0), ("500", 0), ("lost", 0), ("drop", 1), ("broken", 1), ("", 1)])
async def test_twilio_is_broken_as_it_is_told(monkeypatch: pytest.MonkeyPatch, trouble: str, taken: int) -> None:
    monkeypatch.setattr(provider, "TROUBLES", (trouble,))
    async with Provider(1, lambda: datetime.now(UTC)) as twilio:
        twilio.share = 1.0 if trouble else 0.0
        account = TwilioAccount(sid=ACCOUNT, token=TOKEN, service="", sender=COUNCIL, api=twilio.url)
        sender = Sender(account)
        sending = sender.send(to=PHONE, text="Hello", sender=COUNCIL, callback="https://council.example/sms/status?message=7")
        if trouble:
            with pytest.raises(SendError):
                await sending
        else:
            assert (await sending).sid == twilio.texts[0].sid
        assert [text.message for text in twilio.texts_of(PHONE)] == [7] * taken
        assert len(await sender.find(to=PHONE, texts=["Hello"], since=datetime.now(UTC))) == taken
        await sender.close()
        await asyncio.sleep(0)
