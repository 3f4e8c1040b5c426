"""PostgreSQL and Redis of the tests' own; where this machine has none, these tests are skipped with the reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hearback.bench import postgres, redis


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    try:
        with postgres.server() as address:
            yield address
    except postgres.NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    try:
        with redis.server() as address:
            yield address
    except redis.NoRedis as reason:
        pytest.skip(str(reason))
