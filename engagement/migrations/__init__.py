"""The database's history. `upgrade` brings a database to the newest table layout; it is safe to run at every start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from engagement.database import Database

UPGRADING = 4_702_311  # any number that no other lock of ours has


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def newest() -> str:
    """The revision that this version of Hearback works with."""
    return str(ScriptDirectory.from_config(configuration()).get_current_head())


async def upgrade(database: Database) -> None:
    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":  # several machines may start at once
            connection.execute(select(func.pg_advisory_xact_lock(UPGRADING)))
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    await database.write(run)
