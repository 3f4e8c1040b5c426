"""Watches the council's back office for the citizens: its services, and requests that still have to be sent or told."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

from backoffice import catalogue, kept, support
from backoffice.directory import Directory
from backoffice.errors import BackOfficeError, BackOfficeRefused, NotFound
from backoffice.open311 import Open311Client
from channels import words
from channels.signals import Signals
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.values import Request
from hearback import logs
from hearback.clock import Clock

logger = logging.getLogger("channels.outreach")
UNKNOWN_EVERY = 1.0  # real seconds, while nothing is known yet
SUPPORT_EVERY = 10  # readings of the services for one of the directory, which is larger and changes less
REQUESTS_EVERY = 5.0
PAUSES = (10, 30, 60, 300, 900, 3600)  # seconds of the product's clock before a request is tried again
SEARCH_BACK = timedelta(days=1)


class Outreach:
    """`every`: real seconds between two readings of the back office's services."""

    def __init__(
        self, log: EngagementLog, open311: Open311Client, directory: Directory, signals: Signals, clock: Clock, *, home: Path, every: float
    ) -> None:
        self._log, self._open311, self._directory, self._signals, self._clock = log, open311, directory, signals, clock
        self._home, self._every = home, every

    async def run(self) -> None:
        await asyncio.gather(self._watch_services(), self._watch_support(), self._watch_requests())

    async def _watch_services(self) -> None:
        while True:
            known = True
            try:
                if await catalogue.refresh(self._open311, self._home):
                    logger.info("the back office's services have changed")
            except BackOfficeError as error:
                known = catalogue.version(self._home) != kept.NEVER
                logger.warning("the back office's services could not be read: %s", type(error).__name__)
            except Exception as error:
                logger.error("the back office's services could not be kept: %s", logs.where(error))
            await asyncio.sleep(self._every if known else UNKNOWN_EVERY)

    async def _watch_support(self) -> None:
        while True:
            try:
                if support.keep(await self._directory.services(support.read(self._home)), self._home):
                    logger.info("the directory of support has changed")
            except BackOfficeError as error:
                logger.warning("the directory of support could not be read: %s", type(error).__name__)
            except Exception as error:
                logger.error("the directory of support could not be kept: %s", logs.where(error))
            known = support.version(self._home) != kept.NEVER
            await asyncio.sleep(self._every * SUPPORT_EVERY if known else UNKNOWN_EVERY)

    async def _watch_requests(self) -> None:
        while True:
            try:
                for request in await self._log.requests.take_due():
                    await self._send(request)
                for request in await self._log.requests.untold():
                    await self._tell(request)
            except LogUnavailable:
                logger.warning("requests wait: the log does not answer")
            except Exception as error:
                logger.error("requests wait: %s", logs.where(error))
            await asyncio.sleep(REQUESTS_EVERY)

    async def _send(self, request: Request) -> None:
        """Send a request that was kept. Its tag tells whether an earlier try arrived after all."""
        try:
            earlier = await self._open311.find_created(request.service_code, tag=request.tag, since=request.created_at - SEARCH_BACK)
            if earlier:
                await self._log.requests.sent(
                    request.key, reference=earlier.reference, token=None, service_notice=earlier.service_notice, told=False
                )
                return
            created = await self._open311.create(request.service_code, request.report, tag=request.tag)
            await self._log.requests.sent(
                request.key, reference=created.reference, token=created.token, service_notice=created.service_notice, told=False
            )
        except (BackOfficeRefused, NotFound) as error:
            reasons = "; ".join(getattr(error, "reasons", [])) or type(error).__name__
            await self._log.requests.refuse(request.key, error=reasons[:500])
            await self._log.hand_over(request.conversation_id, key=f"{request.key}:refused", reason="request_refused")
            conversation = await self._log.conversation(request.conversation_id)
            refused = words.say("utter_request_refused", conversation.channel, conversation.language)
            await self._log.tell(conversation, refused, outreach=True)
            self._rung(request.conversation_id)
        except BackOfficeError as error:
            seconds = PAUSES[min(request.attempts, len(PAUSES) - 1)]
            await self._log.requests.keep(request.key, after=timedelta(seconds=seconds), error=type(error).__name__)

    async def _tell(self, request: Request) -> None:
        """Tell the citizen the reference of a request that went out later than they asked."""
        conversation = await self._log.conversation(request.conversation_id)
        said = words.say("utter_request_sent_later", conversation.channel, conversation.language, reference=request.reference or "")
        if await self._log.tell_reference(request.key, request.conversation_id, said):
            self._rung(request.conversation_id)

    def _rung(self, conversation_id: str) -> None:
        self._signals.ring(conversation_id)
        self._signals.ring("outbox")
