"""Old and new versions work on one database while one takes the place of the other: layouts only grow (docs/operations.md, Upgrading)."""

from __future__ import annotations

import ast
import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, inspect, select

from engagement import migrations
from engagement.database import Database
from engagement.migrations import configuration, newest, upgrade
from hearback.bench.postgres import NoPostgres, server

BEFORE = "0018"  # the layout of the release before this rule; every later one keeps it
VERSIONS = Path(migrations.__file__).parent / "versions"
LATER = sorted(path for path in VERSIONS.glob("[0-9]*.py") if path.name[:4] > BEFORE)
GROWS = {"create_table", "create_index", "add_column", "get_bind", "execute", "bulk_insert"}


def calls_of(function: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]


def shrinking(tree: ast.Module) -> list[str]:
    """What `upgrade` does that a version from before could not live with."""
    found = []
    downgrade = {id(node) for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "downgrade" for node in ast.walk(one)}
    for call in calls_of(tree):
        if id(call) in downgrade or not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
            continue
        if call.func.value.id in {"op", "batch"} and call.func.attr not in GROWS:
            found.append(call.func.attr)
        if call.func.attr == "add_column":
            column = next(one for one in calls_of(call) if isinstance(one.func, ast.Attribute) and one.func.attr == "Column")
            given = {word.arg: word.value for word in column.keywords}
            required = isinstance(given.get("nullable"), ast.Constant) and given["nullable"].value is False  # type: ignore[union-attr]
            if required and "server_default" not in given:
                found.append("add_column that must be filled")
        if call.func.attr == "execute" and any(
            isinstance(one, ast.Constant) and str(one.value).upper().startswith(("DROP", "ALTER")) for one in ast.walk(call)
        ):
            found.append("DROP or ALTER")
    return found


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_a_migration_only_adds(path: Path) -> None:
    assert shrinking(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ('op.drop_column("messages", "text")', "drop_column"),
        ('op.alter_column("messages", "text", new_column_name="words")', "alter_column"),
        ('op.add_column("messages", sa.Column("x", sa.Integer(), nullable=False))', "add_column that must be filled"),
        ('op.execute("DROP TABLE messages")', "DROP or ALTER"),
    ],
)
def test_the_rule_finds_what_breaks_it(words: str, found: str) -> None:
    assert shrinking(ast.parse(f"def upgrade():\n    {words}\n")) == [found]


def to(revision: str, database: Database) -> Any:
    def run(connection: Connection) -> None:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    return database.write(run)


async def test_what_the_release_before_writes_and_reads_works_on_the_new_layout(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'hearback.db'}")
    await to(BEFORE, database)

    def reflected(connection: Connection) -> MetaData:
        old = MetaData()
        old.reflect(connection)
        return old

    old = await database.read(reflected)
    await upgrade(database)

    def old_statements(connection: Connection) -> None:
        for table in old.sorted_tables:
            connection.execute(select(*table.c).limit(1)).all()
            new = {one["name"]: one for one in inspect(connection).get_columns(table.name)}
            for name in set(new) - set(table.c.keys()):
                assert new[name]["nullable"] or new[name]["default"] is not None, f"{table.name}.{name}"
        told = {"id": "c", "channel": "web", "state": "open", "created_at": "2026-01-01", "updated_at": "2026-01-01"}
        columns = ", ".join(told)
        connection.exec_driver_sql(f"INSERT INTO conversations ({columns}) VALUES ({', '.join(':' + name for name in told)})", told)
        line = {
            "conversation_id": "c", "channel": "web", "author": "citizen", "text": "hello", "state": "received",
            "attempts": 0, "created_at": "2026-01-01", "state_at": "2026-01-01",
        }  # fmt: skip
        connection.exec_driver_sql(f"INSERT INTO messages ({', '.join(line)}) VALUES ({', '.join(':' + name for name in line)})", line)

    await database.write(old_statements)
    await database.close()


async def test_on_postgresql_a_migration_that_waits_lets_others_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "200ms")
    monkeypatch.setattr(migrations, "PAUSE", 0.3)
    try:
        with server() as address:
            database = Database(f"{address}/postgres")
            await to(BEFORE, database)
            holding, done = asyncio.Event(), asyncio.Event()
            engine = database._backend._engine  # type: ignore[union-attr]

            async def hold() -> None:
                async with engine.begin() as connection:  # type: ignore[union-attr]
                    await connection.exec_driver_sql("LOCK TABLE messages IN ACCESS SHARE MODE")
                    holding.set()
                    await done.wait()

            holder = asyncio.create_task(hold())
            await holding.wait()
            upgrading = asyncio.create_task(upgrade(database))
            waits = []
            for _ in range(10):
                began = time.monotonic()
                await database.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM messages").all())
                waits.append(time.monotonic() - began)
                await asyncio.sleep(0.1)
            assert not upgrading.done() and max(waits) < 1.0, waits
            done.set()
            await asyncio.gather(holder, upgrading)
            version = await database.read(
                lambda connection: connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
            )
            assert version == newest()
            await database.close()
    except NoPostgres as error:
        pytest.skip(str(error))
