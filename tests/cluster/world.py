"""Hearback on several machines, all of them this one: real processes, PostgreSQL and Redis, doors and workers as many as a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from stack import ROOT, free_ports, until
from twilio_world import ACCOUNT, COUNCIL, TOKEN, TwilioWorld

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from hearback.clock import Clock
from hearback.keys import load_keys

PUBLIC = "https://hearback.ashdown.example"
READY_WITHIN = 150.0
CHANNELS = ("-m", "channels")


@dataclass
class Door:
    """Where a citizen's program calls; what `clients.WebChat` needs of a stack."""

    url: str
    http: aiohttp.ClientSession
    said: set[str] = field(default_factory=set)


class Cluster:
    """`environ` is what every process gets; `processes` are those that run, by the name that the test gave them."""

    def __init__(self, home: Path, database: str, redis: str, twilio: TwilioWorld, http: aiohttp.ClientSession) -> None:
        self.home, self.twilio, self.http = home, twilio, http
        names = ("HEARBACK_PORT", "HEARBACK_CONSOLE_PORT", "HEARBACK_SANDBOX_PORT", "HEARBACK_RASA_PORT", "HEARBACK_ACTIONS_PORT")
        self.environ = {
            **{name: str(port) for name, port in free_ports((*names, "HEARBACK_WORKER_PORT")).items()},
            "HEARBACK_HOME": str(home), "HEARBACK_DATABASE_URL": database, "HEARBACK_REDIS_URL": redis, "HEARBACK_PUBLIC_URL": PUBLIC,
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": COUNCIL, "HEARBACK_TWILIO_API": twilio.url,
            "HEARBACK_SMS_PER_SECOND": "200", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "SANIC_ACCESS_LOG": "false",
        }  # fmt: skip
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.log = EngagementLog(Database(database), Clock(), load_keys(home))

    def start(self, name: str, *command: str, **environ: str) -> None:
        """Start `python COMMAND`; what it writes stands in the data folder."""
        with (self.home / f"{name}.log").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env={**os.environ, **self.environ, **environ}, stdout=output, stderr=output
            )

    async def door(self, name: str, **environ: str) -> Door:
        """Doors of their own on a free port."""
        port = free_ports(("door",))["door"]
        self.start(name, *CHANNELS, "doors", HEARBACK_PORT=str(port), **environ)
        return Door(f"http://127.0.0.1:{port}", self.http)

    async def worker(self, name: str, **environ: str) -> str:
        """A worker of its own; the address where it tells how it is."""
        port = free_ports(("worker",))["worker"]
        self.start(name, *CHANNELS, "worker", HEARBACK_WORKER_PORT=str(port), **environ)
        return f"http://127.0.0.1:{port}"

    async def is_ready(self, *urls: str) -> None:
        """Wait until these are ready; fails with why not, and with what the processes wrote."""
        reasons: dict[str, str] = {}
        try:
            await until(lambda: self._ready(urls, reasons), READY_WITHIN, "the processes to be ready")
        except AssertionError as error:
            raise AssertionError(f"{error}: {reasons}\n{self.wrote()}") from None

    async def _ready(self, urls: tuple[str, ...], reasons: dict[str, str]) -> bool:
        for url in urls:
            try:
                async with self.http.get(f"{url}/ready", timeout=aiohttp.ClientTimeout(total=5)) as answer:
                    if answer.status != 200:
                        reasons[url] = await answer.text()
                        return False
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                reasons[url] = type(error).__name__
                return False
        return True

    def kill(self, name: str) -> None:
        """kill -9"""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def wrote(self) -> str:
        return "\n".join(f"{path.stem}: {path.read_text()[-400:]}" for path in self.home.glob("*.log"))

    async def all_answered(self, seconds: float) -> None:
        await until(self._none_waits, seconds, "every message to be answered")

    async def _none_waits(self) -> bool:
        return not await self.log.unanswered()

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(8)


@contextlib.asynccontextmanager
async def database(server: str) -> AsyncIterator[str]:
    """The address of a new database with our tables."""
    name = f"cluster_{os.urandom(4).hex()}"
    admin = Database(f"{server}/postgres")
    await _administer(admin, f"CREATE DATABASE {name}")
    await admin.close()
    made = Database(f"{server}/{name}")
    await upgrade(made)
    await made.close()
    yield f"{server}/{name}"


@contextlib.asynccontextmanager
async def cluster(server: str, redis: str) -> AsyncIterator[Cluster]:
    """A database of its own, the sandbox council and Twilio; doors, workers and the assistant are the test's to start."""
    async with database(server) as address, TwilioWorld() as twilio, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        with tempfile.TemporaryDirectory(prefix="hearback-cluster-", ignore_cleanup_errors=True) as folder:
            made = Cluster(Path(folder), address, redis, twilio, http)
            made.start("sandbox", "-m", "backoffice.sandbox")
            try:
                yield made
            finally:
                await made.log.close()
                await asyncio.to_thread(made.end)


async def _administer(database: Database, statement: str) -> None:
    backend: Any = database._backend
    async with backend._engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql(statement)
