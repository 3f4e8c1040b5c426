"""One run from an empty data folder to the ledger: citizens write, faults are played, all is made well, and what is left is done."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from hearback import training
from hearback.bench import machine
from hearback.chaos import ledger, report
from hearback.chaos.book import Book
from hearback.chaos.citizens import Citizens
from hearback.chaos.disk import Disk
from hearback.chaos.faults import FAULTS, World
from hearback.chaos.playing import Playing
from hearback.chaos.product import BenchError, Product
from hearback.chaos.provider import Provider
from hearback.chaos.proxy import Proxy
from hearback.clock import move_on, shared_clock

WEIGH_EVERY, TELL_EVERY = 3.0, 10.0
SETTLE_WITHIN = 300.0  # real seconds for what is left to do
LEFT_TO_DO = """
SELECT (SELECT count(*) FROM messages WHERE state IN ('received', 'queued', 'sending'))
     + (SELECT count(*) FROM requests WHERE state IN ('kept', 'sending') OR (state = 'sent' AND told_at IS NULL))
"""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much: messages at least, minutes at most, citizens at once; `pace` shortens the faults."""

    messages: int
    minutes: float
    web: int
    phones: int
    pace: float
    only: tuple[str, ...] = ()


class Run:
    def __init__(self, folder: Path, size: Size, seed: int) -> None:
        self._folder, self._size, self._seed = folder, size, seed
        self._begun = time.monotonic()
        self.book = Book()

    def say(self, sentence: str) -> None:
        print(f"[{time.monotonic() - self._begun:5.0f} s] {sentence}", flush=True)  # noqa: T201

    async def whole(self) -> report.Report:
        """The run; whatever was started is gone at the end, however it ends."""
        if training.current() is None and await asyncio.to_thread(training.train) != 0:
            raise BenchError("The training failed.")
        about = machine.about()
        home = self._folder / "home"
        disk, product = Disk(home), Product(self._folder, home)
        await disk.mount()
        clock = shared_clock(home, 1)
        async with Provider(self._seed, clock.now) as provider, Proxy(product.sandbox_url) as proxy:
            provider.doors = product.url
            open311 = {
                "HEARBACK_OPEN311_URL": f"{proxy.url}/open311/v2",
                "HEARBACK_OPEN311_API_KEY": "sandbox",
                "HEARBACK_WATCH_SECONDS": "5",
            }
            product.settings = {**provider.settings(), **open311}
            world = World(
                product=product, proxy=proxy, provider=provider, disk=disk, chance=Random(f"faults {self._seed}"), pace=self._size.pace
            )
            try:
                self.say("Starting Hearback.")
                await product.start()
                playing, not_played = await self._break(world)
                await self._settle(world, clock.now)
                await product.stop()
                kept = await asyncio.to_thread(ledger.read, home)
            finally:
                product.end()
                await asyncio.to_thread(self._keep, home)
                await disk.unmount()
        return self._report(about, world, playing, not_played, kept)

    def _keep(self, home: Path) -> None:
        """A copy of what tells what went wrong, beside the disk that goes away."""
        with contextlib.suppress(OSError, shutil.Error):
            shutil.copytree(home, self._folder / "left", ignore=shutil.ignore_patterns("ballast", "photos"))

    async def _break(self, world: World) -> tuple[Playing, list[str]]:
        kinds = [kind for kind in self._size.only or FAULTS if kind != "disk read-only" or world.disk.mounted]
        playing = Playing(world, self.book, self.say, kinds)
        citizens = Citizens(self.book, world.product.url, world.provider, self._seed)
        beside = [asyncio.create_task(world.product.weigh(WEIGH_EVERY)), asyncio.create_task(self._tell(playing))]
        writing = asyncio.create_task(citizens.write(web=self._size.web, phones=self._size.phones))
        until = time.monotonic() + self._size.minutes * 60
        try:
            await playing.run(lambda: self.book.taken >= self._size.messages or time.monotonic() > until or writing.done())
            self.book.closing = True
            self.say("All is made well; conversations that were begun go on to their end.")
            await writing
        finally:
            for task in (writing, *beside):
                task.cancel()
            await asyncio.gather(writing, *beside, return_exceptions=True)
        return playing, [kind for kind in FAULTS if kind not in kinds]

    async def _tell(self, playing: Playing) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self.say(f"{self.book.taken:,} of {self._size.messages:,} messages taken, {self.book.answered:,} answered; now: {playing.now}.")

    async def _settle(self, world: World, now: Callable[[], object]) -> None:
        """Wait until nothing is left to do; what waits for its time, for the morning at the longest, has it moved nearer."""
        until, home = time.monotonic() + SETTLE_WITHIN, world.product.home
        while (left := _left(home)) and time.monotonic() < until:
            self.say(f"{left} things are left to do.")
            await asyncio.sleep(10)
            if left == _left(home):
                move_on(home, timedelta(hours=1))
        while world.provider.receipts_left and time.monotonic() < until:
            await asyncio.sleep(0.5)

    def _report(self, about: dict[str, str], world: World, playing: Playing, not_played: list[str], kept: ledger.Kept) -> report.Report:
        for one in playing.played:
            one.caught_up = self.book.caught_up(one.ended)
        tries, texts = sum(one.tries for one in self.book.said), world.provider.texts
        by_web = sum(one.channel == "web" for one in self.book.said)
        counts = {
            "seed": str(self._seed),
            "messages": f"{len(self.book.said):,}: {by_web:,} by web chat, {len(self.book.said) - by_web:,} by text",
            "how often they were sent until they were taken": f"{tries:,} times",
            "reports": f"{len(kept.requests):,}, {self.book.kept:,} of them kept for later at first",
            "conversations passed to a person": f"{self.book.passed_on:,}",
            "texts that went out": f"{len(texts):,}, {sum(bool(one.trouble) for one in texts):,} with trouble",
            "calls to the back office that were spoilt": f"{world.proxy.spoilt:,}",
            "faults": f"{len(playing.played):,} in {playing.rounds} whole rounds",
            "minutes": f"{(time.monotonic() - self._begun) / 60:.1f}",
            "disk": "a tmpfs of its own" if world.disk.mounted or not not_played else "the machine's; full is a limit on the size of files",
        }
        return report.Report(
            about=about, counts=counts, lines=ledger.add_up(kept, self.book, world.provider.texts), played=playing.played,
            grown=report.grown(world.product.lives.values()), complaints=world.product.complaints, not_played=not_played,
        )  # fmt: skip


def _left(home: Path) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{home / 'hearback.db'}?mode=ro", uri=True, timeout=10)) as log:
        return int(log.execute(LEFT_TO_DO).fetchone()[0])
