"""Callers who send drop by drop, or nothing at all, hold up nobody else and are left after a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from doors import Doors

from hearback import serving

HALF_OPEN = 500
HEADS = (b"", b"GET", b"GET /chat HTTP/1.1\r\nHost: a.example\r\n", b"POST /sms/inbound HTTP/1.1\r\nHost: a.example\r\nX-A: b")
BODY = b"POST /api/chat/sessions HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def served(app: web.Application, *, idle: float) -> AsyncIterator[int]:
    """The same application at another port, where nobody may stay for long."""
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=idle)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    yield runner.addresses[0][1]
    for line in runner.server.connections if runner.server else ():
        line.force_close()


async def half_open(port: int, count: int, heads: tuple[bytes, ...]) -> list[Line]:
    lines = []
    for number in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(heads[number % len(heads)])
        lines.append((reader, writer))
    return lines


async def closed(lines: list[Line], seconds: float) -> int:
    """How many of these lines the other side has ended within a time."""

    async def end(reader: asyncio.StreamReader) -> bool:
        with contextlib.suppress(ConnectionError):
            await reader.read()
        return True

    tasks = [asyncio.create_task(end(reader)) for reader, _ in lines]
    done, waiting = await asyncio.wait(tasks, timeout=seconds)
    for task in waiting:
        task.cancel()
    for _, writer in lines:
        writer.close()
    return len(done)


async def answered(doors: Doors, port: int) -> float:
    """The seconds that a citizen waits for a chat of their own."""
    begun = time.monotonic()
    async with doors.http.post(f"http://127.0.0.1:{port}/api/chat/sessions") as answer:
        assert answer.status == 201
    return time.monotonic() - begun


async def test_citizens_are_answered_beside_500_half_open_lines_and_these_are_closed(doors: Doors) -> None:
    async with served(doors.app, idle=3.0) as port:
        lines = await half_open(port, HALF_OPEN, HEADS)
        assert max([await answered(doors, port) for _ in range(5)]) < 2.0
        assert await closed(lines, 20) == HALF_OPEN
        await answered(doors, port)


async def test_a_head_that_comes_drop_by_drop_is_not_waited_for(doors: Doors) -> None:
    async with served(doors.app, idle=1.0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEADS[2])
        begun = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - begun < 15:
                writer.write(b"X-Drop: a\r\n")
                await writer.drain()
                await asyncio.sleep(0.2)
        assert time.monotonic() - begun < 8
        writer.close()


async def test_a_body_that_comes_drop_by_drop_is_not_waited_for(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "BODY_WITHIN", 1.0)
    lines = await half_open(int(doors.url.rpartition(":")[2]), 50, (BODY,))
    await doors.begin()
    assert await closed(lines, 15) == 50
    await doors.begin()


async def test_the_console_leaves_slow_callers_too(console: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "BODY_WITHIN", 1.0)
    form = BODY.replace(b"/api/chat/sessions", b"/sign-in").replace(b"application/json", b"application/x-www-form-urlencoded")
    lines = await half_open(int(console.url.rpartition(":")[2]), 20, (form,))
    assert (await console.browser().get("/sign-in")).status == 200
    assert await closed(lines, 15) == 20


async def test_whoever_waits_for_an_answer_is_not_hurried(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "BODY_WITHIN", 0.2)
    answer = await doors.call("POST", "/api/chat/messages?wait=1", token=await doors.begin(), json={"text": "hello"})
    assert answer.status == 202


def test_idle_lines_stay_longer_than_at_a_proxy_and_shorter_than_an_attack() -> None:
    assert 60 < serving.IDLE <= 120 and serving.BODY_WITHIN <= 180
