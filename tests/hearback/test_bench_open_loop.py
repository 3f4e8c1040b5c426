"""The citizens of the bench against a small real server: what waits is seen, what fails is counted."""

from __future__ import annotations

import asyncio
import itertools
import statistics
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from aiohttp import web

from hearback.bench.client import LONGEST_TURN, RestDoor, conversations, long_conversation
from hearback.bench.open_loop import arrivals, at_rate
from hearback.bench.processes import free_ports
from hearback.bench.report import percentile

RATE, SECONDS, STALL = 60.0, 3.0, 1.0
Answering = Callable[[int], float]  # seconds that the answer to the nth message takes; below 0 it is refused


class Server:
    """Answers one message at a time, as a process with one loop does."""

    def __init__(self) -> None:
        self.takes: Answering = lambda number: 0.0
        self.said: list[tuple[str, str]] = []
        self._free = asyncio.Lock()

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        async with self._free:
            self.said.append((body["sender"], body["message"]))
            seconds = self.takes(len(self.said))
            await asyncio.sleep(max(0.0, seconds))
        return web.json_response([{"text": "yes"}], status=500 if seconds < 0 else 200)


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, RestDoor]]:
    server, port, app = Server(), free_ports(1)[0], web.Application()
    app.add_routes([web.post("/webhooks/rest/webhook", server.answer)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield server, RestDoor(f"http://127.0.0.1:{port}")
    await runner.cleanup()


def scripts() -> Iterator[list[str]]:
    for number in itertools.count():
        yield [f"{number} {turn}" for turn in range(6)]


def test_arrivals_are_the_same_for_a_seed_and_keep_the_rate() -> None:
    moments = arrivals(50, 200, seed=3)
    assert moments == arrivals(50, 200, seed=3) != arrivals(50, 200, seed=4)
    assert moments == sorted(moments) and moments[0] > 0 and moments[-1] < 200
    assert len(moments) == pytest.approx(10_000, rel=0.05)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert statistics.stdev(gaps) == pytest.approx(statistics.mean(gaps), rel=0.1)  # as of independent citizens


async def test_a_stall_delays_every_turn_that_falls_due_meanwhile(server: tuple[Server, RestDoor]) -> None:
    stalls, door = server
    stalls.takes = lambda number: STALL if number == 40 else 0.0
    open_loop = await at_rate(door, scripts(), rate=RATE, seconds=SECONDS)
    stalls.said.clear()
    closed_loop = await conversations(door, scripts(), citizens=1, count=30, seconds=30)

    # Who waits for each answer sends one message into the stall and sees it once: a percentile does not.
    assert sum(one > STALL * 1000 / 4 for one in closed_loop.milliseconds) < 5
    # At a fixed rate about three quarters of the stall's turns wait for more than a quarter of it.
    delayed = sum(one > STALL * 1000 / 4 for one in open_loop.milliseconds)
    assert delayed > 0.4 * RATE * STALL
    assert (percentile(open_loop.milliseconds, 0.9) or 0) > STALL * 1000 / 4
    assert open_loop.failed == 0 and len(open_loop.milliseconds) == len(arrivals(RATE, SECONDS, 1))


async def test_at_a_fixed_rate_each_conversation_says_one_script(server: tuple[Server, RestDoor]) -> None:
    stalls, door = server
    await at_rate(door, scripts(), rate=100, seconds=1)
    by_sender: dict[str, list[str]] = {}
    for sender, message in stalls.said:
        by_sender.setdefault(sender, []).append(message)
    assert len(by_sender) > 5
    for messages in by_sender.values():
        assert len({message.split()[0] for message in messages}) == 1 and len(messages) == len(set(messages)) <= 6


async def test_a_turn_that_is_not_answered_counts_as_the_longest_wait_at_a_fixed_rate(server: tuple[Server, RestDoor]) -> None:
    refuses, door = server
    refuses.takes = lambda number: -1.0 if number == 5 else 0.0
    turns = await at_rate(door, scripts(), rate=50, seconds=1)
    assert turns.failed == 1
    assert max(turns.milliseconds) >= LONGEST_TURN * 1000 and sorted(turns.milliseconds)[-2] < LONGEST_TURN * 1000


async def test_who_waits_for_answers_counts_failures_and_goes_on(server: tuple[Server, RestDoor]) -> None:
    refuses, door = server
    refuses.takes = lambda number: -1.0 if number % 3 == 0 else 0.0
    turns = await conversations(door, scripts(), citizens=2, count=5, seconds=30)
    assert (len(turns.milliseconds), turns.failed) == (20, 10)


async def test_a_shut_door_is_a_failure_not_the_end() -> None:
    door = RestDoor(f"http://127.0.0.1:{free_ports(1)[0]}")
    turns = await conversations(door, scripts(), citizens=1, count=1, seconds=5)
    assert (turns.milliseconds, turns.failed) == ([], 6)
    assert (await at_rate(door, scripts(), rate=20, seconds=0.5)).failed == len(arrivals(20, 0.5, 1))


async def test_a_long_conversation_ends_with_its_seconds(server: tuple[Server, RestDoor]) -> None:
    slow, door = server
    slow.takes = lambda number: 0.1
    turns = await long_conversation(door, ["hello"] * 100, seconds=0.45)
    assert 3 <= len(turns.milliseconds) <= 6
