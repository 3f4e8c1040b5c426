"""The phone on a real server, and a council's door that proves each webhook as the product must."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import BasicAuth, web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from twilio.request_validator import RequestValidator

from backoffice.sandbox import phone
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

ACCOUNT = "AC" + "5a" * 16
COUNCIL = "+447700900000"
CITIZEN = "+447700900123"
MESSAGES = f"/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages"


@dataclass
class Door:
    """Takes webhooks; `answers` are the statuses to give first, then 200. A status of 0 hangs for a second."""

    token: str
    answers: list[int] = field(default_factory=list)
    inbound: list[dict[str, str]] = field(default_factory=list)
    receipts: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        signature = request.headers["X-Twilio-Signature"]
        assert RequestValidator(self.token).validate(str(request.url), form, signature)
        self.tokens.append(request.headers["I-Twilio-Idempotency-Token"])
        (self.inbound if request.path == "/sms/inbound" else self.receipts).append(form)
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            await asyncio.sleep(1)
        return web.Response(text="<Response/>", content_type="text/xml", status=status or 200)


class PhoneWorld:
    """The council's door and the sandbox phone; `open` again is a restart of the phone."""

    def __init__(self, home: Path, patience: float) -> None:
        self.home, self.patience = home, patience
        self.keys = load_keys(home)
        self.token = self.keys.sandbox_twilio_token
        self.door = Door(self.token)
        self.auth = BasicAuth(ACCOUNT, self.token)
        self.phone: TestClient[Any, Any]

    async def __aenter__(self) -> PhoneWorld:
        app = web.Application()
        app.add_routes([web.post("/sms/inbound", self.door.take), web.post("/sms/status", self.door.take)])
        self._door = TestServer(app)
        await self._door.start_server()
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.phone.close()
        await self._door.close()

    async def open(self) -> None:
        port, public = unused_port(), self.inbound.removesuffix("/sms/inbound")
        settings = replace(Settings.from_environ({}), home=self.home, public=public, sandbox_port=port)
        app = web.Application()
        app.add_routes(phone.routes(settings, self.keys, Clock(), patience=self.patience))
        self.phone = TestClient(TestServer(app, port=port))
        await self.phone.start_server()

    @property
    def inbound(self) -> str:
        return str(self._door.make_url("/sms/inbound"))

    @property
    def callback(self) -> str:
        return str(self._door.make_url("/sms/status?from=hearback%2Bsms"))

    async def text(self, text: str, number: str = CITIZEN, **more: Any) -> tuple[int, Any]:
        async with self.phone.post("/phone/messages", json={"number": number, "text": text, **more}) as reply:
            return reply.status, await reply.json()

    async def send(self, **form: str) -> tuple[int, Any]:
        """What the product does; To, From and Body are filled in."""
        data = {"To": CITIZEN, "From": COUNCIL, "Body": "Hello", **form}
        async with self.phone.post(f"{MESSAGES}.json", data=data, auth=self.auth) as reply:
            return reply.status, await reply.json()

    async def fetch(self, path: str, **query: str) -> tuple[int, Any]:
        async with self.phone.get(path, params=query, auth=self.auth) as reply:
            return reply.status, await reply.json()

    async def thread(self, number: str = CITIZEN) -> list[dict[str, str]]:
        async with self.phone.get("/phone/messages", params={"number": number}) as reply:
            assert reply.status == 200
            return list((await reply.json())["messages"])

    async def fault(self, mode: str | None, **more: Any) -> None:
        async with self.phone.post("/phone/faults", json={"mode": mode, **more}) as reply:
            assert reply.status == 200, await reply.text()


async def until(ready: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not ready():
            await asyncio.sleep(0.01)
