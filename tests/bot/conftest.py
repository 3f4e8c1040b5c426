"""A citizen's turns against a real engagement log, with a clock that a test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from databases import database_of

from bot.actions.task import Here, Task
from bot.actions.turn import Turn
from engagement.log import EngagementLog
from engagement.values import InboundMessage, Reply
from hearback.clock import Clock
from hearback.keys import load_keys


@dataclass
class Office:
    """The council as tasks see it: its log and its clock. `said` are the responses and their values, oldest first."""

    log: EngagementLog
    at: datetime = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    turns: int = 0

    def __post_init__(self) -> None:
        self.services = SimpleNamespace(log=self.log, clock=SimpleNamespace(now=lambda: self.at))

    async def web_citizen(self) -> str:
        _, conversation, _ = await self.log.chats.start(Reply(text="Hello"))
        return conversation.id

    async def here(self, conversation: str, words: str, intent: str = "", *, channel: str = "web", **slots: Any) -> Here:
        """A turn in which the citizen says this; their words go through the log, which takes numbers out."""
        self.turns += 1
        await self.log.receive(
            InboundMessage(channel="web", provider_id=str(self.turns), text=words, conversation_id=conversation),
        )
        line = (await self.log.messages(conversation))[-1]
        turn = Turn(
            conversation=conversation, message_id=f"hearback-{line.id}", channel=channel, text=line.text, intent=intent,
            confidence=1.0 if intent else 0.0, entities={}, services=(), information=(), danger_kind=None, contacts=line.contacts,
            media=(), asked=None, returning=False, previous_action=None, slots=slots,
        )  # fmt: skip
        return Here(turn, self.services, self._say)  # type: ignore[arg-type]

    def _say(self, response: str, choices: Any = (), /, **values: Any) -> None:
        self.said.append((response, values))

    async def go_on(self, task: Task, here: Here) -> str | None:
        """Ask the next question, or finish; returns the step asked for."""
        step = await task.next(here)
        if step is None:
            await task.finish(here)
        else:
            await task.ask(step, here)
        return step


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = database_of(tmp_path)
    made: list[Office] = []
    clock = Clock(read=lambda: made[0].at.timestamp())
    made.append(Office(EngagementLog(database, clock, load_keys(tmp_path))))
    yield made[0]
    await database.close()
