"""Finishes what began to be erased, here, by the command, in the console or by retention: the photos' files and Rasa's memory.

What fails now is done later.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from channels import words
from channels.inbox import Inbox
from channels.neighbours import held
from channels.rasa import Rasa, RasaUnavailable
from channels.signals import Signals
from engagement.database import LogUnavailable
from engagement.line import Line
from engagement.log import EngagementLog
from engagement.pictures import Pictures
from hearback import logs, profile

logger = logging.getLogger("channels.erasure")
MOST = 500  # after so many the journal is emptied
AGAIN = 5.0  # real seconds; also how often is looked for what others began


class Deleting:
    """The doors' part: a citizen's conversation is blank at once, and whoever has the assistant finishes it."""

    def __init__(self, log: EngagementLog, signals: Signals) -> None:
        self._log, self._signals = log, signals

    async def erase(self, conversation_id: str) -> bool:
        """Blank a conversation at once and end its tokens; the rest follows now or as soon as it can.

        False where a legal hold keeps it: the wish is written down and done when the hold is lifted, and the citizen is told so.
        """
        begun = await self._log.erasures.begin(conversation_id)
        if not begun:
            conversation = await self._log.conversation(conversation_id)
            phone = profile.council()["phone"]
            await self._log.tell(conversation, words.say("utter_doors_delete_held", "web", conversation.language, phone=phone))
        self._signals.ring(conversation_id)
        return begun


class Eraser(Deleting):
    def __init__(
        self, log: EngagementLog, rasa: Rasa, inbox: Inbox, pictures: Pictures, signals: Signals, line: Line | None = None
    ) -> None:
        super().__init__(log, signals)
        self._rasa, self._inbox, self._pictures, self._line = rasa, inbox, pictures, line
        self._left = asyncio.Event()
        self._words = False  # what was erased stands in the index of words still

    async def run(self) -> None:
        """Take up what is left, from others too; runs until cancelled."""
        while True:
            self._left.clear()
            try:
                begun = await self._log.erasures.begun()
                for conversation_id in begun[:MOST]:
                    self._signals.ring(conversation_id)
                    await self._finish(conversation_id)
                if begun or self._words:
                    self._words = False
                    await self._tidy()
                if len(begun) > MOST:
                    self._left.set()
            except (LogUnavailable, OSError) as error:
                self._later(error)
            if not self._left.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._left.wait(), AGAIN)
            else:
                await asyncio.sleep(AGAIN)

    async def _tidy(self) -> None:
        try:
            await self._log.erasures.tidy_search()
            await self._log.erasures.leave_no_trace()
        except (LogUnavailable, OSError):
            self._words = True
            raise

    async def erase(self, conversation_id: str) -> bool:
        """As `Deleting.erase`, and the rest of it now where that can be done."""
        if not await super().erase(conversation_id):
            return False
        # A caller who hangs up does not take it back.
        await asyncio.shield(asyncio.ensure_future(self._finish(conversation_id, last=True)))
        self._words = True
        self._left.set()
        return True

    async def _finish(self, conversation_id: str, *, last: bool = False) -> None:
        try:
            await self._inbox.at_rest(conversation_id)
            async with held(self._line, conversation_id) as ours:
                if not ours or not await self._forget(conversation_id):
                    self._left.set()
            if last:
                await self._log.erasures.leave_no_trace()
        except Exception as error:
            self._later(error)

    async def _forget(self, conversation_id: str) -> bool:
        await self._rasa.forget(conversation_id)
        await self._pictures.remove(await self._log.photos.of_conversation(conversation_id))
        return await self._log.erasures.finish(conversation_id)

    def _later(self, error: Exception) -> None:
        if not isinstance(error, RasaUnavailable | LogUnavailable | OSError):
            logger.error("a chat could not be erased yet: %s", logs.where(error))
        self._left.set()
