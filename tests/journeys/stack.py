"""The whole of Hearback as `make run` starts it: real processes on free ports, an empty data folder, a pretend Twilio beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from databases import KIND, empty_of, rows, stored
from twilio_world import ACCOUNT, COUNCIL, TOKEN, TwilioWorld

from hearback import training
from hearback.clock import shared_clock

ROOT = Path(__file__).resolve().parents[2]
HEARBACK = str(Path(sys.executable).with_name("hearback"))
PUBLIC = "https://hearback.ashdown.example"
PASSWORD = "three random words"
PORTS = ("HEARBACK_PORT", "HEARBACK_CONSOLE_PORT", "HEARBACK_SANDBOX_PORT", "HEARBACK_RASA_PORT", "HEARBACK_ACTIONS_PORT")
SCALE_OF_SET_CLOCK = 2.0
START_WITHIN, STOP_WITHIN = 150.0, 10.0
T = TypeVar("T")


async def until(look: Callable[[], Awaitable[T] | T], seconds: float, what: str) -> T:
    """Look again and again until what is found is true; fails with `what` and the last thing found."""
    end, found = time.monotonic() + seconds, None
    while True:
        got = look()
        found = await got if isinstance(got, Awaitable) else got
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s for {what}; found {found!r}")
        await asyncio.sleep(0.05)


def free_ports(names: tuple[str, ...]) -> dict[str, int]:
    """A free port for each name, all different."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in names]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return {name: int(probe.getsockname()[1]) for name, probe in zip(names, probes, strict=True)}


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    command: str
    environ: bytes


def processes() -> Iterator[Process]:
    """Every process that we may look at, zombies left out."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            environ = (folder / "environ").read_bytes()
        except OSError:
            continue
        if state != "Z":
            yield Process(int(folder.name), int(parent), command, environ)


@dataclass
class Stack:
    """A running Hearback. `said` and `numbers` collect what citizens wrote and where from, for the search of the disk."""

    home: Path
    environ: dict[str, str]
    process: asyncio.subprocess.Process
    output: Path
    twilio: TwilioWorld
    http: aiohttp.ClientSession
    api_token: str = ""
    said: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)

    def address(self, port: str) -> str:
        return f"http://127.0.0.1:{self.environ[port]}"

    @property
    def url(self) -> str:
        return self.address("HEARBACK_PORT")

    @property
    def site(self) -> str:
        """The origin of the one site that may embed the chat; nothing answers there until a test does."""
        return self.environ["HEARBACK_EMBED_ORIGINS"]

    @property
    def console_url(self) -> str:
        return self.address("HEARBACK_CONSOLE_PORT")

    @property
    def sandbox_url(self) -> str:
        return self.address("HEARBACK_SANDBOX_PORT")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a statement gives in the engagement log, or changes there; SQLite's marks for values."""
        return rows(self.home, query, *values)

    def files(self) -> dict[str, bytes]:
        """Every file under the data folder, the databases' write-ahead logs too; and what PostgreSQL's tables hold, as "hearback.db"."""
        found = {str(path.relative_to(self.home)): path.read_bytes() for path in self.home.rglob("*") if path.is_file()}
        return found if KIND == "sqlite" else {**found, "hearback.db": stored(self.home)}

    def alive(self) -> list[Process]:
        """Every process that works with our data folder, whoever its parent is."""
        mark = f"HEARBACK_HOME={self.home}".encode()
        return [one for one in processes() if mark in one.environ.split(b"\0")]

    def child(self, words: str) -> int | None:
        """The id of the supervisor's child with these words in its command line: "-m rasa", "-m channels" …"""
        return next((one.pid for one in processes() if one.parent == self.process.pid and words in one.command), None)

    async def kill(self, words: str) -> None:
        """kill -9 a child, and wait until it is gone."""
        pid = self.child(words)
        assert pid is not None, f"no child runs {words}"
        os.kill(pid, signal.SIGKILL)
        await until(lambda: self.child(words) != pid, 5, f"the end of {words}")

    async def is_ready(self) -> bool:
        try:
            async with self.http.get(f"{self.url}/ready") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError):
            return False

    async def command(self, *words: str, lines: str = "") -> str:
        """What `hearback WORDS` prints with this stack's settings, where somebody types `lines`."""
        status, out, err = await hearback(self.environ, *words, lines=lines)
        assert status == 0, err
        return out.strip()

    async def stop(self) -> None:
        """SIGTERM, as a machine that shuts down sends it: all are gone within ten seconds, and none is left behind."""
        if self.process.returncode is not None:
            return
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(self.process.wait(), STOP_WITHIN + 10)
        took = time.monotonic() - began
        assert took < STOP_WITHIN, f"it took {took:.1f} s to stop"
        assert status == 0, self.output.read_text()
        left = [f"{one.pid} {one.command}" for one in self.alive()]
        assert not left, f"left behind: {left}"

    def end(self) -> None:
        """Take away whatever is still there, so that a failing test leaves nothing running."""
        for one in self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)


