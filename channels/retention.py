"""Once a day, in small pieces: what has been kept for long enough goes, by `data/council/retention.yml`."""

from __future__ import annotations

import asyncio
import logging
import time

from channels.rasa import Rasa, RasaUnavailable
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.pictures import Pictures
from engagement.privacy.rules import MEMORY, PICTURES, RULES, Cursor
from hearback import logs
from hearback.clock import Clock
from hearback.retention import schedule
from hearback.settings import SettingsError

logger = logging.getLogger("channels.retention")
LOOK = 3600.0  # seconds of the product's clock between two looks at whether a new day has begun
AT_LEAST, AT_MOST = 5.0, 600.0  # real seconds of it


class Retiring:
    """The doors' part of retention. Of several doors one does the day's run; if it dies, another goes on after five minutes."""

    def __init__(self, log: EngagementLog, rasa: Rasa, pictures: Pictures, clock: Clock) -> None:
        self._log, self._rasa, self._pictures, self._clock = log, rasa, pictures, clock

    async def run(self) -> None:
        """Look for a new day's run until cancelled."""
        while True:
            try:
                await self.once()
            except (LogUnavailable, RasaUnavailable, OSError):
                logger.info("retention goes on later")
            except Exception as error:
                logger.error("retention goes on later: %s", logs.where(error))
            await asyncio.sleep(min(max(self._clock.real_seconds(LOOK), AT_LEAST), AT_MOST))

    async def once(self) -> dict[str, int] | None:
        """The day's run, where nobody did it: how many wait to be confirmed by rule; None where there is nothing to do."""
        try:
            days = schedule().days
        except SettingsError as error:
            logger.error("%s", error)
            return None
        if (run := await self._log.retention.claim()) is None:
            return None
        waiting = {}
        for name in RULES:
            if count := await self._log.retention.allowed(name, days[name]):
                waiting[name] = count
            else:
                await self._all(run, name, days[name])
        await self._log.erasures.tidy_search()
        await self._log.retention.end(run, waiting)
        return waiting

    async def _all(self, run: int, name: str, days: int) -> None:
        """Everything that is due by a rule, with as much time between two pieces as a piece took: citizens come first."""
        after: Cursor | None = None
        while True:
            begun = time.monotonic()
            if name == MEMORY:
                await self._ready_to_forget()
            batch = await self._log.retention.batch(run, name, days, after)
            if name == PICTURES:
                await self._pictures.remove(batch.keys)
            if name == MEMORY:
                for conversation_id in batch.keys:
                    await self._rasa.forget(conversation_id)
                if batch.last:
                    await self._log.retention.forgotten(batch.last)
            if batch.next is None:
                return
            after = batch.next
            await asyncio.sleep(time.monotonic() - begun)

    async def _ready_to_forget(self) -> None:
        if not await self._rasa.ready():
            raise RasaUnavailable("not ready")
