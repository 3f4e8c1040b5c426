"""What is broken on purpose, one thing after another: each fault makes it so, waits, and makes it well again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from hearback.chaos.disk import Disk, limit_files
from hearback.chaos.product import CHILDREN, Product, until
from hearback.chaos.provider import Provider
from hearback.chaos.proxy import MODES, Proxy
from hearback.clock import move_on

PULSE = 2.0  # seconds of sleep and of work of a slow action server
RLIM_INFINITY = -1


@dataclass(kw_only=True)
class World:
    """Everything that can be broken. `pace` shortens what lasts long: 1 in the long run, less in the short one."""

    product: Product
    proxy: Proxy
    provider: Provider
    disk: Disk
    chance: Random
    pace: float = 1.0

    def seconds(self, low: float, high: float) -> float:
        return self.chance.uniform(low, high) * self.pace


@dataclass
class Played:
    """A fault that was played: from and to when, and how long until the next message was answered, and all that had waited."""

    kind: str
    began: float
    ended: float = 0.0
    next_answer: float | None = None
    caught_up: float | None = None


Fault = Callable[[World], AbstractAsyncContextManager[None]]


def killed(name: str) -> Fault:
    @contextlib.asynccontextmanager
    async def play(world: World) -> AsyncIterator[None]:
        world.product.signal(name, signal.SIGKILL)
        yield

    return play


def all_killed(world: World) -> None:
    for name in CHILDREN:
        world.product.signal(name, signal.SIGKILL)


@contextlib.asynccontextmanager
async def everything_killed(world: World) -> AsyncIterator[None]:
    all_killed(world)
    yield


@contextlib.asynccontextmanager
async def supervisor_killed(world: World) -> AsyncIterator[None]:
    await world.product.kill_supervisor()
    yield
    await world.product.start()


def hangs(name: str, low: float, high: float) -> Fault:
    """The process is there and does nothing."""

    @contextlib.asynccontextmanager
    async def play(world: World) -> AsyncIterator[None]:
        pid = world.product.signal(name, signal.SIGSTOP)
        try:
            yield
            await asyncio.sleep(world.seconds(low, high))
        finally:
            if pid is not None and pid == world.product.pid(name):
                world.product.signal(name, signal.SIGCONT)

    return play


@contextlib.asynccontextmanager
async def slow_actions(world: World) -> AsyncIterator[None]:
    yield
    until = time.monotonic() + world.seconds(15, 25)
    while time.monotonic() < until:
        async with hangs("actions", PULSE, PULSE)(world):
            pass
        await asyncio.sleep(PULSE / 4)


@contextlib.asynccontextmanager
async def locked(world: World) -> AsyncIterator[None]:
    """Another program holds the database for writing."""
    path = world.product.home / "hearback.db"
    with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)) as other:
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield
        await asyncio.sleep(world.seconds(10, 60))
        other.execute("ROLLBACK")


@contextlib.asynccontextmanager
async def disk_full(world: World) -> AsyncIterator[None]:
    yield
    until = time.monotonic() + world.seconds(10, 40)
    try:
        while time.monotonic() < until:
            if world.disk.mounted:
                await world.disk.fill()
            else:
                for pid in world.product.children().values():
                    limit_files(pid, 4096)
            await asyncio.sleep(0.2)
    finally:
        world.disk.empty()
        for pid in world.product.children().values():
            limit_files(pid, RLIM_INFINITY)


@contextlib.asynccontextmanager
async def disk_read_only(world: World) -> AsyncIterator[None]:
    """Linux makes no disk read-only that somebody writes to: everybody is killed first, and finds it so when they come again."""
    yield

    async def made() -> bool:
        all_killed(world)
        return await world.disk.read_only()

    try:
        if not await until(made, 15):
            world.product.complaints.append("the disk could not be made read-only")
        await asyncio.sleep(world.seconds(15, 40))
    finally:
        await world.disk.writable()


def back_office(mode: str) -> Fault:
    @contextlib.asynccontextmanager
    async def play(world: World) -> AsyncIterator[None]:
        world.proxy.mode = mode
        try:
            yield
            await asyncio.sleep(world.seconds(10, 30))
        finally:
            world.proxy.mode = ""

    return play


@contextlib.asynccontextmanager
async def twilio_troubled(world: World) -> AsyncIterator[None]:
    world.provider.share = 0.5
    try:
        yield
        await asyncio.sleep(world.seconds(15, 40))
    finally:
        world.provider.share = 0.0


@contextlib.asynccontextmanager
async def clock_jumps(world: World) -> AsyncIterator[None]:
    yield
    move_on(world.product.home, timedelta(minutes=world.chance.choice((2, 17, 65))))


FAULTS: dict[str, Fault] = {
    **{f"{name} killed": killed(name) for name in CHILDREN},
    "everything killed": everything_killed,
    "supervisor killed": supervisor_killed,
    "database locked": locked,
    "disk full": disk_full,
    "disk read-only": disk_read_only,
    "Rasa hangs": hangs("rasa", 20, 40),
    "actions hang": hangs("actions", 10, 30),
    "actions slow": slow_actions,
    "doors hang": hangs("doors", 5, 20),
    **{f"back office: {mode}": back_office(mode) for mode in MODES},
    "Twilio troubled": twilio_troubled,
    "clock jumps": clock_jumps,
}
