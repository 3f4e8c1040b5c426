"""The database's history. `upgrade` brings a database to the newest table layout; it is safe to run at every start."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from engagement.database import Database

UPGRADING = 4_702_311  # any number that no other lock of ours has
LOCK_TIMEOUT, PAUSE, TRIES = "3s", 2.0, 30
LOCK_NOT_AVAILABLE = "55P03"  # https://www.postgresql.org/docs/15/errcodes-appendix.html


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def newest() -> str:
    """The revision that this version of Hearback works with."""
    return str(ScriptDirectory.from_config(configuration()).get_current_head())


async def upgrade(database: Database) -> None:
    """On PostgreSQL it waits for others' locks a few seconds at a time: while it waits, everybody who comes after it waits too."""

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":  # several machines may start at once
            connection.execute(select(func.pg_advisory_xact_lock(UPGRADING)))
        config = configuration()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    for number in range(1, TRIES + 1):
        try:
            return await database.write(run)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE or number == TRIES:
                raise
        await asyncio.sleep(PAUSE)
