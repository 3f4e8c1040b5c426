"""`python -m hearback.bench.dashboards`: fifty people click through the console's dashboards over a large made-up city."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import ClientError, ClientSession

from engagement.bulk import Bulk
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.passwords import hash_password
from hearback.bench import machine
from hearback.bench.city import City
from hearback.bench.postgres import NoPostgres, server
from hearback.bench.seed import fill
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import ROOT

TABLE = ROOT / "docs" / "benchmarks" / "dashboards.md"
LIMIT = 1.0  # seconds at p95
PORT = 18471
THINKS = (1.0, 5.0)  # seconds that a person looks at a page before the next click
BOARDS = ("", "/engagement", "/understanding", "/tasks", "/outcomes", "/partners", "/costs", "/channels")
TIMES = ("", "?period=month", "?period=last-month", "?period=all", "?compare=year")
BESIDE = ("/partners", "/requests", "/requests?show=disagreements", "/partners/Lumen", "/requests?partner=Lumen", "/requests/500")
Taken = dict[str, list[float]]


@asynccontextmanager
async def console(url: str, home: Path) -> AsyncIterator[str]:
    """The console as its own process, as `make run` starts it."""
    changed = {"HEARBACK_HOME": str(home), "HEARBACK_DATABASE_URL": url, "HEARBACK_CONSOLE_PORT": str(PORT)}
    running = await asyncio.create_subprocess_exec(sys.executable, "-m", "console", cwd=ROOT, env={**os.environ, **changed})
    try:
        async with ClientSession() as session:
            for _ in range(300):
                try:
                    async with session.get(f"http://127.0.0.1:{PORT}/health"):
                        break
                except ClientError:
                    await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        running.terminate()
        await running.wait()


async def person(address: str, token: str, until: float, taken: Taken, chance: random.Random) -> None:
    """Clicks, looks, clicks."""
    async with ClientSession(cookies={"hearback_console": token}) as session:
        await asyncio.sleep(chance.uniform(0, THINKS[1]))
        while time.monotonic() < until:
            page = chance.choice(BESIDE) if chance.random() < 0.2 else f"/measures{chance.choice(BOARDS)}{chance.choice(TIMES)}"
            await click(session, address, page, taken)
            await asyncio.sleep(chance.uniform(*THINKS))


async def click(session: ClientSession, address: str, page: str, taken: Taken) -> None:
    begun = time.perf_counter()
    async with session.get(address + page) as answer:
        text = await answer.text()
    kind = f"answered {answer.status}" if answer.status != 200 else "being counted" if "data-counting" in text else page.split("?")[0]
    taken.setdefault(kind, []).append(time.perf_counter() - begun)


async def measure(url: str, home: Path, given: argparse.Namespace) -> Taken:
    """Fill the database, start the console, let people click. The city ends some days ago, so that all of it is in the past."""
    database = Database(url)
    log = EngagementLog(database, Clock(), load_keys(home))
    taken: Taken = {}
    try:
        await upgrade(database)
        if await Bulk(database).is_empty():
            await fill(database, City(messages=given.messages, requests=given.requests, keys=load_keys(home)))
        if await log.staff.by_name("bench") is None:
            await log.staff.add("bench", hash_password("three random words"), "admin")
        someone = await log.staff.by_name("bench")
        assert someone
        token, _ = await log.staff.sign_in(someone)
        async with console(url, home) as address:
            async with ClientSession(cookies={"hearback_console": token}) as session:
                first: Taken = {}
                await click(session, address, "/measures/outcomes", first)
                taken["the first page ever"] = [seconds for times in first.values() for seconds in times]
                taken["until all of it was counted"] = [await counted(session, address)]
            until = time.monotonic() + given.seconds
            people = (person(address, token, until, taken, random.Random(number)) for number in range(given.people))
            await asyncio.gather(*people)
    finally:
        await log.close()
    return taken


async def counted(session: ClientSession, address: str) -> float:
    """Look at each dashboard until none is being counted; gives the seconds."""
    begun = time.perf_counter()
    for board in (
        *BOARDS,
        "/engagement?period=month",
        "/engagement?period=last-month",
        "/engagement?period=all",
        "/engagement?compare=year",
    ):
        while True:
            before: Taken = {}
            await click(session, address, f"/measures{board}", before)
            if "being counted" not in before:
                break
            await asyncio.sleep(0.5)
    return time.perf_counter() - begun


def pages(taken: Taken) -> list[float]:
    return [seconds for page, times in taken.items() if page.startswith("/") or page == "being counted" for seconds in times]


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def table(found: dict[str, Taken], given: argparse.Namespace) -> str:
    lines = [
        "# How long dashboards take",
        "`make bench-dashboards` fills a database with a made-up city, starts the console and lets people click, each thinking "
        f"{THINKS[0]:.0f} to {THINKS[1]:.0f} s. {given.messages:,} messages, {given.requests:,} requests, {given.people} people, "
        f"{timedelta(seconds=given.seconds)}; all on one machine, the people too.",
        "",
        "| page | database | clicks | median s | p95 s |",
        "|---|---|---|---|---|",
    ]
    for name, taken in found.items():
        rows = {"all together": pages(taken), **taken}
        for page, times in sorted(rows.items()):
            if times:
                lines.append(f"| {page} | {name} | {len(times)} | {statistics.median(times):.3f} | {p95(times):.3f} |")
    lines += ["", f"Of all together, p95 may be {LIMIT:.0f} s.", "", *(f"- {name}: {value}" for name, value in machine.about().items()), ""]
    return "\n".join(lines)


async def main(given: argparse.Namespace) -> int:
    found: dict[str, Taken] = {}
    with tempfile.TemporaryDirectory(prefix="hearback-dashboards-") as made:
        folder = given.home or made
        if given.only != "postgresql":
            found["SQLite"] = await measure(f"sqlite+aiosqlite:///{folder}/hearback.db", Path(folder), given)
        if given.only != "sqlite":
            try:
                with server() as address:
                    found["PostgreSQL"] = await measure(f"{address}/postgres", Path(folder), given)
            except NoPostgres as error:
                print(f"Without PostgreSQL: {error}", file=sys.stderr)  # noqa: T201
    text = table(found, given)
    if given.write:
        TABLE.write_text(text, encoding="utf-8")
    print(text)  # noqa: T201
    wrong = [name for taken in found.values() for name in taken if name.startswith("answered")]
    slow = [name for name, taken in found.items() if p95(pages(taken)) > LIMIT]
    return 1 if slow or wrong else 0


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m hearback.bench.dashboards", description=__doc__)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--requests", type=int, default=100_000)
    options.add_argument("--people", type=int, default=50)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    options.add_argument("--home", type=Path, help="a folder that `hearback bench seed` filled, to fill none anew")
    options.add_argument("--write", action="store_true", help="write the table to docs/benchmarks/dashboards.md")
    sys.exit(asyncio.run(main(options.parse_args())))
