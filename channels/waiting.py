"""Tells citizens who wait too long for a person so, once, and offers a call or the assistant."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from channels import words
from channels.signals import Signals
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from hearback import logs, profile
from hearback.clock import Clock
from hearback.teams import teams

logger = logging.getLogger("channels.waiting")
PASS, AT_LEAST, AT_MOST = 60.0, 0.5, 10.0  # seconds of the product's clock between two looks; and real ones


class Waiter:
    def __init__(self, log: EngagementLog, signals: Signals, clock: Clock) -> None:
        self._log, self._signals, self._clock = log, signals, clock

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except LogUnavailable:
                logger.warning("who waits is told later: the log does not answer")
            except Exception as error:
                logger.error("who waits is told later: %s", logs.where(error))
            await asyncio.sleep(min(AT_MOST, max(AT_LEAST, self._clock.real_seconds(PASS))))

    async def look(self) -> None:
        """Tell whose time is up; minutes in which the team is closed do not count, and then nobody is told."""
        now = self._clock.now()
        for handover, channel, language in await self._log.desk.waited_long():
            team = teams().of(handover.team)
            opened = team.hours.opened(now)
            if opened is None or now - max(handover.created_at, opened) < timedelta(minutes=team.told_after):
                continue
            line = words.say("utter_waiting_long", channel, language, phone=profile.council()["phone"])
            if await self._log.desk.tell_waiting(handover, line):
                self._signals.ring(handover.conversation_id)
                self._signals.ring("outbox")
