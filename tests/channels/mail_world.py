"""A mail server on a free port that takes, puts off or refuses what comes, and a log with something to send."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP
from databases import database_of

from channels.mail import MailSender
from channels.signals import Signals
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.values import Conversation, Notice, Reply
from hearback.clock import Clock
from hearback.keys import load_keys

SENDER = "no-reply@ashdown.example"
CITIZEN = "sam.o'neil+bins@mail.example"
PUBLIC = "https://chat.ashdown.example"


@dataclass
class MailServer:
    """`says` are the answers to the next mails' words (DATA), `to` those to the next addresses (RCPT); after them it takes everything."""

    port: int = 0
    says: list[str] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    greeted: bool = False
    drops_after_taking: int = 0  # so many times it takes a mail and the line breaks before its answer

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        session.host_name = hostname
        self.greeted = True
        return responses

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.to:
            return self.to.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.says:
            return self.says.pop(0)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.raw.append(envelope.content.decode())
        self.senders.append(envelope.mail_from)
        if self.drops_after_taking:
            self.drops_after_taking -= 1
            server.transport.close()
        return "250 OK"


@contextlib.asynccontextmanager
async def mail_server(port: int = 0) -> AsyncIterator[MailServer]:
    handler = MailServer()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(handler, hostname="mail.example"), "127.0.0.1", port)
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        server.close()
        await server.wait_closed()


@dataclass
class MailWorld:
    """A report whose citizen left an e-mail address, with the question due. `at` is the product's time."""

    log: EngagementLog
    database: Database
    clock: Clock
    server: MailServer
    at: datetime = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    conversation: Conversation = field(init=False)
    contact_id: int = 0
    outcome_id: int = 0

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    def sender(self, *, url: str = "", public_url: str = PUBLIC) -> MailSender:
        url = url or f"smtp://127.0.0.1:{self.server.port}"
        return MailSender(self.log, Signals(), self.clock, url=url, sender=SENDER, public_url=public_url)

    async def report(self, *, reference: str = "ASH-1", address: str = "outside 12 mill lane", language: str = "en") -> None:
        _, self.conversation, _ = await self.log.chats.start(Reply(text="Hello"), language=language)
        self.contact_id = await contact_of(self.log, CITIZEN)
        key = f"{self.conversation.id}:{reference}"
        await self.log.requests.open(
            key=key, conversation_id=self.conversation.id, service_code="POTHOLE", service_name="Pothole",
            report={"address": address}, contact_id=self.contact_id, updates=True,
        )  # fmt: skip
        await self.log.requests.sent(key, reference=reference, token=None, service_notice=None, told=True)
        await self.log.watch.noticed([Notice(reference=reference, source="poll", word="done", at=self.at)])
        request = await self.log.requests.by_reference(reference)
        assert request is not None
        outcome = await self.log.outcomes.of_request(request.id)
        assert outcome is not None
        self.outcome_id = outcome.id

    async def ask(self) -> None:
        """Put the question that is due now, in the chat and by e-mail."""
        assert await self.log.outcomes.ask(
            self.outcome_id, Reply(text="Is it fixed?"), within=self.conversation.id, email_to=self.contact_id
        )

    async def reported_and_asked(self, **how: Any) -> None:
        await self.report(**how)
        self.move(days=4)
        await self.ask()


async def contact_of(log: EngagementLog, address: str) -> int:
    """The id of an e-mail address as a citizen's message brings it."""
    return await log._database.write(lambda connection: log._contact(connection, "email", address, log._clock.now()))


@contextlib.asynccontextmanager
async def mail_world(home: Path) -> AsyncIterator[MailWorld]:
    database = database_of(home)
    world: MailWorld
    clock = Clock(read=lambda: world.at.timestamp())
    async with mail_server() as server:
        world = MailWorld(EngagementLog(database, clock, load_keys(home), email=True), database, clock, server)
        try:
            yield world
        finally:
            await database.close()


def text_of(message: EmailMessage) -> str:
    return str(message.get_content())
