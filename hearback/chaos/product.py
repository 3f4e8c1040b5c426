"""`hearback run` on free ports with a data folder of its own: started, killed, weighed and stopped by the ids of its processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from hearback.bench import processes
from hearback.bench.processes import BenchError
from hearback.settings import ROOT

COMMAND = str(Path(sys.executable).with_name("hearback"))
PORTS = ("HEARBACK_PORT", "HEARBACK_CONSOLE_PORT", "HEARBACK_SANDBOX_PORT", "HEARBACK_RASA_PORT", "HEARBACK_ACTIONS_PORT")
CHILDREN = {
    "doors": "-m channels",
    "rasa": "-m rasa",
    "actions": "-m bot.actions.server",
    "console": "-m console",
    "sandbox": "-m backoffice.sandbox",
}
START_WITHIN, STOP_WITHIN, GONE_WITHIN = 180.0, 10.0, 5.0
PAGE = os.sysconf("SC_PAGE_SIZE")


async def until(look: Callable[[], Awaitable[bool] | bool], seconds: float) -> bool:
    """Look again and again until it is so, or the time is over; whether it was so."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if await found if isinstance(found, Awaitable) else found:
            return True
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.05)


@dataclass
class Life:
    """Megabytes that one process held, from its start: [(seconds, megabytes)]."""

    name: str
    weights: list[tuple[float, float]] = field(default_factory=list)


class Product:
    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        ports = processes.free_ports(len(PORTS))
        self.ports = dict(zip(PORTS, ports, strict=True))
        self.settings: dict[str, str] = {}
        self.running: processes.Process | None = None
        self.lives: dict[int, Life] = {}
        self.complaints: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['HEARBACK_PORT']}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['HEARBACK_SANDBOX_PORT']}"

    async def start(self) -> None:
        """Start everything and return when the doors say that they are ready."""
        none = {name: "" for name in os.environ if name.startswith(("HEARBACK_", "TWILIO_"))}
        ours = {name: str(port) for name, port in self.ports.items()} | {"HEARBACK_HOME": str(self.home)}
        environment = {**none, "HEARBACK_ADMIN_PASSWORD": "only chaos knows this", **ours, **self.settings}
        log = self.folder / "run.log"
        self.running = await processes.start([COMMAND, "run"], folder=ROOT, environment=environment, log=log)
        await processes.until_ready(self.running, f"{self.url}/ready", START_WITHIN)

    def pid(self, name: str) -> int | None:
        return self.children().get(name)

    def children(self) -> dict[str, int]:
        """The supervisor's children by name."""
        if self.running is None:
            return {}
        found = {}
        for pid in _children(self.running.process.pid):
            words = _command(pid)
            found.update({name: pid for name, mark in CHILDREN.items() if mark in words})
        return found

    def signal(self, name: str, number: signal.Signals) -> int | None:
        """Returns the id of the process, None where there is none just now."""
        pid = self.pid(name)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pid

    async def kill_supervisor(self) -> None:
        """kill -9: its children must be gone with it. Whoever is left is complained of and taken away."""
        assert self.running is not None
        os.kill(self.running.process.pid, signal.SIGKILL)
        await self.running.process.wait()
        if not await until(lambda: not self.alive(), GONE_WITHIN):
            self.complaints.append(f"the supervisor was killed and left behind: {', '.join(map(_command, self.alive()))}")
        self.end()

    async def stop(self) -> None:
        """SIGTERM: all are gone within ten seconds, and none is left behind."""
        if self.running is None or self.running.process.returncode is not None:
            return
        began = time.monotonic()
        await self.running.stop()
        if (took := time.monotonic() - began) > STOP_WITHIN:
            self.complaints.append(f"it took {took:.1f} s to stop")
        if left := self.alive():
            self.complaints.append(f"stopping left behind: {', '.join(map(_command, left))}")

    def end(self) -> None:
        """Take away whatever is still there."""
        for pid in self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def alive(self) -> list[int]:
        """Every process that works with our data folder, whoever its parent is; zombies left out."""
        mark, found = f"HEARBACK_HOME={self.home}".encode(), []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                ours = mark in (folder / "environ").read_bytes().split(b"\0")
                if ours and (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                    found.append(int(folder.name))
        return found

    async def weigh(self, every: float) -> None:
        """Note what each process holds, again and again; runs until cancelled."""
        while True:
            for name, pid in self.children().items():
                with contextlib.suppress(OSError):
                    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                    life = self.lives.setdefault(pid, Life(name))
                    life.weights.append((time.monotonic(), pages * PAGE / processes.MEGABYTE))
            await asyncio.sleep(every)


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


__all__ = ["CHILDREN", "BenchError", "Life", "Product", "until"]
