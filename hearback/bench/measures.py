"""`python -m hearback.bench.measures`: how long each measure takes over a large made-up city, on SQLite and on PostgreSQL."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from engagement.database import Database
from engagement.log import EngagementLog
from hearback.bench import machine
from hearback.bench.city import NOW, City
from hearback.bench.postgres import NoPostgres, server
from hearback.bench.seed import fill
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import ROOT

TABLE = ROOT / "docs" / "benchmarks" / "measures.md"
LIMIT = 1.0  # seconds that a measure may take
TIMES = 3
Times = dict[str, float]  # seconds by measure, the median of a few


async def timed(url: str, city: City, home: Path) -> Times:
    """Fill the database and time each measure on its own, and all together."""
    database = Database(url)
    log = EngagementLog(database, Clock(read=NOW.timestamp), load_keys(home))
    try:
        await fill(database, city)
        found = {name: await _median(log, [name]) for name in log.measures.names}
        found["all together"] = await _median(log, [])
        found["the first page of requests"] = await _page(log)
    finally:
        await log.close()
    return found


async def _median(log: EngagementLog, names: list[str]) -> float:
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        await log.measures.measured(names=names)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


async def _page(log: EngagementLog) -> float:
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        await log.review.requests()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def table(found: dict[str, Times], *, messages: int, requests: int, versions: dict[str, str]) -> str:
    about = machine.about()
    names = list(next(iter(found.values())))
    lines = [
        "# How long measures take",
        "`make bench-measures` fills a database with a made-up city and writes this table. "
        f"{messages:,} messages, {requests:,} requests; seconds, the median of {TIMES} readings after another.",
        "",
        f"| measure | {' | '.join(found)} |",
        f"|---|{'---|' * len(found)}",
        *(f"| `{name}` | {' | '.join(f'{times[name]:.2f}' for times in found.values())} |" for name in names),
        "",
        f'Each measure may take {LIMIT:.0f} s. "All together" is the console\'s page: measures of the same rows share one reading.',
        "",
        *(f"- {name}: {value}" for name, value in {**about, **versions}.items()),
        "",
    ]
    return "\n".join(lines)


async def main(given: argparse.Namespace) -> int:
    found: dict[str, Times] = {}
    with tempfile.TemporaryDirectory(prefix="hearback-measures-") as folder:
        home = Path(folder)
        keys = load_keys(home)

        def city() -> City:
            return City(messages=given.messages, requests=given.requests, keys=keys)

        if given.only != "postgresql":
            found["SQLite"] = await timed(f"sqlite+aiosqlite:///{home / 'hearback.db'}", city(), home)
        if given.only != "sqlite":
            try:
                with server() as address:
                    found["PostgreSQL"] = await timed(f"{address}/postgres", city(), home)
            except NoPostgres as error:
                print(f"Without PostgreSQL: {error}", file=sys.stderr)  # noqa: T201
    text = table(found, messages=given.messages, requests=given.requests, versions={})
    if given.write:
        TABLE.write_text(text, encoding="utf-8")
    print(text)  # noqa: T201
    slow = {name for times in found.values() for name, seconds in times.items() if seconds > LIMIT and name != "all together"}
    return 1 if slow else 0


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m hearback.bench.measures", description=__doc__)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--requests", type=int, default=100_000)
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    options.add_argument("--write", action="store_true", help="write the table to docs/benchmarks/measures.md")
    sys.exit(asyncio.run(main(options.parse_args())))
