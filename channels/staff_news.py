"""What was said and done elsewhere: passed on to citizens also where no bell was heard."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from hearback import logs

logger = logging.getLogger("channels.staff_news")
EVERY = 2.0
BACK = 50  # ids that are looked at again: two processes may commit out of order


class StaffNews:
    """`everybody`: not only what colleagues said, also the assistant and the citizen at other processes."""

    def __init__(self, log: EngagementLog, pass_on: Callable[[str], None], *, everybody: bool = False) -> None:
        self._log, self._pass_on, self._everybody = log, pass_on, everybody
        self._latest: int | None = None
        self._told: deque[int] = deque(maxlen=2 * BACK)

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except LogUnavailable:
                logger.warning("what colleagues say waits: the log does not answer")
            except Exception as error:
                logger.error("what colleagues say waits: %s", logs.where(error))
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Pass on what is new since the last look; what was said before this process began is found by those whom it concerns."""
        first = self._latest is None
        if self._latest is None:
            self._latest = await self._log.desk.newest()
        news = await self._log.desk.said_after(max(0, self._latest - BACK), everybody=self._everybody)
        for message_id, conversation in news:
            self._latest = max(self._latest, message_id)
            if conversation and message_id not in self._told:
                self._told.append(message_id)
                if not first:
                    self._pass_on(conversation)
