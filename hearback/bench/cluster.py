"""`python -m hearback.bench.cluster [--write]`: what a message costs each process that can run apart, and what ten million a day need.

Processor time is counted, not seconds on the clock: what else the machine does hardly changes it. Each process runs once, on PostgreSQL
and Redis; what it costs while nothing happens is measured first and taken off.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from hearback.bench import machine, postgres, processes, redis
from hearback.bench.sentences import long_script
from hearback.settings import ROOT

CITIZENS, WARM, IDLE = 16, 2, 8.0  # citizens at once; messages of each before it counts; seconds of watching what rest costs
TICKS = os.sysconf("SC_CLK_TCK")
PARTS = {"doors": "doors", "worker": "worker", "rasa": "Rasa", "actions": "actions", "postgres": "PostgreSQL", "redis": "Redis"}
# The plan: messages of citizens a day, how much busier the busiest hour is than the average one, and how busy a core may be.
A_DAY, PEAK, BUSY = 10_000_000, 3.0, 0.6
BEGIN, END = "<!-- capacity -->", "<!-- /capacity -->"
DOCUMENT, RECORD = ROOT / "docs" / "operations.md", ROOT / "docs" / "benchmarks" / "cluster.json"


@dataclass(frozen=True)
class Cost:
    """Of one process: processor milliseconds a message, what it uses at rest (a share of a core), and its memory in megabytes."""

    name: str
    milliseconds: float
    rest: float
    megabytes: float

    @property
    def a_second(self) -> float:
        """Messages a second that one core bears."""
        return 1000 / self.milliseconds if self.milliseconds > 0 else math.inf


def used(pids: list[int]) -> float:
    """Processor seconds of these processes."""
    seconds = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


def with_words(pids: list[int], *words: str) -> list[int]:
    """Those of the processes that were started with these words."""
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            said = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if all(word in said for word in words):
                found.append(pid)
    return found


@contextlib.asynccontextmanager
async def running(home: Path) -> AsyncIterator[tuple[str, dict[str, list[int]]]]:
    """Everything apart, once: the doors' address, and the processes of each part."""
    with postgres.server() as database, redis.server() as lock_server:
        names = ("PORT", "WORKER_PORT", "SANDBOX_PORT", "RASA_PORT", "ACTIONS_PORT", "CONSOLE_PORT")
        ports = dict(zip(names, processes.free_ports(len(names)), strict=True))
        settings = {name: "" for name in os.environ if name.startswith(("HEARBACK_", "TWILIO_"))}
        settings |= {f"HEARBACK_{name}": str(port) for name, port in ports.items()}
        settings |= {
            "HEARBACK_HOME": str(home), "HEARBACK_ADMIN_PASSWORD": "only the bench knows", "HEARBACK_REDIS_URL": lock_server,
            "HEARBACK_DATABASE_URL": f"{database}/postgres", "HEARBACK_TRUSTED_PROXIES": "127.0.0.1",
        }  # fmt: skip

        async def start(name: str, *command: str) -> processes.Process:
            return await processes.start([sys.executable, *command], folder=ROOT, environment=settings, log=home / f"{name}.log")

        started = [await start("first", "-m", "hearback.cli", "run", "--only", "sandbox,actions,rasa")]
        try:
            await wait_for_lines(home / "first.log", "Ready")
            started += [await start(part, "-m", "channels", part) for part in ("doors", "worker")]
            for one, port in zip(started[1:], (ports["PORT"], ports["WORKER_PORT"]), strict=True):
                await processes.until_ready(one, f"http://127.0.0.1:{port}/ready", 300)
            first, doors, worker = (processes.tree(one.process.pid) for one in started)
            everybody = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
            postmaster = with_words(everybody, "postgres", "-p", database.rpartition(":")[2])
            parts = {
                "doors": doors, "worker": worker, "rasa": with_words(first, "-m rasa run"), "actions": with_words(first, "bot.actions"),
                "postgres": postmaster, "redis": with_words(everybody, "redis-server", lock_server.rpartition(":")[2].removesuffix("/0")),
            }  # fmt: skip
            yield f"http://127.0.0.1:{ports['PORT']}", parts
        finally:
            for one in reversed(started):
                await one.stop()


async def wait_for_lines(log: Path, words: str) -> None:
    until = time.monotonic() + 300
    while words not in log.read_text():
        if time.monotonic() > until:
            raise processes.BenchError(f"It did not start. Its log is {log}.")
        await asyncio.sleep(0.2)


