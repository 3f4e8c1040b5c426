"""The worker: takes citizens' messages to the assistant, one at a time in each conversation, conversations side by side."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import re
import time

from channels import media, metrics, numbers, words
from channels.choices import asks_for_more, picked_choice
from channels.media import Fetcher
from channels.neighbours import held
from channels.rasa import Rasa, RasaUnavailable, TurnFailed
from channels.signals import Signals, pause
from channels.text_door import DOORS, TextDoor
from engagement.database import LogUnavailable
from engagement.line import Line
from engagement.log import EngagementLog
from engagement.values import Choice, Conversation, Message, Reply, Understanding, Waiting
from hearback import logs, profile

logger = logging.getLogger("channels.inbox")
AT_ONCE = 32
MOST_HELD = 256  # conversations that one of several workers takes at a time
LOOK_EVERY = 1.0  # real seconds: what a worker that died has left is found so soon
FIRST_PAUSE, LONGEST_PAUSE = 0.3, 5.0
TELL_ON_WEB_AFTER, TELL_TEXTS_AFTER = 3.0, 60.0  # seconds without an answer until the citizen hears that the message is kept
# Messages that the assistant does not take: why, and what the citizen hears.
REFUSED = {"foreign": "utter_number_not_served", "too_many": "utter_too_many_texts"}
# An answer to whether it worked does something also while a person has the conversation, who reads it there.
OUTCOME = re.compile(r'/outcome_\w+\{"choice":"outcome:\d+"\}')
GIVE_UP_AFTER = 12  # failures of the same turn in Rasa's own hands, with everything reachable


class Inbox:
    """With a `line`, one of several workers: each conversation is with one of them at a time."""

    def __init__(self, log: EngagementLog, rasa: Rasa, signals: Signals, fetcher: Fetcher, line: Line | None = None) -> None:
        self._line = line
        self._log, self._rasa, self._signals, self._fetcher = log, rasa, signals, fetcher
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._back = asyncio.Event()

    async def run(self) -> None:
        """Take up what was left unanswered, then work whenever `wake` is called; runs until cancelled."""
        if self._line:
            self._line.lost = self._give_up
        try:
            while not await self._take_up() or self._line:  # where others work too, they may leave something at any time
                await asyncio.sleep(LOOK_EVERY)
            await asyncio.Event().wait()
        finally:
            self._give_up()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _take_up(self) -> bool:
        """Wake whatever waits for an answer; False where the log does not tell."""
        try:
            for conversation_id in await self._log.unanswered():
                if conversation_id not in self._busy:
                    self.wake(conversation_id)
        except LogUnavailable:
            return False
        return True

    def _give_up(self) -> None:
        for task in list(self._busy.values()):
            task.cancel()

    def wake(self, conversation_id: str) -> None:
        """There is a new message in this conversation."""
        if conversation_id in self._busy:
            self._again.add(conversation_id)
            return
        if self._line and len(self._busy) >= MOST_HELD:
            return  # other workers have room, or it is found when there is some here
        task = asyncio.create_task(self._alone(conversation_id) if self._line else self._converse(conversation_id))
        self._busy[conversation_id] = task
        task.add_done_callback(lambda _: self._finished(conversation_id))

    async def _alone(self, conversation_id: str) -> None:
        async with held(self._line, conversation_id) as ours:
            if ours:
                await self._converse(conversation_id)

    async def at_rest(self, conversation_id: str) -> None:
        """Wait until no message of this conversation is with the assistant."""
        while task := self._busy.get(conversation_id):
            await asyncio.wait([task])

    def _finished(self, conversation_id: str) -> None:
        self._busy.pop(conversation_id, None)
        self._signals.typing(conversation_id, False)
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    async def _converse(self, conversation_id: str) -> None:
        tries, since = 0, time.monotonic()
        unsure: Conversation | None = None
        while True:
            found = None
            try:
                found = await self._log.next_message(conversation_id)
                if found is None:
                    if unsure:  # the log broke off in a commit that was done all the same: nobody has heard of it
                        self._tell(unsure)
                    return
                if not await self._ready(found):
                    continue
                async with self._gate:
                    # Who was told that the message is kept is not shown, every few seconds, that an answer is on its way.
                    typing = time.monotonic() - since < _patience(found.conversation)
                    with metrics.turn(self._log, found.message):
                        await self._answer(found, typing=typing)
                self._back.set()  # whoever waits for Rasa need not wait longer
                self._back = asyncio.Event()
                if not found.more and not unsure and conversation_id not in self._again:
                    return  # what comes from now on wakes us anew
                tries, since = 0, time.monotonic()
                continue
            except (RasaUnavailable, LogUnavailable) as error:
                unsure = found.conversation if found and isinstance(error, LogUnavailable) else unsure
                logger.info("a message waits: %s", type(error).__name__)
            except TurnFailed:
                tries += 1
                logger.warning("a turn failed, try %d", tries)
            except Exception as error:  # a bug of ours must not silence the conversation
                tries += 1
                logger.error("a message waits: %s", logs.where(error))
            if found is not None:
                with contextlib.suppress(LogUnavailable):
                    await self._explain(found.conversation, found.message, waited=time.monotonic() - since, tries=tries)
            await pause(self._back, min(FIRST_PAUSE * 2 ** min(tries, 5) if tries else 1.0, LONGEST_PAUSE))

    async def _ready(self, found: Waiting) -> bool:
        """Whether the message is whole: a long text's parts are joined and its pictures are here; if not, look at it again."""
        if found.conversation.state == "with_staff" or found.message.error in REFUSED:
            return True
        if found.wait:
            await asyncio.sleep(found.wait)  # a part that comes meanwhile has its own time
            return False
        if found.unjoined:
            await self._log.join([line.id for line in found.lines])
            return False
        for line in found.lines:
            if any(map(media.unread, line.media)):
                await self._log.photos.attach(line.id, await self._fetcher.fetch(line))
                return False
        return True

    async def _answer(self, waiting: Waiting, *, typing: bool) -> None:
        conversation, message = waiting.conversation, waiting.message
        if conversation.state == "with_staff" and not OUTCOME.fullmatch(message.payload or ""):
            await self._log.leave_to_staff(message.id)
            return
        self._signals.typing(conversation.id, typing)
        if response := REFUSED.get(message.error or ""):
            await self._say(conversation, message, response)
            return
        if (door := DOORS.get(conversation.channel)) and asks_for_more(message.text) and await self._next_page(door, conversation, message):
            return
        missing = [self._words(conversation, response) for response in media.told(message.media)]
        pictures = media.seen(message.media)
        if missing and not pictures and not message.text:
            await self._log.answer(conversation, message.id, Understanding(), missing)
            self._tell(conversation)
            return
        message = dataclasses.replace(
            message, media=pictures, payload=message.payload or (words.SHARED if pictures and not message.text else None)
        )
        if message.payload is None and (picked := picked_choice(message.text, waiting.offered)):
            message = dataclasses.replace(message, payload=picked.payload)
        understanding, replies = await self._rasa.turn(conversation, message, question=waiting.question, latest=waiting.asked_last)
        with metrics.stage("committing"):
            await self._log.answer(conversation, message.id, understanding, [*missing, *replies])
        self._tell(conversation)

    async def _next_page(self, door: TextDoor, conversation: Conversation, message: Message) -> bool:
        """Send the next page of what was said last, where there is one."""

        def count(text: str, choices: tuple[Choice, ...]) -> int:
            return len(door.pages(text, choices, conversation.language))

        if await self._log.outbox.next_page(conversation.id, message.id, pages=count) is None:
            return False
        self._tell(conversation)
        return True

    async def _say(self, conversation: Conversation, message: Message, response: str) -> None:
        """Answer with a sentence of the doors' own."""
        await self._log.answer(conversation, message.id, Understanding(), [self._words(conversation, response)])
        self._tell(conversation)

    def _words(self, conversation: Conversation, response: str) -> Reply:
        council = profile.council()
        values = {
            "phone": council["phone"], "phone_from_abroad": numbers.from_abroad(council["phone"]), "website": council["website"],
            "hours": profile.hours(conversation.language),
        }  # fmt: skip
        return words.say(response, conversation.channel, conversation.language, **values)

    async def _explain(self, conversation: Conversation, message: Message, *, waited: float, tries: int) -> None:
        """Say that the message is kept; after many failures pass it to a person."""
        if tries >= GIVE_UP_AFTER:
            await self._log.hand_over(conversation.id, key=f"{conversation.id}:{message.id}", reason="assistant_failed")
            await self._say(conversation, message, "utter_assistant_failed")
        elif waited >= _patience(conversation):
            kept = words.say("utter_message_kept", conversation.channel, conversation.language)
            if await self._log.tell(conversation, kept, reply_to=message.id, once=True):
                self._tell(conversation)

    def _tell(self, conversation: Conversation) -> None:
        self._signals.ring(conversation.id)
        self._signals.typing(conversation.id, False)
        if conversation.channel in DOORS:
            self._signals.ring("outbox")


def _patience(conversation: Conversation) -> float:
    """How long a citizen of this channel waits before they hear that their message is kept."""
    return TELL_TEXTS_AFTER if conversation.channel in DOORS else TELL_ON_WEB_AFTER
