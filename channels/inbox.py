"""The worker: takes citizens' messages to the assistant, one at a time in each conversation, conversations side by side."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import re
import time

from channels import words
from channels.rasa import Rasa, RasaUnavailable, TurnFailed
from channels.signals import Signals, pause
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.values import Choice, Conversation, Message, Understanding, Waiting
from hearback import logs, profile

logger = logging.getLogger("channels.inbox")
AT_ONCE = 32
FIRST_PAUSE, LONGEST_PAUSE = 0.3, 5.0
TELL_AFTER = {"web": 3.0, "sms": 60.0}  # seconds without an answer until the citizen hears that the message is kept
GIVE_UP_AFTER = 12  # failures of the same turn in Rasa's own hands, with everything reachable


class Inbox:
    def __init__(self, log: EngagementLog, rasa: Rasa, signals: Signals) -> None:
        self._log, self._rasa, self._signals = log, rasa, signals
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._back = asyncio.Event()

    async def run(self) -> None:
        """Take up what was left unanswered, then work whenever `wake` is called; runs until cancelled."""
        while True:
            try:
                for conversation_id in await self._log.unanswered():
                    self.wake(conversation_id)
                break
            except LogUnavailable:
                await asyncio.sleep(1)
        try:
            await asyncio.Event().wait()
        finally:
            for task in list(self._busy.values()):
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def wake(self, conversation_id: str) -> None:
        """There is a new message in this conversation."""
        if conversation_id in self._busy:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._converse(conversation_id))
        self._busy[conversation_id] = task
        task.add_done_callback(lambda _: self._finished(conversation_id))

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
        while True:
            found = None
            try:
                async with self._gate:
                    found = await self._log.next_message(conversation_id)
                    if found is None:
                        return
                    # Who was told that the message is kept is not shown, every few seconds, that an answer is on its way.
                    typing = time.monotonic() - since < TELL_AFTER[found.conversation.channel]
                    await self._answer(found, typing=typing)
                self._back.set()  # whoever waits for Rasa need not wait longer
                self._back = asyncio.Event()
                tries, since = 0, time.monotonic()
                continue
            except (RasaUnavailable, LogUnavailable) as error:
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

    async def _answer(self, waiting: Waiting, *, typing: bool) -> None:
        conversation, message = waiting.conversation, waiting.message
        if conversation.state == "with_staff":
            await self._log.leave_to_staff(message.id)
            return
        self._signals.typing(conversation.id, typing)
        if message.payload is None and (picked := picked_choice(message.text, waiting.offered)):
            message = dataclasses.replace(message, payload=picked.payload)
        understanding, replies = await self._rasa.turn(conversation, message)
        await self._log.answer(conversation, message.id, understanding, replies)
        self._tell(conversation)

    async def _explain(self, conversation: Conversation, message: Message, *, waited: float, tries: int) -> None:
        """Say that the message is kept; after many failures pass it to a person."""
        if tries >= GIVE_UP_AFTER:
            await self._log.hand_over(conversation.id, key=f"{conversation.id}:{message.id}", reason="assistant_failed")
            council = profile.council()
            values = {"phone": council["phone"], "hours": profile.hours(conversation.language)}
            said = words.say("utter_assistant_failed", conversation.channel, conversation.language, **values)
            await self._log.answer(conversation, message.id, Understanding(), [said])
            self._tell(conversation)
        elif waited >= TELL_AFTER[conversation.channel]:
            kept = words.say("utter_message_kept", conversation.channel, conversation.language)
            if await self._log.tell(conversation, kept, reply_to=message.id, once=True):
                self._tell(conversation)

    def _tell(self, conversation: Conversation) -> None:
        self._signals.ring(conversation.id)
        self._signals.typing(conversation.id, False)
        if conversation.channel == "sms":
            self._signals.ring("outbox")


ORDINALS = {
    word: number
    for number, names in enumerate(("one first 1st", "two second 2nd", "three third 3rd", "four fourth 4th", "five fifth 5th"), 1)
    for word in names.split()
}


def picked_choice(text: str, offered: tuple[Choice, ...]) -> Choice | None:
    """The offered choice that a citizen's words name: its number ("2", "two", "the second") or its title."""
    said = " ".join(re.findall(r"[a-z0-9']+", text.lower()))
    for one in offered:
        if said and said == " ".join(re.findall(r"[a-z0-9']+", one.title.lower())):
            return one
    numbered = re.fullmatch(r"(?:the |option |number |no |choice )?(\w+)(?: one| option)?(?: please)?", said)
    if numbered is None:
        return None
    word = numbered[1]
    place = int(word) if word.isdigit() and len(word) < 3 else ORDINALS.get(word)
    return offered[place - 1] if place and 1 <= place <= len(offered) else None
