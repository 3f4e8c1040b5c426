"""Tells the back office how requests came out for their citizens, where it takes that: see docs/open311_outcomes.md."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from backoffice.errors import BackOfficeRefused, BackOfficeUnavailable, NotFound
from backoffice.open311 import Open311Client
from engagement.log import EngagementLog
from engagement.values import Outcome
from hearback.clock import Clock

logger = logging.getLogger("channels.publishing")
EVERY = timedelta(minutes=5)
NOT_TAKEN = timedelta(days=1)  # until a server that takes no outcomes is asked again


class Publisher:
    def __init__(self, log: EngagementLog, open311: Open311Client, clock: Clock) -> None:
        self._log, self._open311, self._clock = log, open311, clock
        self._next = datetime.min.replace(tzinfo=UTC)

    async def publish(self) -> None:
        """What has not been told yet, each answer once; a changed answer again."""
        now = self._clock.now()
        if now < self._next:
            return
        self._next = now + EVERY
        said = await self._log.watch.unpublished()
        if not said:
            return
        try:
            if await self._open311.outcomes(now - EVERY, now) is None:
                self._next = now + NOT_TAKEN
                return
            for outcome in said:
                await self._tell(outcome)
        except BackOfficeUnavailable as error:
            logger.warning("the back office was not told how requests came out: %s", type(error).__name__)

    async def _tell(self, outcome: Outcome) -> None:
        assert outcome.reference and outcome.confirmed and outcome.confirmed_at
        try:
            await self._open311.report_outcome(
                outcome.reference, outcome_id=outcome.tag, outcome=outcome.confirmed, at=outcome.confirmed_at,
                channel=outcome.confirmed_channel or outcome.channel, round=outcome.round,
            )  # fmt: skip
        except (BackOfficeRefused, NotFound) as error:
            logger.warning("the back office does not take an outcome: %s", type(error).__name__)  # it would never take it
        await self._log.watch.published(outcome)
