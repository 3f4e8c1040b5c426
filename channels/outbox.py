"""Sends what is queued as text messages: in order for each citizen, answers before outreach, by class of error, never twice."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from typing import Any

from channels import metrics
from channels.pace import Pace
from channels.signals import Signals, pause
from channels.text_door import DOORS, TextDoor
from channels.twilio_sending import CODES, Sender, SendError, Sent
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.outbox import Outgoing
from hearback import logs, profile, trace
from hearback.clock import Clock

logger = logging.getLogger("channels.outbox")
LONGEST_SLEEP = 5.0  # real seconds while something waits: the clock may be moved on
AT_ONCE, OUTREACH_AT_ONCE = 32, 16  # texts on their way to Twilio: slow answers to outreach leave room for replies
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 3600.0  # seconds of the product's clock before another try; each is twice the one before
GIVE_UP_AFTER = 12
LOOK_AFTER, LOOK_AGAIN = timedelta(seconds=5), timedelta(seconds=30)  # Twilio lists a message a moment after it took it


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many tries; different for each text, so that they do not all come back at once."""
    longest = min(FIRST_PAUSE * 2.0 ** (attempts - 1), LONGEST_PAUSE)
    return timedelta(seconds=longest * random.uniform(0.5, 1.0))


class TextSender:
    """Sends for all text doors through one account."""

    def __init__(
        self, log: EngagementLog, sender: Sender, signals: Signals, clock: Clock, *, public_url: str, per_second: float,
        doors: Mapping[str, TextDoor] = DOORS,
    ) -> None:  # fmt: skip
        self._log, self._sender, self._signals, self._clock = log, sender, signals, clock
        self._public_url, self._doors, self._pace = public_url, doors, Pace(per_second)
        self._working: dict[int, tuple[Outgoing, asyncio.Task[None]]] = {}  # by message: a slow answer must not hold up other citizens

    async def run(self) -> None:
        """Send while there is something due, then sleep until something is queued or a retry is due; runs until cancelled."""
        try:
            await self._run()
        finally:
            tasks = [task for _, task in self._working.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        async with self._signals.listen("outbox") as bell:
            while True:
                bell.clear()
                try:
                    wait = await self._send_due()
                except LogUnavailable:
                    wait = 1.0
                except Exception as error:  # one bad row must not stop all texts
                    logger.error("sending stopped for a moment: %s", logs.where(error))
                    wait = 5.0
                await pause(bell, None if wait is None else min(max(wait, 0.01), LONGEST_SLEEP))

    async def _send_due(self) -> float | None:
        """Begin what may go now; the real seconds until there is more to do, None until the bell rings."""
        free = min(self._pace.free(), AT_ONCE - len(self._working))
        if free > 0:
            claimed = await self._log.outbox.claim(free, outreach=self._outreach_free())
            self._pace.take(len(claimed))
            for one in claimed:
                self._begin(one, self._send(one))
        for one in await self._log.outbox.doubtful():
            if one.id not in self._working:
                self._begin(one, self._settle(one))
        if len(self._working) >= AT_ONCE:
            return None
        due = await self._log.outbox.next_due(outreach=self._outreach_free() > 0)
        return None if due is None else max(self._clock.real_seconds((due - self._clock.now()).total_seconds()), self._pace.wait())

    def _outreach_free(self) -> int:
        return OUTREACH_AT_ONCE - sum(one.outreach for one, _ in self._working.values())

    def _begin(self, one: Outgoing, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(one, work))
        self._working[one.id] = one, task
        task.add_done_callback(lambda done: self._finished(one, done))

    def _finished(self, one: Outgoing, done: asyncio.Task[None]) -> None:
        if one.id in self._working and self._working[one.id][1] is done:
            del self._working[one.id]
        self._signals.ring_here("outbox")  # the next text of this citizen may go, or this one again

    async def _guarded(self, one: Outgoing, work: Coroutine[Any, Any, None]) -> None:
        trace.follow(one.trace)
        try:
            await work
        except LogUnavailable:
            logger.warning("a text message waits: the log does not answer")
        except Exception as error:  # a bug of ours: the provider is asked later, not at once and without end
            logger.error("a text message waits: %s", logs.where(error))
            with contextlib.suppress(LogUnavailable):
                await self._log.outbox.doubt(one.id, after=self._clock.lease(LOOK_AGAIN), error="failed")

    async def _send(self, one: Outgoing) -> None:
        door = self._doors[one.channel]
        text = _text(one, door, one.language)
        try:
            sent = await (self._post_in_pieces(one, door, text) if _too_long(one) else self._post(one, door, text))
        except SendError as error:
            await self._failed(one, error, door, text)
        else:
            await self._accepted(one, door, sent, text)

    async def _post(self, one: Outgoing, door: TextDoor, text: str, *, receipt: bool = True) -> Sent:
        callback = f"{self._public_url}{door.status_path}" + (f"?message={one.id}" if receipt else "")
        origin = one.sender or door.address(self._sender.number)
        return await self._sender.send(to=door.address(one.to), text=text, sender=origin, callback=callback, from_service=door.from_service)

    async def _post_in_pieces(self, one: Outgoing, door: TextDoor, text: str) -> Sent:
        """Twilio refused the text as too long. What an earlier try sent of it is not sent again; the last piece stands for the whole."""
        pieces, parts = door.pieces(text), 0
        done: list[str] = []
        for number, piece in enumerate(pieces, 1):
            sent = await self._find(one, door, [piece], but=done)
            sent = sent or await self._post(one, door, piece, receipt=number == len(pieces))
            done.append(sent.sid)
            parts += sent.parts or door.parts(piece)
        return Sent(done[-1], parts)

    async def _accepted(self, one: Outgoing, door: TextDoor, sent: Sent, text: str) -> None:
        parts = sent.parts or door.parts(text)
        await self._log.outbox.accepted(one.id, sid=sent.sid, segments=parts, cost=door.pence(parts))
        metrics.text_sent(one.channel, parts, door.pence(parts))

    async def _failed(self, one: Outgoing, error: SendError, door: TextDoor, text: str) -> None:
        metrics.text_refused(error.code)
        logger.warning("a text message was not taken: %s", error.code)
        policy = error.policy
        if policy.rest:
            self._pace.rest(policy.rest)
        reason = one.error if one.error and _too_long(one) else error.code
        if not policy.retry or one.attempts >= GIVE_UP_AFTER or (policy.split and _too_long(one)):
            await self._log.outbox.refused(one.id, error=error.code, stopped=policy.stopped)
        elif policy.doubtful:
            after, parts = max(self._clock.lease(LOOK_AFTER), back_off(one.attempts)), door.parts(text)
            await self._log.outbox.doubt(one.id, after=after, error=reason, segments=parts, cost=door.pence(parts))
        else:
            await self._log.outbox.again(one.id, after=timedelta(0) if policy.split else back_off(one.attempts), error=reason)

    async def _settle(self, one: Outgoing) -> None:
        """A process died or the line broke while this was being sent: ask Twilio whether it has it before sending it again."""
        if not await self._log.outbox.take_doubtful(one.id):
            return
        door = self._doors[one.channel]
        texts = [_text(one, door, language) for language in profile.answered_languages()]
        try:
            sent = None if _too_long(one) else await self._find(one, door, texts)
        except SendError as error:
            await self._log.outbox.doubt(one.id, after=self._clock.lease(LOOK_AGAIN), error=one.error or error.code)
            return
        if sent:
            await self._accepted(one, door, sent, texts[0])
        elif one.attempts >= GIVE_UP_AFTER:
            await self._log.outbox.refused(one.id, error=one.error or "not taken")
        else:
            await self._log.outbox.again(one.id, after=timedelta(0), error=one.error or "not taken")

    async def _find(self, one: Outgoing, door: TextDoor, texts: list[str], *, but: list[str] | None = None) -> Sent | None:
        """What Twilio has of this message and no other line of ours: the same words may have been sent before."""
        found = await self._sender.find(to=door.address(one.to), texts=texts, since=one.created_at)
        known = await self._log.outbox.known([sent.sid for sent in found]) | set(but or ())
        return next((sent for sent in found if sent.sid not in known), None)


def _text(one: Outgoing, door: TextDoor, language: str) -> str:
    """As it is sent. What a colleague writes goes out whole: the desk sees to its length."""
    if one.author == "staff":
        return door.whole(one.text)
    return door.text(one.text, one.choices, language, one.page)


def _too_long(one: Outgoing) -> bool:
    """Whether Twilio has refused this text as too long before."""
    return bool(one.error and one.error.isdecimal() and CODES.get(int(one.error)) and CODES[int(one.error)].split)
