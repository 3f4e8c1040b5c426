"""Hearback as it is run: `hearback run` on free ports with a data folder of its own, driven through the web door."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hearback import training
from hearback.bench import client, processes
from hearback.bench.processes import BenchError, Process
from hearback.bench.stock import uv
from hearback.settings import ROOT

PORTS = ("HEARBACK_PORT", "HEARBACK_CONSOLE_PORT", "HEARBACK_SANDBOX_PORT", "HEARBACK_RASA_PORT", "HEARBACK_ACTIONS_PORT")
COMMAND = str(Path(sys.executable).parent / "hearback")


class Own:
    name = "hearback"
    title = "Hearback"

    def __init__(self, home: Path) -> None:
        self.folder = home / "hearback"
        self.running: Process | None = None
        self.port = self.sandbox_port = 0

    async def prepare(self) -> None:
        """A current model, so that no start has to train."""
        if training.current() is None and await asyncio.to_thread(training.train) != 0:
            raise BenchError("Hearback's training failed.")

    async def train(self) -> dict[str, Any]:
        """Train from nothing beside the model in use; returns {seconds, processor_seconds, megabytes}."""
        command = [
            sys.executable, "-m", "rasa", "train", "--force", "--fixed-model-name", "bench", "--out", str(self.folder / "models"),
        ]  # fmt: skip
        cache = self.folder / "cache"  # it keeps what earlier trainings computed
        shutil.rmtree(cache, ignore_errors=True)
        environment = {"RASA_TELEMETRY_ENABLED": "false", "RASA_CACHE_DIRECTORY": str(cache)}
        log = self.folder / "bench-logs" / "training.log"
        return asdict(await processes.run(command, folder=ROOT, environment=environment, log=log, seconds=1800))

    async def start(self) -> None:
        """Start everything and return when the doors say that they are ready."""
        ports = processes.free_ports(len(PORTS))
        self.port, self.sandbox_port = ports[0], ports[PORTS.index("HEARBACK_SANDBOX_PORT")]
        settings = {name: "" for name in os.environ if name.startswith(("HEARBACK_", "TWILIO_"))}
        settings |= {name: str(port) for name, port in zip(PORTS, ports, strict=True)}
        settings |= {"HEARBACK_HOME": str(self.folder / "home"), "HEARBACK_ADMIN_PASSWORD": "only the bench knows"}
        log = self.folder / "bench-logs" / "run.log"
        self.running = await processes.start([COMMAND, "run"], folder=ROOT, environment=settings, log=log)
        await processes.until_ready(self.running, f"http://127.0.0.1:{self.port}/ready", 180)

    async def stop(self) -> None:
        if self.running:
            await self.running.stop()
        self.running = None

    def forget(self) -> None:
        """Begin with an empty data folder."""
        shutil.rmtree(self.folder / "home", ignore_errors=True)

    def door(self) -> client.Door:
        return client.WebDoor(f"http://127.0.0.1:{self.port}")

    async def parse(self, texts: Sequence[str]) -> processes.Parsed:
        """The intents understood from texts, and milliseconds of each."""
        model = training.current()
        assert model is not None  # `prepare` saw to it
        environment = {"RASA_TELEMETRY_ENABLED": "false"}
        return await processes.parse(sys.executable, model, texts, folder=ROOT, environment=environment, work=self.folder / "bench-logs")

    async def size(self) -> float:
        """The environment without the tools of those who develop Hearback."""
        environment = self.folder / "environment"
        command = [uv(), "sync", "--frozen", "--no-dev", "--no-install-project", "--compile-bytecode", "--quiet"]
        log = self.folder / "bench-logs" / "environment.log"
        await processes.run(command, folder=ROOT, environment={"UV_PROJECT_ENVIRONMENT": str(environment)}, log=log, seconds=900)
        return await asyncio.to_thread(processes.size_of, environment)
