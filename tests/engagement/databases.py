"""The database that the tests run on: SQLite, or with HEARBACK_TEST_DATABASE=postgresql a server that they start themselves.

Each data folder has a database of its own, a copy of one that was migrated once.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import pytest

from engagement.database import Database
from engagement.migrations import upgrade
from hearback.bench.postgres import NoPostgres, server

T = TypeVar("T")
KIND = os.environ.get("HEARBACK_TEST_DATABASE") or "sqlite"
MOST = 30  # databases on the server; the oldest that nobody is connected to goes first
about_sqlite = pytest.mark.skipif(KIND != "sqlite", reason="it is about SQLite's own files")

_opened = ExitStack()
atexit.register(_opened.close)
_names: dict[Path, str] = {}
_apart = ThreadPoolExecutor(1)


def now(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end, also where a loop runs already."""
    return _apart.submit(asyncio.run, work).result()


@functools.cache
def postgres() -> str:
    """The address of this run's server, without a database's name; skips the test where there is none."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends the tests ends the server with them
    try:
        return _opened.enter_context(server(durable=False))
    except NoPostgres as error:
        pytest.skip(str(error))


@functools.cache
def migrated() -> Path:
    """An empty SQLite file in the newest layout."""
    folder = Path(tempfile.mkdtemp(prefix="hearback-migrated-"))
    _opened.callback(shutil.rmtree, folder, ignore_errors=True)
    now(_migrate(f"sqlite+aiosqlite:///{folder / 'hearback.db'}"))
    return folder / "hearback.db"


def url_of(home: Path, kind: str = KIND) -> str:
    """The address of the data folder's database, which is in the newest layout."""
    home.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        if not (home / "hearback.db").exists():
            shutil.copy(migrated(), home / "hearback.db")
        return f"sqlite+aiosqlite:///{home / 'hearback.db'}"
    address = postgres()
    if home not in _names:
        _names[home] = copied(_template())
    return f"{address}/{_names[home]}"


def environ_of(home: Path) -> dict[str, str]:
    """The settings by which a process finds the data folder and its database."""
    return {"HEARBACK_HOME": str(home), "HEARBACK_DATABASE_URL": url_of(home)}


def database_of(home: Path) -> Database:
    return Database(url_of(home))


def empty_of(home: Path, kind: str = KIND) -> str:
    """The address of a database for this folder that has no tables yet."""
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{home / 'hearback.db'}"
    address = postgres()
    _names[home] = copied("template0")
    return f"{address}/{_names[home]}"


def rows(home: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What a statement gives, with SQLite's marks for values, its texts of moments, and on PostgreSQL too."""
    if KIND == "sqlite":
        with closing(sqlite3.connect(home / "hearback.db", timeout=10)) as connection, connection:
            return connection.execute(query, values).fetchall()
    before, *after = query.split("?")
    marked = before + "".join(f"${number}{part}" for number, part in enumerate(after, 1))
    return [tuple(_as_sqlite(value) for value in row) for row in now(_fetch(_names[home], marked, *values))]


def stored(home: Path) -> bytes:
    """All that can be found in the database: SQLite's files as they are, or every row of PostgreSQL's tables."""
    if KIND == "sqlite":
        return b"".join(path.read_bytes() for path in home.glob("hearback.db*"))
    tables = now(_fetch(_names[home], "select relname from pg_stat_user_tables order by relname"))
    found = (now(_fetch(_names[home], f'select one::text from "{name}" one')) for (name,) in tables)
    return "\n".join(text for rows in found for (text,) in rows).encode()


def take_away(home: Path) -> None:
    """From now on the log can neither be read nor written."""
    if KIND == "sqlite":
        rows(home, "ALTER TABLE conversations RENAME TO away")
        return
    name = _names[home]
    now(_fetch("postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
    now(_fetch("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name))


@functools.cache
def _template() -> str:
    now(_fetch("postgres", "CREATE DATABASE migrated"))
    now(_migrate(f"{postgres()}/migrated"))
    return "migrated"


def copied(template: str) -> str:
    """The name of a new database on the server."""
    for home, name in list(_names.items())[: -MOST or None]:
        with suppress(asyncpg.ObjectInUseError):
            now(_fetch("postgres", f"DROP DATABASE IF EXISTS {name}"))
            del _names[home]
    name = f"t{uuid4().hex}"
    now(_fetch("postgres", f"CREATE DATABASE {name} TEMPLATE {template}"))
    return name


async def _migrate(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await database.close()


async def _fetch(name: str, query: str, *values: object) -> list[Any]:
    connection = await asyncpg.connect(f"{postgres().replace('+asyncpg', '')}/{name}")
    try:
        return list(await connection.fetch(query, *values))
    finally:
        await connection.close()


def _as_sqlite(value: Any) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
