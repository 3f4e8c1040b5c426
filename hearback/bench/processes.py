"""Starts the processes that are measured, weighs them, and stops them by their id."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

STOP_WITHIN = 12.0
MEGABYTE = 1024 * 1024
Parsed = tuple[list[str], list[float]]


class BenchError(Exception):
    """The bench cannot go on; the message says why and where to look."""


@dataclass(frozen=True)
class Weight:
    """Memory of one process in megabytes. PSS shares what several processes have in common among them."""

    name: str
    rss: float
    pss: float


@dataclass(frozen=True)
class Ran:
    """What a command took; `processor_seconds` is the sum over the cores and tells more than `seconds` on a busy machine."""

    seconds: float
    processor_seconds: float
    megabytes: float  # the most that it held


@dataclass
class Process:
    """A process that was started here, in a session of its own so that it is stopped with all its children."""

    process: asyncio.subprocess.Process
    log: Path

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL after twelve seconds."""
        if self.process.returncode is not None:
            return
        children = tree(self.process.pid)
        _signal(self.process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_WITHIN)
        except TimeoutError:
            for pid in children:
                _signal(pid, signal.SIGKILL)
            await self.process.wait()

    def weights(self) -> list[Weight]:
        """What the process and its children weigh now."""
        return [weight for pid in tree(self.process.pid) if (weight := _weight(pid))]

    def processor_seconds(self) -> dict[str, float]:
        """Processor time that the process and its children used since each began, by name."""
        used: dict[str, float] = {}
        for pid in tree(self.process.pid):
            with contextlib.suppress(OSError):
                times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
                name = _name(pid)
                used[name] = used.get(name, 0) + sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
        return used


async def start(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path) -> Process:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env={**os.environ, **environment}, stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    return Process(process, log)


async def run(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path, seconds: float,
    look: Callable[[], None] | None = None,
) -> Ran:  # fmt: skip
    """Run a command to its end, calling `look` now and then. Raises BenchError when it fails."""
    begun, used = time.monotonic(), _used()
    running = await start(command, folder=folder, environment=environment, log=log)
    peak = 0.0
    try:
        while running.process.returncode is None:
            if time.monotonic() - begun > seconds:
                raise BenchError(f"{command[0]} took longer than {seconds:.0f} s. Its log is {log}.")
            peak = max(peak, sum(weight.rss for weight in running.weights()))
            if look:
                look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.process.wait(), 0.25)
    finally:
        await running.stop()
    if running.process.returncode != 0:
        raise BenchError(f"{' '.join(command[:4])} failed with status {running.process.returncode}. Its log is {log}.")
    return Ran(time.monotonic() - begun, _used() - used, peak)


async def parse(python: str, model: Path, texts: Sequence[str], *, folder: Path, environment: Mapping[str, str], work: Path) -> Parsed:
    """What the model of a side makes of each text, told by that side's own Python: intents, and milliseconds of each."""
    work.mkdir(parents=True, exist_ok=True)
    sentences, out = work / "sentences.json", work / "understood.json"
    sentences.write_text(json.dumps(list(texts)), encoding="utf-8")
    command = [python, "-P", str(Path(__file__).with_name("parsing.py")), str(model), str(sentences), str(out)]
    await run(command, folder=folder, environment=environment, log=work / "understanding.log", seconds=900)
    found = json.loads(out.read_text())
    return found["told"], found["milliseconds"]


async def until_ready(running: Process, url: str, seconds: float) -> None:
    """Ask every 50 ms until `url` answers 200."""
    until = time.monotonic() + seconds
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while time.monotonic() < until:
            if running.process.returncode is not None:
                raise BenchError(f"It stopped with status {running.process.returncode} while starting. Its log is {running.log}.")
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)
    raise BenchError(f"{url} was not ready after {seconds:.0f} s. Its log is {running.log}.")


def _used() -> float:
    """Processor seconds of all ended children of this process."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found, at = [pid], 0
    while at < len(found):
        for task in Path(f"/proc/{found[at]}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
        at += 1
    return found


def _weight(pid: int) -> Weight | None:
    try:
        name, rollup = _name(pid), Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return None
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:] if line.endswith("kB")}
    return Weight(name, kilobytes.get("Rss", 0) / 1024, kilobytes.get("Pss", 0) / 1024)


def _name(pid: int) -> str:
    """What a process runs: the module of `python -m`, or the script."""
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return words[words.index("-m") + 1] if "-m" in words else Path(words[1] if len(words) > 1 and words[1] else words[0]).name


def size_of(folder: Path) -> float:
    """What a folder takes on the disk, in megabytes, as `du -sm` counts it."""
    seen: set[tuple[int, int]] = set()
    blocks = 0
    for path in folder.rglob("*"):
        status = path.lstat()
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            blocks += status.st_blocks
    return blocks * 512 / MEGABYTE
