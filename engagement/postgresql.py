"""How the log runs its functions on PostgreSQL: few connections that stay warm, and no question to the server that nobody needs."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

T = TypeVar("T")
AGAIN = 5  # how often PostgreSQL is asked again for what it gave up because two waited for each other
APART = 0.02  # seconds, twice as long each time, within which one of them asks again, so that they do not meet anew
CROSSED = {"40001", "40P01"}  # serialization_failure, deadlock_detected
READERS, WRITERS = 8, 8  # connections of a process; a new one costs the server more than most pages do, so that none is closed again
STATEMENTS = 300  # that a connection keeps prepared: more than all pages together have
UNSURE = 30.0  # seconds; a connection that was not used for so long may be gone without a word, behind a firewall for instance
# Compiling a query takes longer than any of ours runs: https://www.postgresql.org/docs/15/jit-decision.html
WRITING = {"jit": "off"}
# One statement asks for what is rare and for what is common, which want plans of their own:
# https://www.postgresql.org/docs/15/sql-prepare.html#SQL-PREPARE-NOTES. Those who click keep all cores busy, also without helpers.
READING = {**WRITING, "plan_cache_mode": "force_custom_plan", "max_parallel_workers_per_gather": "0"}


class Postgresql:
    """Reads and writes with a pool of connections for each, the one used last first: what it has prepared is still there.

    A read has no transaction around it: each statement sees what was committed before it, with or without one.
    https://www.postgresql.org/docs/15/transaction-iso.html#XACT-READ-COMMITTED
    """

    def __init__(self, url: str) -> None:
        self._engine = engine_of(url, WRITERS, WRITING)
        self._reading = engine_of(url, READERS, READING, isolation_level="AUTOCOMMIT")

    async def read(self, work: Callable[[Connection], T]) -> T:
        async with self._reading.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        for tries in range(AGAIN):
            try:
                return await self._once(work)
            except DBAPIError as error:
                if sqlstate(error) not in CROSSED:
                    raise
            await asyncio.sleep(random.uniform(0, APART * 2**tries))
        return await self._once(work)

    async def _once(self, work: Callable[[Connection], T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def checkpoint(self) -> None:
        """PostgreSQL's own vacuum does it."""

    async def close(self) -> None:
        for engine in (self._reading, self._engine):
            await engine.dispose()


def sqlstate(error: Exception) -> str:
    """PostgreSQL's code of what went wrong; empty on SQLite. While it connects, the driver's errors come as they are."""
    return str(getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None) or "")


def engine_of(url: str, most: int, settings: dict[str, str], **given: Any) -> AsyncEngine:
    """At most so many connections, which stay."""
    known = {"server_settings": settings, "prepared_statement_cache_size": STATEMENTS}
    engine = create_async_engine(url, pool_size=most, max_overflow=0, pool_use_lifo=True, connect_args=known, **given)
    _look_at_connections(engine.sync_engine)
    return engine


def _look_at_connections(engine: Engine) -> None:
    """Give out no connection that was closed. The driver knows of most; the server is asked only after a long pause."""

    @event.listens_for(engine, "checkin")
    def came_back(connection: Any, record: Any) -> None:
        record.info["back"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def goes_out(connection: Any, record: Any, proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if time.monotonic() - record.info.get("back", time.monotonic()) > UNSURE:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error:
                raise InvalidatePoolError from None
