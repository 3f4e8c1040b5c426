"""The log on a disk that fills up: what was told to be written is written, whatever else shared the commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from engagement.database import Database, LogUnavailable

LARGE = 400_000  # characters: more pages than the disk has


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A table of notes in a file that may grow by a few pages yet."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'log.db'}")
    await database.write(lambda connection: connection.execute(text("CREATE TABLE notes (words TEXT)")))
    # The file's own limit stands for the disk's: the error is SQLite's for both. https://www.sqlite.org/rescode.html#full
    await database.write(lambda connection: connection.execute(text("PRAGMA max_page_count = 20")))
    yield database
    await database.close()


def note(words: str) -> Callable[[Connection], str]:
    def write(connection: Connection) -> str:
        connection.execute(text("INSERT INTO notes VALUES (:words)"), {"words": words})
        return words[:9]

    return write


async def notes(database: Database) -> list[str]:
    return await database.read(lambda connection: list(connection.execute(text("SELECT words FROM notes ORDER BY rowid")).scalars()))


async def test_what_shares_a_commit_with_what_finds_no_room_is_written_or_refused(database: Database) -> None:
    """SQLite takes back the whole transaction there: nobody whose words went with it may hear that they are kept."""
    told = await asyncio.gather(*(database.write(note(words)) for words in ("first", "x" * LARGE, "third")), return_exceptions=True)
    assert isinstance(told[1], LogUnavailable)
    assert await notes(database) == [one for one in told if isinstance(one, str)]
    await database.write(note("later"))
    assert (await notes(database))[-1] == "later"
