"""The engagement log of several processes on one PostgreSQL."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from databases import url_of
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from engagement.database import Database
from engagement.log import EngagementLog
from hearback.clock import Clock
from hearback.keys import load_keys


@dataclass
class Shared:
    """Two processes' logs; `hold` keeps rows from both of them, as a third process in the middle of something does."""

    url: str
    one: EngagementLog
    other: EngagementLog
    database: Database

    @contextlib.asynccontextmanager
    async def hold(self, query: str, **values: Any) -> AsyncIterator[None]:
        engine = create_async_engine(self.url)
        async with engine.begin() as connection:
            await connection.execute(text(query), values)
            yield
        await engine.dispose()


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[Shared]:
    url, keys = url_of(tmp_path, "postgresql"), load_keys(tmp_path)
    first, second = Database(url), Database(url)
    yield Shared(url, EngagementLog(first, Clock(), keys), EngagementLog(second, Clock(), keys), first)
    await first.close()
    await second.close()
