"""The line between processes that share a PostgreSQL: news to all of them, and names of which one process at a time is the holder.

News goes by LISTEN/NOTIFY and names no words of citizens. A held name is an advisory lock of the line's own session: when the process
dies it is free at once, and when the network does, as soon as the server has missed a few heartbeats. Whoever lost the line gives up what
it held before anybody else can get it. Nothing may rely on the line alone: what matters stands in the tables, under their own guards.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import Any

import asyncpg
from sqlalchemy import make_url

logger = logging.getLogger("engagement.line")
CHANNEL = "hearback"
BEAT, ANSWERED_WITHIN = 1.5, 4.0  # real seconds between two heartbeats, and until one that is not answered means that the line is lost
FORGOTTEN_AFTER = "10s"  # the server ends a session that is silent for so long; more than BEAT and ANSWERED_WITHIN together
AGAIN = 0.5
LONGEST = 7000  # bytes of one notification; PostgreSQL takes 8000
MOST_UNSAID = 10_000
TASK = "task:{}"  # the name that whoever does a task for all processes holds
AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Line:
    """`url` as for `Database`. `heard` gets each piece of news of others; `found` is called whenever the line is there (again), for then
    anything may have been missed; `lost` when it broke."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        _, options = address.get_dialect()().create_connect_args(address)
        self._options = {name: value for name, value in options.items() if name in {"host", "port", "user", "password", "database", "ssl"}}
        self._connection: Any = None
        self._turn = asyncio.Lock()  # a connection does one thing at a time
        self._unsaid: dict[str, None] = {}
        self._to_say = asyncio.Event()
        self._broken = asyncio.Event()
        self.there = asyncio.Event()
        self.heard: Callable[[str], None] = lambda news: None
        self.found: Callable[[], None] = lambda: None
        self.lost: Callable[[], None] = lambda: None

    async def run(self) -> None:
        """Keep the line until cancelled."""
        while True:
            try:
                await self._connect()
                self.found()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._beat())
                    group.create_task(self._speak())
            except* Exception as errors:
                logger.info("there is no line to the other processes: %s", type(errors.exceptions[0]).__name__)
            finally:
                self._let_go_of_all()
            await asyncio.sleep(AGAIN)

    def tell(self, news: str) -> None:
        """Have the other processes hear this soon; the same news that was not sent yet goes once."""
        if len(self._unsaid) < MOST_UNSAID:
            self._unsaid.pop(news, None)
            self._unsaid[news] = None
            self._to_say.set()

    async def hold(self, name: str) -> bool:
        """Become the holder of a name; False where another process is, or the line is lost. Each `hold` needs a `let_go`."""
        return bool(await self._ask("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", name))

    async def let_go(self, name: str) -> None:
        await self._ask("SELECT pg_advisory_unlock(hashtextextended($1, 0))", name)

    def breaking(self) -> asyncio.Event:
        """Set when the line breaks over which names are held now."""
        return self._broken

    async def _connect(self) -> None:
        async with asyncio.timeout(ANSWERED_WITHIN):
            connection = await asyncpg.connect(**self._options, server_settings={"application_name": "hearback line"})
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                await connection.execute(f"SET idle_session_timeout = '{FORGOTTEN_AFTER}'")
                await connection.add_listener(CHANNEL, self._hear)
        except BaseException:
            connection.terminate()
            raise
        self._connection, self._broken = connection, asyncio.Event()
        self._to_say.set()  # what was not said before
        self.there.set()

    def _hear(self, connection: Any, pid: int, channel: str, payload: object) -> None:
        if pid != connection.get_server_pid():
            for news in str(payload).splitlines():
                self.heard(news)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await self._do("SELECT 1")

    async def _speak(self) -> None:
        while True:
            await self._to_say.wait()
            self._to_say.clear()
            said, self._unsaid = self._unsaid, {}
            try:
                if said:
                    await self._do("SELECT count(pg_notify($1, news)) FROM unnest($2::text[]) AS news", CHANNEL, list(packed(said)))
            except BaseException:
                self._unsaid = {**said, **self._unsaid}
                raise

    async def _ask(self, query: str, *values: object) -> Any:
        asked = self._connection
        try:
            return await self._do(query, *values)
        except AWAY:
            if asked is not None:
                asked.terminate()  # nobody knows whether the name is held now; without the line it is not
            return None

    async def _do(self, query: str, *values: object) -> Any:
        async with asyncio.timeout(ANSWERED_WITHIN), self._turn:
            if self._connection is None:
                raise ConnectionError("there is no line")
            return await self._connection.fetchval(query, *values)

    def _let_go_of_all(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.terminate()
            self._connection = None
            self.there.clear()
            self._broken.set()
            self.lost()


async def is_done(url: str, task: str) -> bool:
    """Whether some process does this task for all now."""
    line = Line(url)
    running = asyncio.create_task(line.run())
    try:
        async with asyncio.timeout(ANSWERED_WITHIN):
            await line.there.wait()
        return not await line.hold(TASK.format(task))
    except TimeoutError:
        return False
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def packed(news: Iterable[str]) -> Iterable[str]:
    """Pieces of news together, as many as a notification bears."""
    together = ""
    for one in news:
        if together and len(together) + len(one) + 1 > LONGEST:
            yield together
            together = ""
        together = f"{together}\n{one}" if together else one
    if together:
        yield together
