"""Uses up what `channels/limits.py` allows: counted in Redis for all doors together, or in this process where there is none."""

from __future__ import annotations

import hashlib
import logging
import time

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from channels.limits import ROUNDING, Limit, Limits, TooMuch

logger = logging.getLogger("channels.allowances")
WITHIN = 0.3  # seconds that a citizen may have to wait for Redis
REST = 5.0  # seconds in which Redis is not asked after it did not answer
# The same as Limits.take, in one step for all doors and by Redis's own clock. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
SCRIPT = """
local each, most, rounding = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local moment = redis.call('TIME')
local now = tonumber(moment[1]) + tonumber(moment[2]) / 1000000
local used = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + each
if used > now + most + rounding then
  return tostring(used - now - most)
end
redis.call('SET', KEYS[1], string.format('%.6f', used), 'PX', math.ceil((used - now) * 1000) + 1000)
return '0'
"""
SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


class Allowances:
    """`url` is HEARBACK_REDIS_URL. While Redis is away each process counts for itself: nobody is refused because of it."""

    def __init__(self, url: str = "") -> None:
        self._counted = Limits()
        self._redis = Redis.from_url(url, socket_timeout=WITHIN, socket_connect_timeout=WITHIN) if url else None
        self._rests_until = 0.0

    async def take(self, limit: Limit, key: str | None) -> float:
        """Use one of an allowance; 0 where there was one, else the seconds until there is. A key of None has no limit."""
        if self._redis is None or key is None or time.monotonic() < self._rests_until:
            return self._counted.take(limit, key)
        try:
            return await self._shared(self._redis, limit, key)
        except (RedisError, OSError, TimeoutError) as error:
            self._rests_until = time.monotonic() + REST
            logger.warning("limits are counted by each process for itself: Redis does not answer (%s)", type(error).__name__)
            return self._counted.take(limit, key)

    async def check(self, limit: Limit, key: str | None) -> None:
        """Use one of an allowance, or raise TooMuch."""
        if wait := await self.take(limit, key):
            raise TooMuch(wait)

    async def _shared(self, redis: Redis, limit: Limit, key: str) -> float:
        name = "hearback:limit:" + hashlib.sha256(f"{limit.name}\n{key}".encode()).hexdigest()[:32]  # an address is nobody's to read
        values = (limit.seconds / limit.count, limit.seconds, ROUNDING)
        try:
            return float(await redis.evalsha(SHA, 1, name, *map(str, values)))
        except NoScriptError:
            return float(await redis.eval(SCRIPT, 1, name, *map(str, values)))

    async def close(self) -> None:
        if self._redis:
            await self._redis.close()
