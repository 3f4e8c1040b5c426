"""A real engagement log in a fresh database, with a clock that a test can move."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import database_of

from engagement.database import Database
from engagement.log import EngagementLog
from hearback.clock import Clock
from hearback.keys import load_keys


@dataclass
class MovableTime:
    at: datetime = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def time() -> MovableTime:
    return MovableTime()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = database_of(tmp_path)
    yield database
    await database.close()


@pytest.fixture
def log(database: Database, time: MovableTime, tmp_path: Path) -> EngagementLog:
    return EngagementLog(database, Clock(read=lambda: time.at.timestamp()), load_keys(tmp_path), email=True)
