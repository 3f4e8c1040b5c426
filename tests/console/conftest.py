"""A real console on a free port, over a real database that the log's own verbs filled, with a clock that a test can move."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, web
from databases import environ_of, rows
from yarl import URL

from console.app import make_app
from console.parts import SETTINGS
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.passwords import hash_password
from engagement.values import Choice, InboundMessage, Notice, Reply, Understanding
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

PASSWORD = "three random words"
HASH = hash_password(PASSWORD)
MONDAY = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


@dataclass
class Answer:
    status: int
    text: str
    headers: Any
    cookies: Any

    @property
    def location(self) -> str:
        return str(self.headers["Location"])


class Browser:
    """One person's browser: it keeps cookies and follows no redirects."""

    def __init__(self, url: str) -> None:
        self.url, self.session = url, ClientSession(cookie_jar=CookieJar(unsafe=True))

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.send("GET", path, **more)

    async def send(self, method: str, path: str, **more: Any) -> Answer:
        address = URL(self.url + path, encoded=True)
        async with self.session.request(method, address, allow_redirects=False, **more) as answer:
            return Answer(answer.status, await answer.text(), answer.headers, answer.cookies)

    async def post(self, path: str, page: str = "", **fields: str) -> Answer:
        """Send a form; its token is taken from `page` as a person would, unless it is among the fields."""
        if "csrf" not in fields:
            fields["csrf"] = self.token_of((await self.get(page or path)).text)
        return await self.send("POST", path, data=fields)

    def token_of(self, page: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        assert found, page
        return found[1]

    def cookie(self, name: str) -> str | None:
        cookie = self.session.cookie_jar.filter_cookies(URL(self.url)).get(name)
        return cookie.value if cookie else None

    async def sign_in(self, username: str = "ada", password: str = PASSWORD, after: str = "") -> Answer:
        return await self.post("/sign-in", username=username, password=password, next=after)


@dataclass
class Console:
    url: str
    log: EngagementLog
    home: Path
    app: web.Application
    at: datetime = MONDAY
    browsers: list[Browser] = field(default_factory=list)

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    def set(self, **settings: Any) -> None:
        """Change settings while it runs, as a new start with others would."""
        self.app[SETTINGS] = replace(self.app[SETTINGS], **settings)

    def browser(self) -> Browser:
        self.browsers.append(Browser(self.url))
        return self.browsers[-1]

    async def add(self, username: str, role: str) -> None:
        await self.log.staff.add(username, HASH, role)

    async def signed_in(self, username: str = "ada") -> Browser:
        """A browser with a session, without the wait for argon2."""
        browser, person = self.browser(), await self.log.staff.by_name(username)
        assert person
        token, _ = await self.log.staff.sign_in(person)
        browser.session.cookie_jar.update_cookies({"hearback_console": token}, URL(self.url))
        return browser

    async def token(self, username: str = "ada") -> dict[str, str]:
        """Headers with a fresh API token."""
        person = await self.log.staff.by_name(username)
        assert person
        return {"Authorization": f"Bearer {await self.log.staff.make_api_token(person, 'a program')}"}

    def rows(self, query: str, *values: object) -> list[Any]:
        """What stands in the database itself."""
        return rows(self.home, query, *values)

    def audited(self, action: str) -> list[Any]:
        return self.rows("select staff_id, subject from audit where action = ? order by id", action)

    # What citizens do.

    async def web_chat(
        self, text: str, *, number: int = 1, intent: str = "report_problem", reply: str = "Thank you.", **details: Any
    ) -> str:
        _, conversation, _ = await self.log.chats.start(Reply(text="Hello. What do you need?"))
        got = await self.log.receive(
            InboundMessage(channel="web", provider_id=f"{conversation.id}-{number}", text=text, conversation_id=conversation.id)
        )
        understanding = Understanding(intent=intent, confidence=0.93, details=details)
        choices = (Choice(id="c1", title="Yes, send it", payload="/affirm"),)
        await self.log.answer(conversation, got.id, understanding, [Reply(text=reply, choices=choices)])
        return conversation.id

    async def text_message(self, text: str, *, sender: str = "+447700900123", sid: str = "SM1") -> tuple[str, int]:
        got = await self.log.receive(InboundMessage(channel="sms", provider_id=sid, text=text, sender=sender, received_by="+441632960000"))
        return got.conversation_id, got.id


@asynccontextmanager
async def running_console(home: Path, *, port: int = 0, **environ: str) -> AsyncIterator[Console]:
    """A console with one person, ada, and no conversations; `environ`: settings."""
    settings = Settings.from_environ({**environ_of(home), **environ})
    database = Database(settings.database_url)
    clock = Clock(read=lambda: running.at.timestamp())
    log = EngagementLog(database, clock, load_keys(home))
    app = make_app(settings, log, clock)
    running = Console("", log, home, app)
    await log.staff.add("ada", HASH, "admin")
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    running.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield running
    for browser in running.browsers:
        await browser.session.close()
    await runner.cleanup()
    await log.close()


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A console with one person, ada, and no conversations."""
    async with running_console(tmp_path) as running:
        yield running


@pytest.fixture
def another_console() -> Any:
    """Begins a console with settings of its own: `async with another_console(home, HEARBACK_...="...") as console`."""
    return running_console


@dataclass
class Filled:
    """The conversations of the `filled` fixture, oldest first."""

    pothole: str
    caddy: str
    complaint: str
    unheard: str


@pytest.fixture
async def filled(console: Console) -> Filled:
    """Four conversations: a request that was closed, a text message with a failed reply, a complaint that waits, one unanswered."""
    log = console.log
    pothole = await console.web_chat(
        "A deep pothole in Station Road",
        reply="Shall I send it?",
        entities=[{"entity": "road", "value": "Station Road"}],
        services=[{"code": "POTHOLE", "score": 0.91}],
        actions=["action_match_service"],
        form="report_form",
    )
    await log.requests.open(
        key="k1",
        conversation_id=pothole,
        service_code="POTHOLE",
        service_name="Pothole",
        report={"description": "Deep", "phone": "07700900999"},
    )
    await log.requests.sent("k1", reference="ASH-1042", token=None, service_notice=None, told=True)
    console.move(hours=1)
    await log.watch.noticed(
        [Notice(reference="ASH-1042", source="poll", word="done", at=console.at, notes="Filled with tarmac", agency="Highways Ltd")]
    )
    caddy, asked = await console.text_message("My food caddy was not emptied")
    sms = await log.conversation(caddy)
    await log.answer(sms, asked, Understanding(intent="report_missed_bin", confidence=0.8), [Reply(text="Sorry. Which postcode?")])
    for outgoing in await log.outbox.claim():
        await log.outbox.accepted(outgoing.id, sid="SM-out", segments=2)
        await log.outbox.receipt(message_id=outgoing.id, sid="SM-out", status="undelivered", error="30003")
    console.move(hours=1)
    complaint = await console.web_chat("I want to complain", intent="make_complaint")
    await log.hand_over(complaint, key="h1", reason="make_complaint", priority=1)
    console.move(minutes=30)
    unheard, _ = await console.text_message("Is anybody there?", sender="+447700900456", sid="SM2")
    return Filled(pothole, caddy, complaint, unheard)
