"""A colleague who answers in a conversation, as the console does it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import string
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from engagement.database import Database
from engagement.desk_values import Colleague
from engagement.log import EngagementLog
from engagement.values import Reply
from hearback.bells import Bell
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

TAKEN_OVER = "You are talking to a colleague."
TEAM = "customer_services"
WITHIN = 20.0  # seconds


@dataclass
class Desk:
    """A colleague at the console, which is a process beside the doors: it writes into the log and rings their bell."""

    log: EngagementLog
    bell: Bell
    who: Colleague

    async def answer(self, conversation: str, reader: asyncio.StreamReader) -> float:
        """Take a chat over, answer; milliseconds from there until the answer stands in its open window, from which `reader` reads."""
        await self.log.desk.claim(conversation, self.who, team=TEAM, line=Reply(text=TAKEN_OVER, author="system"))
        await self.bell.ring(conversation)
        await asyncio.wait_for(reader.readuntil(TAKEN_OVER.encode()), WITHIN)
        words, begun = "".join(random.choices(string.ascii_lowercase, k=20)), time.perf_counter()
        await self.log.desk.reply(conversation, self.who, text=words, form=words, seen=0)
        await self.bell.ring(conversation)
        await asyncio.wait_for(reader.readuntil(words.encode()), WITHIN)
        return (time.perf_counter() - begun) * 1000


@contextlib.asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    keys, database = load_keys(settings.home), Database(settings.database_url)
    log, bell = EngagementLog(database, Clock(), keys), Bell(settings, keys)
    try:
        await log.staff.add("bench", "x", "agent")
        person = await log.staff.by_name("bench")
        assert person
        yield Desk(log, bell, await log.desk.colleague(person.id))
    finally:
        await bell.close()
        await database.close()
