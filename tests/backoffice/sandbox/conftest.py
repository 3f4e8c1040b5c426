"""A real sandbox on a free port, with a clock that a test can move."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import TestClient, TestServer

from backoffice.sandbox.app import make_app
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

SOME_DAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@dataclass
class MovableTime:
    at: datetime = SOME_DAY

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    def clock(self) -> Clock:
        return Clock(read=lambda: self.at.timestamp())


class Sandbox:
    """The running pretend council as a client sees it."""

    def __init__(self, client: TestClient[Any, Any], time: MovableTime) -> None:
        self.client, self.time = client, time

    @property
    def url(self) -> str:
        return str(self.client.make_url("/open311/v2"))

    async def get(self, path: str, **query: str) -> tuple[int, Any]:
        async with self.client.get(f"/open311/v2/{path}", params=query) as reply:
            return reply.status, await reply.json()

    async def post(self, path: str, fields: Any) -> tuple[int, Any]:
        """Form fields as a dict (lists repeat) or a list of pairs, with the key."""
        items = [*fields.items()] if isinstance(fields, dict) else fields
        body = urlencode([("api_key", "sandbox"), *items], doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        async with self.client.post(f"/open311/v2/{path}", data=body, headers=headers) as reply:
            return reply.status, await reply.json()

    async def litter(self, **more: str) -> str:
        """Report litter; returns its reference."""
        status, body = await self.post("requests.json", {"service_code": "LITTER", "address_string": "1 High Street", **more})
        assert status == 200, body
        return str(body[0]["service_request_id"])

    async def play(self, reference: str, verb: str, **fields: Any) -> tuple[int, Any]:
        async with self.client.post(f"/open311/v2/requests/{reference}/{verb}", json=fields) as reply:
            return reply.status, await reply.json()

    async def fault(self, fault: Any, **more: Any) -> None:
        async with self.client.post("/sandbox/faults", json={"open311": fault, **more}) as reply:
            assert reply.status == 200


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings.from_environ({}), home=tmp_path)


@pytest.fixture
async def open_sandbox(settings: Settings) -> AsyncIterator[Callable[[], Awaitable[Sandbox]]]:
    """Opens a sandbox on the test's folder; opening again is a restart."""
    running: list[TestClient[Any, Any]] = []
    time = MovableTime()

    async def open_one() -> Sandbox:
        while running:
            await running.pop().close()
        client: TestClient[Any, Any] = TestClient(TestServer(make_app(settings, load_keys(settings.home), time.clock())))
        await client.start_server()
        running.append(client)
        return Sandbox(client, time)

    yield open_one
    while running:
        await running.pop().close()


@pytest.fixture
async def sandbox(open_sandbox: Callable[[], Awaitable[Sandbox]]) -> Sandbox:
    return await open_sandbox()
