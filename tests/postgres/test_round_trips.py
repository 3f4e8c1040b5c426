"""What the server is asked beside the verbs' own statements: each question and its answer is time that a page waits."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.pool import Pool

OTHERS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@contextlib.contextmanager
def asked() -> Iterator[list[str]]:
    """What connections that are made from now on are asked of themselves: transactions' beginnings and ends, whether they are there."""
    seen: list[str] = []

    def watch(connection: Any, record: Any) -> None:
        connection.driver_connection.add_query_logger(lambda one: seen.append(one.query))

    event.listen(Pool, "connect", watch)
    try:
        yield seen
    finally:
        event.remove(Pool, "connect", watch)


def look(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
    connection.execute(text("SELECT 2"))


async def beside(verb: Callable[[Callable[[Connection], None]], Awaitable[None]]) -> list[str]:
    """What a connection that was used before is asked beside what the verb wants."""
    with asked() as seen:
        await verb(look)
        await asyncio.sleep(0)  # the driver tells of a statement when the loop comes round
        seen.clear()
        await verb(look)
        await asyncio.sleep(0)
    return seen


async def test_a_read_asks_the_server_nothing_but_what_it_wants_to_know(shared):  # type: ignore[no-untyped-def]
    assert await beside(shared.database.read) == []


async def test_a_write_asks_for_a_transaction_and_its_end(shared):  # type: ignore[no-untyped-def]
    began, ended = await beside(shared.database.write)
    assert began.startswith("BEGIN") and ended == "COMMIT;"


async def test_what_was_written_by_halves_is_taken_back_after_a_read_on_the_same_connection(shared):  # type: ignore[no-untyped-def]
    def half(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE halves (one integer)"))
        raise ZeroDivisionError

    await shared.database.read(look)
    with contextlib.suppress(ZeroDivisionError):
        await shared.database.write(half)
    there = await shared.database.read(lambda connection: connection.execute(text("SELECT to_regclass('halves')")).scalar_one())
    assert there is None


async def test_one_after_the_other_asks_on_one_connection_which_knows_the_questions(shared):  # type: ignore[no-untyped-def]
    def who(connection: Connection) -> int:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())

    await asyncio.gather(*(shared.database.read(look) for _ in range(4)))
    assert len({await shared.database.read(who) for _ in range(6)}) == 1


async def test_connections_that_the_server_ended_are_given_to_nobody(shared):  # type: ignore[no-untyped-def]
    await asyncio.gather(*(shared.one.ping() for _ in range(4)))
    async with shared.hold(OTHERS):
        await shared.one.ping()


async def test_a_connection_that_nobody_used_for_long_is_asked_whether_it_is_there(shared):  # type: ignore[no-untyped-def]
    def long_ago(connection: Any, record: Any, proxy: Any) -> None:
        if "back" in record.info:
            record.info["back"] = float("-inf")

    event.listen(Pool, "checkout", long_ago)
    try:
        assert ";" in await beside(shared.database.read)
    finally:
        event.remove(Pool, "checkout", long_ago)
