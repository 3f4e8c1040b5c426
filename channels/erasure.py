"""Finishes what a citizen's "delete my chat" began: the photos' files and Rasa's memory. What fails now is done later."""

from __future__ import annotations

import asyncio
import logging

from channels.inbox import Inbox
from channels.rasa import Rasa, RasaUnavailable
from channels.signals import Signals
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.pictures import Pictures
from hearback import logs

logger = logging.getLogger("channels.erasure")
AGAIN = 5.0  # real seconds


class Eraser:
    def __init__(self, log: EngagementLog, rasa: Rasa, inbox: Inbox, pictures: Pictures, signals: Signals) -> None:
        self._log, self._rasa, self._inbox, self._pictures, self._signals = log, rasa, inbox, pictures, signals
        self._left = asyncio.Event()

    async def run(self) -> None:
        """Take up what is left; sleeps while there is nothing, and runs until cancelled."""
        self._left.set()
        while True:
            await self._left.wait()
            self._left.clear()
            try:
                for conversation_id in await self._log.erasures.begun():
                    await self._finish(conversation_id)
            except LogUnavailable as error:
                self._later(error)
            if self._left.is_set():
                await asyncio.sleep(AGAIN)

    async def erase(self, conversation_id: str) -> None:
        """Blank a conversation at once and end its tokens; the rest follows now or as soon as it can."""
        await self._log.erasures.begin(conversation_id)
        self._signals.ring(conversation_id)
        # A caller who hangs up does not take it back.
        await asyncio.shield(asyncio.ensure_future(self._finish(conversation_id)))

    async def _finish(self, conversation_id: str) -> None:
        try:
            await self._inbox.at_rest(conversation_id)
            await self._rasa.forget(conversation_id)
            await self._pictures.remove(await self._log.photos.of_conversation(conversation_id))
            if not await self._log.erasures.finish(conversation_id):
                self._left.set()
            await self._log.erasures.leave_no_trace()
        except Exception as error:
            self._later(error)

    def _later(self, error: Exception) -> None:
        if not isinstance(error, RasaUnavailable | LogUnavailable | OSError):
            logger.error("a chat could not be erased yet: %s", logs.where(error))
        self._left.set()
