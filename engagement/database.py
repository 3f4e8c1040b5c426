"""The one connection to the database: SQLite in WAL mode or PostgreSQL.

The log's verbs are plain functions on a `Connection`; `@reads` and `@writes` make them awaitable. On SQLite one thread writes and
commits what has queued up together, so that a durable commit is paid for once by all who wait; on PostgreSQL each has its own.
"""

from __future__ import annotations

import asyncio
import functools
import queue
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from asyncpg import PostgresError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engagement.postgresql import Postgresql, sqlstate
from hearback import metrics

P = ParamSpec("P")
T = TypeVar("T")
TOGETHER = 64  # the most verbs that share a commit
# https://www.postgresql.org/docs/15/errcodes-appendix.html
# No connection, given up after all, no resources, closed for a while, stopped by an operator or the system, read only as a standby is.
AWAY = ("08", "40", "53", "55000", "57", "58", "25006")


class LogUnavailable(Exception):
    """The engagement log cannot be written or read now: the caller answers 503 and the other side tries again."""


class Database:
    """Runs functions on a connection, each in a transaction. `sqlite+aiosqlite:///PATH` or `postgresql+asyncpg://…`."""

    def __init__(self, url: str) -> None:
        self._backend: _Sqlite | Postgresql = _Sqlite(url) if url.startswith("sqlite") else Postgresql(url)
        self.asked: Counter[str] = Counter()  # how often each verb was used, for measurements
        self.insert: Any = sqlite_insert if url.startswith("sqlite") else postgresql_insert

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Commit what `work` did, or nothing of it."""
        began = time.monotonic()
        done = await self._checked(self._backend.write(work))
        metrics.COMMIT.observe(time.monotonic() - began)
        return done

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._checked(self._backend.read(work))

    async def checkpoint(self) -> None:
        """Leave nothing in a journal of what was overwritten; where other readers hold it, the next time does."""
        await self._checked(self._backend.checkpoint())

    async def close(self) -> None:
        await self._backend.close()

    async def _checked(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except (DBAPIError, PoolTimeout, PostgresError, OSError) as error:
            if isinstance(error, DBAPIError | PostgresError) and not _passing(error):
                raise
            # The driver's own text repeats the statement's values, citizens' words among them.
            raise LogUnavailable(type(error).__name__) from None


def _passing(error: DBAPIError | PostgresError) -> bool:
    if sqlstate(error).startswith(AWAY):
        return True
    usual = type(error).__name__ in {"OperationalError", "InterfaceError", "InternalError"}
    return isinstance(error, DBAPIError) and (usual or error.connection_invalidated)


class _Sqlite:
    def __init__(self, url: str) -> None:
        path = Path(url.split(":///", 1)[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = _sqlite_engine(path)
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="log-read")  # a long count holds up no page
        self._queue: queue.SimpleQueue[tuple[Callable[[Connection], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="log-write", daemon=True)
        self._writer.start()

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        done: Future[T] = Future()
        self._queue.put((work, done))
        # A caller that goes away does not take back what is already being written.
        return await asyncio.shield(asyncio.wrap_future(done))

    async def checkpoint(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._readers, self._checkpoint)

    def _checkpoint(self) -> None:
        with self._engine.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    async def close(self) -> None:
        self._queue.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self._engine.dispose()

    def _read(self, work: Callable[[Connection], Any]) -> Any:
        with self._engine.connect() as connection, connection.begin():
            return work(connection)

    def _write_all(self) -> None:
        open_ = True
        while open_:
            batch = [self._queue.get()]
            while len(batch) < TOGETHER and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            open_ = None not in batch
            works = [item for item in batch if item is not None]
            if works:
                self._write_together(works)

    def _write_together(self, works: list[tuple[Callable[[Connection], Any], Future[Any]]]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.connect().execution_options(hearback_write=True) as connection, connection.begin():
                for work, done in works:
                    try:
                        with connection.begin_nested():
                            outcomes.append((done, work(connection), None))
                    except Exception as error:
                        if not connection.connection.in_transaction:
                            raise  # a full or failing disk: SQLite took back what came before, too. https://www.sqlite.org/lang_transaction.html
                        outcomes.append((done, None, error))
        except Exception as error:
            outcomes = [(done, None, error) for _, done in works]
        for done, result, failure in outcomes:
            if failure is not None:
                done.set_exception(failure)
            else:
                done.set_result(result)


class _SqliteCompiler(SQLiteCompiler):
    """Takes `with_hint(table, "INDEXED BY …", "sqlite")` at its word, as SQLAlchemy does for other databases."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 5, "check_same_thread": False}, pool_size=6)
    engine.dialect.statement_compiler = _SqliteCompiler

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        # The driver's own transactions begin at the first write only; ours begin where the function begins.
        connection.isolation_level = None
        # secure_delete: what was erased must not stay readable in free pages. https://www.sqlite.org/pragma.html#pragma_secure_delete
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("hearback_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


class HasDatabase(Protocol):
    @property
    def _database(self) -> Database: ...


S = TypeVar("S", bound=HasDatabase)


def reads(method: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Make a method on a connection awaitable, in a transaction for reading."""

    async def run(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
        self._database.asked[method.__name__] += 1
        return await self._database.read(lambda connection: method(self, connection, *args, **kwargs))

    return functools.update_wrapper(run, method)  # type: ignore[return-value]


def writes(method: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Make a method on a connection awaitable, in a transaction that is committed at its end."""

    async def run(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
        self._database.asked[method.__name__] += 1
        return await self._database.write(lambda connection: method(self, connection, *args, **kwargs))

    return functools.update_wrapper(run, method)  # type: ignore[return-value]
