"""A back office that does what it was asked long after we gave up waiting: what is not there yet is not sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from backoffice import georeport
from backoffice.errors import OutcomeUnknown, StillUnderWay
from backoffice.open311 import Open311Client
from channels.sending_later import SendingLater
from channels.signals import Signals
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.tables import requests
from engagement.values import Reply
from hearback.clock import Clock
from hearback.keys import load_keys


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'hearback.db'}")
    await upgrade(database)
    yield database
    await database.close()


@pytest.fixture
def log(database: Database, tmp_path: Path) -> EngagementLog:
    return EngagementLog(database, Clock(), load_keys(tmp_path))


@pytest.fixture
async def gateway() -> AsyncIterator[TestServer]:
    """Has no request of ours when it is asked, and gives up waiting for the system behind it when one is sent."""
    app = web.Application()
    app.router.add_get("/v2/requests.json", lambda _: _answer(200))
    app.router.add_post("/v2/requests.json", lambda _: _answer(504))
    async with TestServer(app) as server:
        yield server


async def _answer(status: int) -> web.Response:
    return web.json_response([], status=status)


async def test_after_a_time_out_a_report_is_not_sent_again_while_the_back_office_may_be_at_work(
    log: EngagementLog, database: Database, gateway: TestServer
) -> None:
    _, chat, _ = await log.chats.start(Reply(text="Hello"))
    await log.requests.open(
        key="k", conversation_id=chat.id, service_code="POTHOLE", service_name="Pothole", report={"description": "hole"}
    )
    began = Clock().now()
    await log.requests.keep("k", after=timedelta(0), error="BackOfficeUnavailable")
    async with aiohttp.ClientSession() as http:
        later = SendingLater(log, Open311Client(http, url=str(gateway.make_url("/v2"))), Signals())
        running = asyncio.create_task(later.run())
        while (request := (await log.requests.of_conversation(chat.id))[0]).attempts < 2 or request.state != "kept":
            await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    due_at = await database.read(lambda connection: connection.execute(select(requests.c.due_at)).scalar_one())
    assert due_at - began >= timedelta(seconds=60)


async def test_who_does_not_answer_may_be_at_work_and_who_breaks_the_line_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(georeport, "TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    app = web.Application()
    app.router.add_post("/silent/requests.json", _silent)
    app.router.add_post("/broken/requests.json", _broken)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        with pytest.raises(StillUnderWay):
            await Open311Client(http, url=str(server.make_url("/silent"))).create("POTHOLE", {"description": "hole"}, tag="HB-1")
        with pytest.raises(OutcomeUnknown) as broken:
            await Open311Client(http, url=str(server.make_url("/broken"))).create("POTHOLE", {"description": "hole"}, tag="HB-1")
    assert not isinstance(broken.value, StillUnderWay)


async def _silent(request: web.Request) -> web.Response:
    await asyncio.sleep(1)
    return web.json_response([])


async def _broken(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
