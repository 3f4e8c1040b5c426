"""A PostgreSQL that refuses or ends a connection: the caller is told that the log is away, and nothing of what was asked."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from engagement.database import Database, LogUnavailable


async def test_a_connection_that_is_ended_in_the_middle_is_a_log_that_is_away(shared):  # type: ignore[no-untyped-def]
    def long(connection: Connection) -> None:
        connection.execute(text("SELECT pg_sleep(20)"))

    waiting = asyncio.create_task(shared.database.read(long))
    await asyncio.sleep(0.5)
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()"
    async with shared.hold(ended):
        with pytest.raises(LogUnavailable):
            await waiting
    await shared.one.ping()


async def test_a_server_that_has_no_connection_left_is_a_log_that_is_away(shared):  # type: ignore[no-untyped-def]
    async with shared.hold("CREATE ROLE few LOGIN CONNECTION LIMIT 0"):
        pass
    database = Database(shared.url.replace("hearback@", "few@"))
    with pytest.raises(LogUnavailable):
        await database.read(lambda connection: connection.execute(text("SELECT 1")))
    await database.close()


async def test_a_database_that_lets_nobody_in_for_a_while_is_a_log_that_is_away(shared):  # type: ignore[no-untyped-def]
    server, _, name = shared.url.rpartition("/")
    async with replace(shared, url=f"{server}/postgres").hold(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"):
        pass
    with pytest.raises(LogUnavailable):
        await shared.database.read(lambda connection: connection.execute(text("SELECT 1")))
