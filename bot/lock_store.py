"""Rasa's locks for several Rasas: one turn of a conversation at a time, in whichever of them it runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncGenerator
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hearback.settings import Settings

logger = logging.getLogger("bot.lock_store")
LIVES = 6.0  # seconds that a lock outlives a Rasa that died
RENEWED_EVERY = 2.0
LOOK_FIRST, LOOK_LAST = 0.01, 0.2  # seconds between two tries, at first and after a while
WITHIN = 1.0  # seconds for an answer of Redis
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
AWAY = (RedisError, OSError, TimeoutError)


class SharedLockStore(InMemoryLockStore):
    """A lock of this process, and within it one in Redis. While Redis is away turns go on with the first: workers keep them apart too."""

    def __init__(self, endpoint_config: Any = None, *, url: str = "") -> None:
        super().__init__()
        self._redis = Redis.from_url(url or Settings.from_environ().redis, socket_timeout=WITHIN, socket_connect_timeout=WITHIN)

    @contextlib.asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation; raises LockError when somebody else holds it for longer than a lock may live."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as ours:
            name, mine = f"hearback:turn:{conversation_id}", secrets.token_hex(8)
            taken = await self._take(name, mine, lock_lifetime)
            renewing = asyncio.create_task(self._renew(name, mine)) if taken else None
            try:
                yield ours
            finally:
                if renewing:
                    renewing.cancel()
                    with contextlib.suppress(*AWAY):
                        await self._redis.eval(RELEASE, 1, name, mine)

    async def _take(self, name: str, mine: str, within: float) -> bool:
        pause, waited = LOOK_FIRST, 0.0
        try:
            while not await self._redis.set(name, mine, nx=True, px=int(LIVES * 1000)):
                if waited >= within:
                    raise LockError("another Rasa holds the conversation")
                await asyncio.sleep(pause)
                waited, pause = waited + pause, min(pause * 1.5, LOOK_LAST)
        except AWAY as error:
            logger.warning("turns are locked by each Rasa for itself: Redis does not answer (%s)", type(error).__name__)
            return False
        return True

    async def _renew(self, name: str, mine: str) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY)
            with contextlib.suppress(*AWAY):
                await self._redis.eval(RENEW, 1, name, mine, int(LIVES * 1000))
