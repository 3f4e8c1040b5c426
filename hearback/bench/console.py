"""`make bench-console`: how long pages of the console take while fifty people click, over a large made-up city."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from engagement.database import Database
from engagement.log import EngagementLog
from hearback.bench import machine, processes
from hearback.bench.citizens import FIRST, WORDS
from hearback.bench.city import City
from hearback.bench.postgres import NoPostgres, server
from hearback.bench.seed import fill
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import ROOT

TABLE = ROOT / "docs" / "benchmarks" / "console.md"
COOKIE = "hearback_console"
THINK = (3.0, 5.0)  # seconds between two clicks of one person
WARM_UP = 10.0
# Kind of page: how often of a hundred clicks, seconds that it may take at the 95th percentile.
KINDS = {
    "a list": (30, 0.1), "a list, filtered": (20, 0.1), "worth a look": (8, 0.1), "a conversation": (20, 0.1), "a search": (12, 0.3),
    "requests": (5, 0.1), "inbox": (2, 0.1), "measures": (3, 1.0),
}  # fmt: skip
FILTERS = (
    "channel=sms", "channel=web&language=pl", "service=POTHOLE", "service=EMPTYPROP&channel=whatsapp", "partner=Lumen&outcome=not_fixed",
    "rating=low", "rating=low&language=cy", "confidence=low", "reason=report_danger", "task=find_support", "outcome=no_answer",
    "state=ended&language=pl&rating=low", "since=2026-03-01&until=2026-03-31", "state=open&service=FLYTIP&confidence=low",
)  # fmt: skip
LISTS = ("", "page=2", "page=40", "state=waiting", "state=unanswered", "state=undelivered", "state=open", "state=ended")
OPENED = re.compile(r'href="(/conversations/seed[^"]+)"')
Times = dict[str, list[float]]  # seconds by kind of page


@dataclass
class Person:
    """Somebody who clicks; `seen` are the conversations that a list showed them."""

    http: aiohttp.ClientSession
    url: str
    token: str
    chance: random.Random
    seen: list[str] = field(default_factory=list)

    def address(self, kind: str) -> str:
        pick = self.chance.choice
        match kind:
            case "a list":
                return f"/conversations?{pick(LISTS)}"
            case "a list, filtered":
                return f"/conversations?{pick(FILTERS)}"
            case "worth a look":
                return "/conversations?state=worth"
            case "a search":
                words = (
                    pick(WORDS["what"]),
                    f"{pick(FIRST)} {pick(WORDS['what'])}",
                    f"SEED-{self.chance.randint(1, 90_000)}",
                    pick(FIRST)[:3],
                )
                return f"/conversations?text={pick(words).replace(' ', '+')}"
            case "a conversation":
                return pick(self.seen)
            case "requests":
                return pick(("/requests", "/requests?page=3"))
            case "measures":
                return pick(("/measures", "/measures/completion_rate", "/measures/disagreement_rate"))
        return "/inbox"

    async def click(self, kind: str) -> float | None:
        """Open a page of a kind and read it to its end; None where the console has none such."""
        if kind == "a conversation" and not self.seen:
            kind = "a list"
        begun = time.perf_counter()
        async with self.http.get(self.url + self.address(kind), cookies={COOKIE: self.token}, allow_redirects=False) as answer:
            text = await answer.text()
            taken = time.perf_counter() - begun
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise processes.BenchError(f"{kind} answered {answer.status}")
        if found := OPENED.findall(text):
            self.seen = [one.replace("&amp;", "&") for one in found]
        return taken


async def clicks(person: Person, kinds: list[str], times: Times, counts_from: float, until: float) -> None:
    await asyncio.sleep(person.chance.uniform(0, THINK[1]))
    while (now := time.monotonic()) < until:
        kind = person.chance.choices(kinds, [KINDS[one][0] for one in kinds])[0]
        taken = await person.click(kind)
        if taken is not None and now >= counts_from:
            times.setdefault(kind, []).append(taken)
        await asyncio.sleep(person.chance.uniform(*THINK))


async def tokens(url: str, home: Path, people: int) -> list[str]:
    """Sign so many people in."""
    log, found = EngagementLog(Database(url), Clock(), load_keys(home)), []
    try:
        for number in range(people):
            await log.staff.add(f"reviewer{number}", "unused", "admin")
            person = await log.staff.by_name(f"reviewer{number}")
            assert person
            found.append((await log.staff.sign_in(person))[0])
    finally:
        await log.close()
    return found


async def measured(url: str, home: Path, given: argparse.Namespace) -> Times:
    """Start the console over a filled database, let people click for a while, and stop it."""
    port, times = processes.free_ports(1)[0], Times()
    settings = {name: "" for name in os.environ if name.startswith(("HEARBACK_", "TWILIO_"))}
    settings |= {"HEARBACK_HOME": str(home), "HEARBACK_DATABASE_URL": url, "HEARBACK_CONSOLE_PORT": str(port), "HEARBACK_HOST": "127.0.0.1"}
    signed = await tokens(url, home, given.people)
    running = await processes.start([sys.executable, "-m", "console"], folder=ROOT, environment=settings, log=home / "console.log")
    address = f"http://127.0.0.1:{port}"
    try:
        await processes.until_ready(running, f"{address}/health", 60)
        connector = aiohttp.TCPConnector(limit=given.people)
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http:
            first = Person(http, address, signed[0], random.Random(0))
            kinds = [kind for kind in KINDS if kind not in given.without and await first.click(kind) is not None]
            begun = time.monotonic()
            crowd = [Person(http, address, token, random.Random(number)) for number, token in enumerate(signed)]
            await asyncio.gather(*(clicks(one, kinds, times, begun + WARM_UP, begun + WARM_UP + given.seconds) for one in crowd))
    finally:
        await running.stop()
    return times


def at(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def table(found: dict[str, Times], *, messages: int, people: int, seconds: float) -> str:
    lines = [
        "# How long the console's pages take",
        f"`make bench-console` fills a database with a made-up city, {messages:,} messages in {messages // 10:,} conversations, and "
        f"lets {people} people click for {seconds:.0f} seconds, each every {THINK[0]:.0f} to {THINK[1]:.0f} seconds. Milliseconds until "
        "the page "
        "was read to its end; the people run on the same machine.",
    ]
    for name, times in found.items():
        lines += ["", f"## {name}", "", "| page | clicks | p50 | p95 | p99 | p95 may be |", "|---|---|---|---|---|---|"]
        for kind in (one for one in KINDS if times.get(one)):
            taken = times[kind]
            numbers = " | ".join(f"{at(taken, share) * 1000:.0f}" for share in (0.5, 0.95, 0.99))
            lines.append(f"| {kind} | {len(taken)} | {numbers} | {KINDS[kind][1] * 1000:.0f} |")
    return "\n".join([*lines, "", *(f"- {name}: {value}" for name, value in machine.about().items()), ""])


def slow(found: dict[str, Times]) -> list[str]:
    """The kinds of pages that took longer than they may."""
    return [f"{name}: {kind}" for name, times in found.items() for kind, some in times.items() if at(some, 0.95) > KINDS[kind][1]]


async def filled(url: str, given: argparse.Namespace, home: Path) -> Times:
    database = Database(url)
    try:
        await fill(database, City(messages=given.messages, requests=given.messages // 10, keys=load_keys(home)))
    finally:
        await database.close()
    return await measured(url, home, given)


async def main(given: argparse.Namespace) -> int:
    found: dict[str, Times] = {}
    with tempfile.TemporaryDirectory(prefix="hearback-console-") as folder:
        home = Path(folder)
        if given.url:
            found["the database given"] = await measured(given.url, given.home, given)
        elif given.only != "postgresql":
            found["SQLite"] = await filled(f"sqlite+aiosqlite:///{home / 'hearback.db'}", given, home)
        if not given.url and given.only != "sqlite":
            try:
                with server() as address:
                    found["PostgreSQL"] = await filled(f"{address}/postgres", given, home)
            except NoPostgres as error:
                print(f"Without PostgreSQL: {error}", file=sys.stderr)  # noqa: T201
    text = table(found, messages=given.messages, people=given.people, seconds=given.seconds)
    if given.write:
        TABLE.write_text(text, encoding="utf-8")
    print(text)  # noqa: T201
    for line in (late := slow(found)):
        print(f"Too slow: {line}", file=sys.stderr)  # noqa: T201
    return 1 if late else 0


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m hearback.bench.console", description=__doc__)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--people", type=int, default=50)
    options.add_argument("--seconds", type=float, default=180.0)
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    options.add_argument("--url", help="a database that is filled already, with --home: the folder of its keys")
    options.add_argument("--home", type=Path)
    options.add_argument("--without", nargs="*", default=[], choices=list(KINDS), help="kinds of pages that nobody opens")
    options.add_argument("--write", action="store_true", help="write the table to docs/benchmarks/console.md")
    sys.exit(asyncio.run(main(options.parse_args())))
