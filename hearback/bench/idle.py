"""`make bench-idle`: what open windows cost that only listen, and how soon a message reaches one of them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import string
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from hearback.bench import processes
from hearback.bench.colleague import desk
from hearback.settings import ROOT, Settings

REST = 5.0
AT_ONCE = 50
ANSWER = "Thank you."


@dataclass
class Window:
    """A browser's window: its chat's token and conversation, and its open line."""

    token: str
    conversation: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@dataclass
class Doors:
    process: asyncio.subprocess.Process
    settings: Settings
    windows: list[Window] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def kilobytes(self) -> int:
        """Memory in use (VmRSS)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    @property
    def processor_seconds(self) -> float:
        used = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")

    async def asked(self) -> int:
        """How often the database was asked so far."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(b"\n")
        return sum(dict(json.loads(await self.process.stdout.readline())).values())

    async def idle(self, seconds: float) -> tuple[int, float]:
        """Database queries and processor seconds while nothing happens."""
        asked, used = await self.asked(), self.processor_seconds
        await asyncio.sleep(seconds)
        return await self.asked() - asked, self.processor_seconds - used


async def start(home: Path) -> Doors:
    ports = processes.free_ports(5)
    names = ("HEARBACK_PORT", "HEARBACK_CONSOLE_PORT", "HEARBACK_SANDBOX_PORT", "HEARBACK_RASA_PORT", "HEARBACK_ACTIONS_PORT")
    settings = {name: "" for name in os.environ if name.startswith(("HEARBACK_", "TWILIO_"))}
    settings |= {"HEARBACK_HOME": str(home), **{name: str(port) for name, port in zip(names, ports, strict=True)}}
    with (home / "doors.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hearback.bench.idle_doors", cwd=ROOT, env={**os.environ, **settings},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
    assert process.stdout
    if not await process.stdout.readline():
        raise processes.BenchError("The doors did not start.")
    return Doors(process, Settings.from_environ(settings))


async def open_window(doors: Doors, http: aiohttp.ClientSession, gate: asyncio.Semaphore) -> None:
    """Begin a chat and listen to it, past its greeting."""
    async with gate:
        async with http.post(f"{doors.address}/api/chat/sessions") as answer:
            begun = await answer.json()
        token = begun["token"]
        reader, writer = await asyncio.open_connection("127.0.0.1", doors.settings.port, limit=16 * 1024)
        writer.write(f"GET /api/chat/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        await reader.readuntil(b"event: message")
        doors.windows.append(Window(token, begun["conversation"], reader, writer))


async def assistant(port: int) -> web.AppRunner:
    """A stand-in for Rasa that answers every turn at once, so that only the doors are measured."""

    async def turn(request: web.Request) -> web.Response:
        said = {"text": ANSWER, "buttons": []}
        nothing: dict[str, Any] = dict.fromkeys(
            ("intent", "confidence", "entities", "intents", "services", "actions", "form", "told", "journal")
        )
        return web.json_response({**nothing, "messages": [said], "language": "en"})

    app = web.Application()
    app.add_routes([web.post("/webhooks/hearback/turn", turn)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


async def deliver(doors: Doors, http: aiohttp.ClientSession, window: Window) -> float:
    """Milliseconds from sending a message until it stands in the window; returns when its answer does too."""
    words, begun = "".join(random.choices(string.ascii_lowercase, k=20)), time.perf_counter()
    headers = {"Authorization": f"Bearer {window.token}"}
    async with http.post(f"{doors.address}/api/chat/messages", json={"text": words}, headers=headers) as answer:
        assert answer.status == 202
    await asyncio.wait_for(window.reader.readuntil(words.encode()), 20)
    took = (time.perf_counter() - begun) * 1000
    await asyncio.wait_for(window.reader.readuntil(ANSWER.encode()), 20)
    return took


@dataclass(frozen=True, kw_only=True)
class Idle:
    """What `connections` add to fifty that were open before. `deliveries` and `replies` are milliseconds, in order of size."""

    connections: int
    kilobytes: float  # of each
    seconds: float
    queries: int
    processor_seconds: float
    deliveries: list[float]
    replies: list[float]


async def measure(count: int, seconds: float, messages: int) -> Idle:
    """Open `count` chats, let nothing happen for `seconds`, then let `messages` citizens and as many colleagues write."""
    with tempfile.TemporaryDirectory(prefix="hearback-idle-") as home:
        doors = await start(Path(home))
        rasa = await assistant(doors.settings.rasa_port)
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": ""}) as http:
                gate = asyncio.Semaphore(AT_ONCE)
                # The first windows load what later ones find loaded.
                await asyncio.gather(*(open_window(doors, http, gate) for _ in range(AT_ONCE)))
                await asyncio.sleep(REST)
                few = await doors.idle(seconds)  # what the doors do by themselves, whoever listens
                before = doors.kilobytes
                await asyncio.gather(*(open_window(doors, http, gate) for _ in range(count)))
                await asyncio.sleep(REST)
                after, many = doors.kilobytes, await doors.idle(seconds)
                some = doors.windows[:: max(1, len(doors.windows) // messages)]
                deliveries = sorted([await deliver(doors, http, window) for window in some])
                async with desk(doors.settings) as colleague:
                    replies = sorted([await colleague.answer(window.conversation, window.reader) for window in some])
        finally:
            for window in doors.windows:
                window.writer.close()
            doors.process.terminate()
            await doors.process.wait()
            await rasa.cleanup()
    return Idle(
        connections=count, kilobytes=(after - before) / count, seconds=seconds, queries=many[0] - few[0],
        processor_seconds=many[1] - few[1], deliveries=deliveries, replies=replies,
    )  # fmt: skip


def told(idle: Idle) -> dict[str, str]:
    """Lines of a report."""
    return {
        "connections": str(idle.connections),
        "memory of each": f"{idle.kilobytes:.1f} KB",
        f"database queries for them in {idle.seconds:.0f} s (some are chance)": str(idle.queries),
        "processor for them while idle": f"{idle.processor_seconds / idle.seconds:.2%} of one core",
        **_waits("delivery", idle.deliveries),
        **_waits("delivery of a colleague's answer", idle.replies),
    }


def _waits(name: str, took: list[float]) -> dict[str, str]:
    return {
        f"{name}, p50 of {len(took)}": f"{statistics.median(took):.1f} ms",
        f"{name}, p95": f"{took[int(len(took) * 0.95)]:.1f} ms",
        f"{name}, slowest": f"{took[-1]:.1f} ms",
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m hearback.bench.idle", description=__doc__)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=45.0, help="how long nothing happens")
    parser.add_argument("--messages", type=int, default=200)
    given = parser.parse_args()
    for name, value in told(asyncio.run(measure(given.connections, given.seconds, given.messages))).items():
        print(f"{name + ':':45} {value}")  # noqa: T201


if __name__ == "__main__":
    main()
