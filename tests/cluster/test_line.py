"""The line between processes on one PostgreSQL: news reaches everybody, a name has one holder, and a lost line gives everything up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from proxy import Proxy
from stack import until

from channels.neighbours import one_at_a_time
from engagement.line import Line, is_done, packed


@contextlib.asynccontextmanager
async def line(server: str) -> AsyncIterator[Line]:
    made = Line(f"{server}/postgres")
    task = asyncio.create_task(made.run())
    try:
        await asyncio.wait_for(made.there.wait(), 10)
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_news_reaches_the_others_and_not_who_told_it(postgres_server: str) -> None:
    heard: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    async with line(postgres_server) as a, line(postgres_server) as b, line(postgres_server) as c:
        for name, one in zip("abc", (a, b, c), strict=True):
            one.heard = heard[name].append
        for number in range(500):
            a.tell(f"rung:{number:032x}")
        await until(lambda: len(heard["b"]) == len(heard["c"]) == 500, 10, "the news")
        assert heard["b"] == heard["c"] == [f"rung:{number:032x}" for number in range(500)] and heard["a"] == []


async def test_a_name_has_one_holder_and_is_free_when_the_line_ends(postgres_server: str) -> None:
    async with line(postgres_server) as other:
        async with line(postgres_server) as first:
            assert await first.hold("name") and not await other.hold("name") and await other.hold("another")
            await first.let_go("name")
            assert await other.hold("name")
            await other.let_go("name")
            assert await first.hold("name")
        await until(lambda: other.hold("name"), 5, "the name to be free")


async def test_who_is_cut_off_gives_up_before_another_gets_the_name(postgres_server: str) -> None:
    address = urlsplit(postgres_server)
    assert address.port
    async with Proxy(address.port) as proxy, line(postgres_server) as other:
        far = postgres_server.replace(f":{address.port}", f":{proxy.port}")
        async with line(far) as cut:
            lost = asyncio.Event()
            cut.lost = lost.set
            assert await cut.hold("name")
            proxy.cut()
            while not await other.hold("name"):
                await asyncio.sleep(0.2)
            assert lost.is_set(), "for a moment two processes held the same name"
            proxy.mend()
            await asyncio.wait_for(cut.there.wait(), 15)
            assert not await cut.hold("name")


async def test_a_task_goes_on_elsewhere_when_its_process_is_gone(postgres_server: str) -> None:
    ran: list[str] = []

    async def work(name: str) -> None:
        ran.append(name)
        await asyncio.Event().wait()

    async with line(postgres_server) as second:
        async with line(postgres_server) as first:
            tasks = [asyncio.create_task(one_at_a_time(first, "work", lambda: work("first")))]
            await until(lambda: ran == ["first"], 5, "the first to work")
            tasks.append(asyncio.create_task(one_at_a_time(second, "work", lambda: work("second"))))
            await asyncio.sleep(0.5)
            assert ran == ["first"] and await is_done(f"{postgres_server}/postgres", "work")
        await until(lambda: ran == ["first", "second"], 10, "the second to take over")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await until(lambda: nobody_does(postgres_server), 5, "nobody to do it")


async def nobody_does(server: str) -> bool:
    return not await is_done(f"{server}/postgres", "work")


def test_pieces_of_news_go_together_and_none_is_too_long_for_a_notification() -> None:
    news = [f"wake:{number:032x}" for number in range(1000)]
    together = list(packed(news))
    assert "\n".join(together).splitlines() == news and len(together) < 10 and max(map(len, together)) < 8000
