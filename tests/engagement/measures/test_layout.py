"""The layout that the migrations make is the one that the code works with, on both databases."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from engagement import glance
from engagement.database import Database
from engagement.tables import metadata


async def test_migrations_make_the_tables_that_the_code_has(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection, opts={"include_object": glance.in_metadata}), metadata)

    assert await database.read(differences) == []
