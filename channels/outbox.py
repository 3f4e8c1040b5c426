"""Sends what is queued as text messages: in order for each citizen, retried by class of error, never twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from channels import sms_text
from channels.signals import Signals, pause
from channels.sms_pages import pages
from channels.twilio import Sender, SendError
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.outbox import Outgoing
from hearback import logs
from hearback.clock import Clock

logger = logging.getLogger("channels.outbox")
AT_ONCE = 10
PAUSES = (5, 15, 60, 300, 900, 3600)  # seconds before each further try
GIVE_UP_AFTER = 12
LOOK_AGAIN = timedelta(seconds=30)


class TextSender:
    def __init__(self, log: EngagementLog, sender: Sender, signals: Signals, clock: Clock, *, callback: str) -> None:
        self._log, self._sender, self._signals, self._clock, self._callback = log, sender, signals, clock, callback
        self._working: dict[int, asyncio.Task[None]] = {}  # by message: one slow answer must not hold up other citizens' texts

    async def run(self) -> None:
        """Send while there is something due, then sleep until something is queued or a retry is due; runs until cancelled."""
        try:
            await self._run()
        finally:
            for task in self._working.values():
                task.cancel()
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    async def _run(self) -> None:
        async with self._signals.listen("outbox") as bell:
            while True:
                bell.clear()
                try:
                    await self._send_due()
                    due = await self._log.outbox.next_due()
                    wait = None if due is None else self._clock.real_seconds((due - self._clock.now()).total_seconds())
                except LogUnavailable:
                    wait = 1.0
                except Exception as error:  # one bad row must not stop all texts
                    logger.error("sending stopped for a moment: %s", logs.where(error))
                    wait = 5.0
                await pause(bell, None if wait is None else min(max(wait, 0.05), 60.0))

    async def _send_due(self) -> None:
        free = AT_ONCE - len(self._working)
        for one in await self._log.outbox.claim(free) if free > 0 else []:
            self._begin(one, self._send(one))
        for one in await self._log.outbox.doubtful():
            if one.id not in self._working:
                self._begin(one, self._settle(one))

    def _begin(self, one: Outgoing, work: Coroutine[Any, Any, None]) -> None:
        self._working[one.id] = task = asyncio.create_task(self._guarded(work))
        task.add_done_callback(lambda done: self._finished(one, done))

    def _finished(self, one: Outgoing, done: asyncio.Task[None]) -> None:
        if self._working.get(one.id) is done:
            del self._working[one.id]
        self._signals.ring("outbox")  # the next text of this citizen may go, or this one again

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except LogUnavailable:
            logger.warning("a text message waits: the log does not answer")
        except Exception as error:  # the lease ends, and the provider is asked
            logger.error("a text message waits: %s", logs.where(error))

    async def _send(self, one: Outgoing) -> None:
        text = _text(one)
        try:
            sid, counted = await self._sender.send(to=one.to, text=text, sender=one.sender, callback=f"{self._callback}?message={one.id}")
        except SendError as error:
            await self._failed(one, error)
            return
        await self._log.outbox.accepted(one.id, sid=sid, segments=counted or sms_text.segments(text))

    async def _failed(self, one: Outgoing, error: SendError) -> None:
        logger.warning("a text message was not taken: %s", error.code)
        if error.doubtful:
            await self._log.outbox.doubt(one.id, after=timedelta(seconds=5), error=error.code)
        elif error.retry and one.attempts < GIVE_UP_AFTER:
            seconds = PAUSES[min(one.attempts - 1, len(PAUSES) - 1)]
            await self._log.outbox.again(one.id, after=timedelta(seconds=seconds), error=error.code)
        else:
            await self._log.outbox.refused(one.id, error=error.code, stopped=error.stopped)

    async def _settle(self, one: Outgoing) -> None:
        """A process died or the line broke while this was being sent: ask Twilio whether it has it before sending it again."""
        text = _text(one)
        try:
            sid = await self._sender.find(to=one.to, text=text, since=one.claimed_at)
        except SendError as error:
            await self._log.outbox.doubt(one.id, after=LOOK_AGAIN, error=error.code)
            return
        if sid:
            await self._log.outbox.accepted(one.id, sid=sid, segments=sms_text.segments(text))
        else:
            await self._log.outbox.again(one.id, after=timedelta(0), error="not taken")


def _text(one: Outgoing) -> str:
    all_pages = pages(one.text, one.choices, one.language)
    return all_pages[min(one.page, len(all_pages) - 1)]