async def hearback(environ: dict[str, str], *words: str, lines: str = "") -> tuple[int, str, str]:
    """Run a `hearback` command to its end: status, output, errors."""
    piped = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        HEARBACK, *words, cwd=ROOT, env={**os.environ, **environ}, stdin=piped, stdout=piped, stderr=piped
    )
    out, err = await asyncio.wait_for(process.communicate(lines.encode()), 60)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def settings_for(home: Path, twilio_api: str, **settings: str) -> dict[str, str]:
    ports = {name: str(port) for name, port in free_ports((*PORTS, "site")).items()}
    site = ports.pop("site")
    return {
        **ports,
        "HEARBACK_EMBED_ORIGINS": f"http://localhost:{site}",
        "HEARBACK_HOME": str(home),
        **({} if KIND == "sqlite" else {"HEARBACK_DATABASE_URL": empty_of(home)}),
        "HEARBACK_ADMIN_PASSWORD": PASSWORD,
        "HEARBACK_PUBLIC_URL": PUBLIC,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": COUNCIL,
        "HEARBACK_TWILIO_API": twilio_api,
        **settings,
    }


def set_clock(home: Path, at: datetime) -> float:
    """Set the product's clock, which then goes twice as fast as ours; returns that scale."""
    home.mkdir(parents=True)
    # The clock shows origin + (real - origin) * scale.
    origin = time.time() * SCALE_OF_SET_CLOCK - at.timestamp()
    (home / "clock.json").write_text(json.dumps({"scale": SCALE_OF_SET_CLOCK, "origin": origin}))
    return SCALE_OF_SET_CLOCK


@contextlib.asynccontextmanager
async def running_stack(*, at: datetime | None = None, **settings: str) -> AsyncIterator[Stack]:
    """`hearback run` from an empty folder until it is ready, at the time `at`; at the end SIGTERM, with its promises checked."""
    assert await asyncio.to_thread(training.train) == 0
    async with contextlib.AsyncExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="hearback-journeys-", ignore_cleanup_errors=True)))
        twilio = await held.enter_async_context(TwilioWorld())
        http = await held.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        if at is not None:
            settings["HEARBACK_TIME_SCALE"] = str(set_clock(folder / "home", at))
            twilio.now = shared_clock(folder / "home", SCALE_OF_SET_CLOCK).now
        environ = settings_for(folder / "home", twilio.url, **settings)
        output = folder / "run.out"
        with output.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                HEARBACK, "run", cwd=ROOT, env={**os.environ, **environ}, stdout=out, stderr=asyncio.subprocess.STDOUT
            )
        stack = Stack(folder / "home", environ, process, output, twilio, http)
        twilio.doors, twilio.public = stack.url, stack.environ["HEARBACK_PUBLIC_URL"]
        held.callback(stack.end)
        await until(lambda: _started(stack), START_WITHIN, "Hearback to be ready")
        stack.api_token = await stack.command("user", "token", "admin", "--name", "journeys")
        yield stack
        await stack.stop()


async def _started(stack: Stack) -> bool:
    assert stack.process.returncode is None, stack.output.read_text()
    # The supervisor says it last, after the console answers too.
    return await stack.is_ready() and "Hearback is ready." in stack.output.read_text()
