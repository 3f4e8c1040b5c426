"""Who computes when many turns are under way."""

from __future__ import annotations

import asyncio
import socket

import pytest

from bot.turns import Turns


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Crowd:
    """Turns that go on when they are told to; `inside` are those that compute."""

    def __init__(self, at_once: int) -> None:
        self.turns, self.inside, self.most = Turns(at_once), [], 0
        self._go: dict[str, asyncio.Queue[str]] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def comes(self, *names: str) -> None:
        for name in names:
            self._go[name] = asyncio.Queue()
            self.tasks[name] = asyncio.create_task(self._turn(name))
            await settled()

    async def tell(self, name: str, what: str) -> None:
        self._go[name].put_nowait(what)
        await settled()

    async def calls_off(self, name: str) -> None:
        self.tasks[name].cancel()
        await settled()

    async def _turn(self, name: str) -> None:
        async with self.turns.one():
            self._in(name)
            try:
                while (what := await self._go[name].get()) != "ends":
                    assert what == "calls"
                    self.inside.remove(name)
                    async with self.turns.away():
                        assert await self._go[name].get() == "is answered"
                    self._in(name)
            finally:
                if name in self.inside:
                    self.inside.remove(name)

    def _in(self, name: str) -> None:
        self.inside.append(name)
        self.most = max(self.most, len(self.inside))


async def test_no_more_than_so_many_compute_and_the_first_come_are_the_first() -> None:
    crowd = Crowd(2)
    await crowd.comes("a", "b", "c", "d")
    assert crowd.inside == ["a", "b"]
    await crowd.tell("b", "ends")
    assert crowd.inside == ["a", "c"]
    await crowd.tell("a", "ends")
    assert crowd.inside == ["c", "d"] and crowd.most == 2


async def test_one_that_calls_an_action_makes_room_and_comes_back_before_those_that_are_new() -> None:
    crowd = Crowd(1)
    await crowd.comes("caller", "b", "c")
    await crowd.tell("caller", "calls")
    assert crowd.inside == ["b"]
    await crowd.tell("caller", "is answered")
    assert crowd.inside == ["b"]
    await crowd.tell("b", "ends")
    assert crowd.inside == ["caller"] and crowd.most == 1
    await crowd.tell("caller", "ends")
    assert crowd.inside == ["c"]


@pytest.mark.parametrize("when", ["waits", "computes", "calls", "comes back"])
async def test_a_turn_that_is_called_off_leaves_its_place_to_others(when: str) -> None:
    crowd = Crowd(1)
    await crowd.comes("first", "called off", "third")
    if when != "waits":
        await crowd.tell("first", "ends")
        if when != "computes":
            await crowd.tell("called off", "calls")
        if when == "comes back":
            await crowd.tell("called off", "is answered")
    await crowd.calls_off("called off")
    assert crowd.tasks["called off"].cancelled()
    for name in ("first", "third"):
        if not crowd.tasks[name].done():
            assert crowd.inside == [name]
            await crowd.tell(name, "ends")
    await crowd.comes("x", "y")
    assert crowd.inside == ["x"], "there is room for one, no more and no less"


async def test_let_in_and_called_off_at_the_same_moment_takes_no_room() -> None:
    crowd = Crowd(1)
    await crowd.comes("first", "second", "third")
    crowd._go["first"].put_nowait("ends")
    while not crowd.tasks["first"].done():
        await asyncio.sleep(0)
        if "first" not in crowd.inside:
            crowd.tasks["second"].cancel()
    await settled()
    assert crowd.inside == ["third"]


async def test_waiting_outside_of_a_turn_takes_no_room() -> None:
    turns = Turns(1)
    async with turns.away(), turns.one():
        pass
    async with asyncio.timeout(1), turns.one():
        pass


async def test_the_network_is_looked_at_between_two_turns() -> None:
    """Forty turns have come; who talks with another program five times to and fro meanwhile does not wait for all of them."""
    turns, loop = Turns(1), asyncio.get_running_loop()
    over: list[int] = []

    async def turn(number: int) -> None:
        async with turns.one():
            over.append(number)

    ours, theirs = socket.socketpair()
    ours.setblocking(False), theirs.setblocking(False)
    with ours, theirs:
        crowd = [asyncio.create_task(turn(number)) for number in range(40)]
        for _ in range(5):
            await loop.sock_sendall(ours, b"?")
            assert await loop.sock_recv(theirs, 1) == b"?"
            await loop.sock_sendall(theirs, b"!")
            assert await loop.sock_recv(ours, 1) == b"!"
        assert 0 < len(over) < 25
        await asyncio.gather(*crowd)
    assert over == list(range(40))
