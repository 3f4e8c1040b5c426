"""The sandbox's clock is moved on to see what comes later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from backoffice.sandbox.app import make_app
from hearback.clock import shared_clock
from hearback.keys import load_keys
from hearback.settings import Settings


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[TestClient]:
    """A sandbox with the clock that all processes of its data folder share."""
    app = make_app(settings, load_keys(settings.home), shared_clock(settings.home, 1))
    async with TestClient(TestServer(app)) as running:
        yield running


async def now(client) -> datetime:
    return datetime.fromisoformat((await (await client.get("/sandbox/clock")).json())["now"])


async def test_the_clock_goes_on_for_programs_and_by_the_buttons_of_the_page(client) -> None:
    before = await now(client)
    async with client.post("/sandbox/clock", json={"forward": "3 days"}) as reply:
        assert reply.status == 200
    async with client.post("/sandbox/clock", data={"forward": "1 hour"}, allow_redirects=False) as reply:
        assert reply.status == 303
    assert timedelta(days=3, hours=1) <= await now(client) - before < timedelta(days=3, hours=1, minutes=1)
    assert "Move the clock on" in await (await client.get("/")).text()


@pytest.mark.parametrize("forward", ["-1 days", "3", "soon", "99999 days", "", 3])
async def test_a_clock_that_cannot_go_so_says_what_to_send(client, forward) -> None:
    before = await now(client)
    async with client.post("/sandbox/clock", json={"forward": forward}) as reply:
        assert reply.status == 400 and "never goes back" in await reply.text()
    assert await now(client) - before < timedelta(minutes=1)