async def citizen(http: aiohttp.ClientSession, url: str, texts: list[str], begun: asyncio.Barrier) -> None:
    async with http.post(f"{url}/api/chat/sessions") as answer:
        headers = {"Authorization": f"Bearer {(await answer.json())['token']}"}
    for number, text in enumerate(texts):
        if number == WARM:
            await begun.wait()
        async with http.post(f"{url}/api/chat/messages?wait=60", json={"text": text}, headers=headers) as answer:
            if answer.status != 200:
                raise processes.BenchError(f"a message was answered {answer.status}")


async def measure(messages: int) -> list[Cost]:
    each = messages // CITIZENS
    with tempfile.TemporaryDirectory(prefix="hearback-bench-cluster-", ignore_cleanup_errors=True) as folder:
        async with running(Path(folder)) as (url, parts), aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=90)) as http:

            def now() -> dict[str, float]:
                return {name: used([child for pid in pids for child in processes.tree(pid)]) for name, pids in parts.items()}

            begun = asyncio.Barrier(CITIZENS + 1)
            talking = [
                asyncio.create_task(citizen(http, url, long_script(seed, each + WARM), begun)) for seed in range(CITIZENS)
            ]  # fmt: skip
            async with asyncio.timeout(300):
                while begun.n_waiting < CITIZENS:
                    await asyncio.sleep(0.1)
                    for failed in (one for one in talking if one.done()):
                        failed.result()
            at_rest, since = now(), time.monotonic()
            await asyncio.sleep(IDLE)
            before, started = now(), time.monotonic()
            rest = {name: (before[name] - at_rest[name]) / (started - since) for name in parts}
            await begun.wait()
            await asyncio.gather(*talking)
            after, took = now(), time.monotonic() - started
            weights = {name: sum(weight_of(child) for pid in pids for child in processes.tree(pid)) for name, pids in parts.items()}
    counted = each * CITIZENS
    return [
        Cost(PARTS[name], max(0.0, after[name] - before[name] - rest[name] * took) * 1000 / counted, rest[name], weights[name])
        for name in parts
    ]  # fmt: skip


def weight_of(pid: int) -> float:
    """Memory in megabytes, what it shares with others counted in part."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def table(costs: list[Cost], about: dict[str, str], messages: int) -> str:
    """Measured, then planned, with the arithmetic."""
    average = A_DAY / 86_400
    peak = average * PEAK
    who = f"{messages} messages of {CITIZENS} citizens at once, each process once"
    lines = [
        f"Measured {about['when']} on {about['machine']}, code {about['code']}: {who}.",
        "They greet, ask and thank in wording that training never saw; no task with the back office is among them.",
        "`make bench-cluster` measures again and writes this table.",
        "",
        "| process | processor time a message | messages a second on one core | memory |",
        "|---|---|---|---|",
        *(f"| {one.name} | {one.milliseconds:.1f} ms | {one.a_second:,.0f} | {one.megabytes:.0f} MB |" for one in costs),
        "",
        f"**Ten million messages of citizens a day** are {A_DAY:,} / 86,400 s = {average:.0f} a second on average. With a busiest hour"
        f" that is {PEAK:.0f} times as busy: {average:.0f} x {PEAK:.0f} = {peak:.0f} a second. Cores that are {BUSY:.0%} busy then:",
        "",
        "| process | arithmetic | cores |",
        "|---|---|---|",
    ]
    total = 0
    for one in costs:
        cores = math.ceil(peak * one.milliseconds / 1000 / BUSY)
        total += cores
        lines.append(f"| {one.name} | {peak:.0f} x {one.milliseconds:.1f} ms / 1,000 / {BUSY} | {cores} |")
    return "\n".join([*lines, f"| all | | {total} |"])


def write(text: str, record: dict[str, Any]) -> None:
    whole = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = whole.partition(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m hearback.bench.cluster", description="Measure what a message costs each process.")
    parser.add_argument("--messages", type=int, default=960, help="how many are counted")
    parser.add_argument("--write", action="store_true", help="write the table into docs/operations.md")
    given = parser.parse_args()
    about = machine.about()
    try:
        costs = asyncio.run(measure(given.messages))
    except (processes.BenchError, postgres.NoPostgres, redis.NoRedis) as error:
        sys.exit(str(error))
    text = table(costs, about, given.messages)
    print(text)  # noqa: T201
    if given.write:
        write(text, {"about": about, "messages": given.messages, "costs": [vars(one) for one in costs]})


if __name__ == "__main__":
    main()
