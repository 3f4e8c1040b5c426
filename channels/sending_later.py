"""Sends requests that the back office could not take when the citizen made them, and tells their reference."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from backoffice.errors import BackOfficeError, BackOfficeRefused, NotFound
from backoffice.open311 import Open311Client
from channels import words
from channels.signals import Signals
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.values import Request
from hearback import logs

logger = logging.getLogger("channels.sending_later")
EVERY = 5.0
PAUSES = (10, 30, 60, 300, 900, 3600)  # seconds of the product's clock before a request is tried again
SEARCH_BACK = timedelta(days=1)


class SendingLater:
    def __init__(self, log: EngagementLog, open311: Open311Client, signals: Signals) -> None:
        self._log, self._open311, self._signals = log, open311, signals

    async def run(self) -> None:
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
            await asyncio.sleep(EVERY)

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
            await self._log.requests.keep(request.key, after=timedelta(seconds=seconds), settles=error.settles, error=type(error).__name__)

    async def _tell(self, request: Request) -> None:
        """Tell the citizen the reference of a request that went out later than they asked."""
        conversation = await self._log.conversation(request.conversation_id)
        if conversation.state == "with_staff":
            return  # a colleague talks with the citizen
        said = words.say("utter_request_sent_later", conversation.channel, conversation.language, reference=request.reference or "")
        if await self._log.tell_reference(request.key, request.conversation_id, said):
            self._rung(request.conversation_id)

    def _rung(self, conversation_id: str) -> None:
        self._signals.ring(conversation_id)
        self._signals.ring("outbox")
