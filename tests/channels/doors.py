"""The citizens' doors on a free port over a real database, with a real clock that a test can move. The assistant is away."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from databases import environ_of

from channels.app import make_app
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

PUBLIC = "https://chat.ashdown.example"
COUNCIL = "https://www.ashdown.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any

    @property
    def error(self) -> str:
        return str(self.body["error"])


@dataclass
class Doors:
    url: str
    log: EngagementLog
    database: Database
    home: Path
    http: aiohttp.ClientSession
    app: web.Application
    at: datetime

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    async def call(self, method: str, path: str, *, token: str = "", headers: dict[str, str] | None = None, **more: Any) -> Answer:
        """One call as a browser makes it; `token` goes into the Authorization header."""
        sent = {"User-Agent": FIREFOX, **({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        async with self.http.request(method, self.url + path, headers=sent, **more) as answer:
            body = await (answer.json() if answer.content_type == "application/json" else answer.read())
            return Answer(answer.status, answer.headers, body)

    async def begin(self, headers: dict[str, str] | None = None) -> str:
        """The token of a new chat."""
        answer = await self.call("POST", "/api/chat/sessions", headers=headers)
        assert answer.status == 201, answer.body
        return str(answer.body["token"])


@contextlib.asynccontextmanager
async def open_doors(home: Path, **settings: str) -> AsyncIterator[Doors]:
    read = Settings.from_environ(
        {
            **environ_of(home), "HEARBACK_PUBLIC_URL": PUBLIC, "HEARBACK_RASA_PORT": "1", "HEARBACK_SANDBOX_PORT": "2",
            "HEARBACK_EMBED_ORIGINS": COUNCIL, **settings,
        }
    )  # fmt: skip
    database = Database(read.database_url)
    if "HEARBACK_DATABASE_URL" in settings:  # another than the one that is made here, with nothing in it yet
        await upgrade(database)
    keys = load_keys(home)
    doors: Doors
    log = EngagementLog(database, Clock(), keys, real=Clock(read=lambda: doors.at.timestamp()), email=bool(read.smtp))
    app = make_app(read, log, Clock(), keys)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        doors = Doors("", log, database, home, http, app, datetime.now(UTC))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        doors.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield doors
        finally:
            await runner.cleanup()
