"""The sender at work: a real log, the local Twilio on its phone, and our real door for receipts; no assistant."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from databases import environ_of

from backoffice.sandbox import phone
from channels import sms, twilio
from channels.keys import LOG, SETTINGS, SIGNALS, TWILIO
from channels.outbox import TextSender
from channels.signals import Signals
from channels.twilio_sending import Sender
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.values import InboundMessage, Message, Reply, Understanding
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

NUMBER = "+4477009001{:02}"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class TextWorld:
    """`clock` is the product's; `running` is the sender, which `restart` kills and starts anew."""

    def __init__(self, home: Path, clock: Clock, per_second: float) -> None:
        self.home, self.clock, self.per_second = home, clock, per_second
        self.wrote = 0

    async def __aenter__(self) -> TextWorld:
        doors, sandbox = unused_port(), unused_port()
        environ = {**environ_of(self.home), "HEARBACK_PORT": str(doors), "HEARBACK_SANDBOX_PORT": str(sandbox)}
        self.settings, self.keys, self.signals = Settings.from_environ(environ), load_keys(self.home), Signals()
        database = Database(self.settings.database_url)
        self.log = EngagementLog(database, self.clock, self.keys)
        app = web.Application()
        app[SETTINGS], app[LOG], app[SIGNALS], app[TWILIO] = self.settings, self.log, self.signals, twilio.account(self.settings, self.keys)
        app.add_routes(sms.routes())
        self.doors = TestServer(app, port=doors)
        await self.doors.start_server()
        await self.open_phone()
        self.sender = Sender(app[TWILIO])
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        await self.sender.close()
        await self.phone.close()
        await self.doors.close()
        await self.log.close()

    async def open_phone(self) -> None:
        app = web.Application()
        app.add_routes(phone.routes(self.settings, self.keys, self.clock))
        self.phone = TestClient(TestServer(app, port=self.settings.sandbox_port))
        await self.phone.start_server()

    def start(self) -> None:
        texts = TextSender(self.log, self.sender, self.signals, self.clock, public_url=self.settings.public_url, per_second=self.per_second)
        self.running = asyncio.create_task(texts.run())

    async def stop(self) -> None:
        self.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.running

    async def reply(self, number: int, *texts: str, words: str = "hello") -> str:
        """A citizen writes and is answered; returns the conversation."""
        self.wrote += 1
        inbound = InboundMessage(
            channel="sms", provider_id=f"in{self.wrote}", text=words, sender=NUMBER.format(number), received_by=twilio.SANDBOX_NUMBER
        )
        conversation_id = (await self.log.receive(inbound)).conversation_id
        found = await self.log.next_message(conversation_id)
        assert found
        await self.log.answer(found.conversation, found.message.id, Understanding(), [Reply(text=text) for text in texts])
        self.signals.ring("outbox")
        return conversation_id

    async def fault(self, mode: str | None, **more: Any) -> None:
        async with self.phone.post("/phone/faults", json={"mode": mode, **more}) as answer:
            assert answer.status == 200

    async def arrived(self, number: int) -> list[str]:
        """The texts that this citizen's phone has."""
        async with self.phone.get("/phone/messages", params={"number": NUMBER.format(number)}) as answer:
            return [message["text"] for message in (await answer.json())["messages"] if message["direction"] == "outbound"]

    async def lines(self, conversation_id: str) -> list[Message]:
        return [line for line in await self.log.messages(conversation_id) if line.author != "citizen"]

    async def becomes(self, conversation_id: str, *states: str, seconds: float = 20.0) -> list[Message]:
        """Wait until our lines of the conversation are in these states."""
        end = time.monotonic() + seconds
        while True:
            lines = await self.lines(conversation_id)
            if [line.state for line in lines] == list(states):
                return lines
            assert time.monotonic() < end, [(line.text, line.state, line.error) for line in lines]
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def text_world(home: Path, *, scale: float = 20.0, per_second: float = 1000.0, at: datetime = NOON) -> AsyncIterator[TextWorld]:
    """With a clock that shows `at` and goes `scale` times as fast as ours, so that waiting for another try is short."""
    origin = (time.time() * scale - at.timestamp()) / (scale - 1)  # the clock shows origin + (real - origin) * scale
    async with TextWorld(home, Clock(scale=scale, origin=origin), per_second) as world:
        yield world
