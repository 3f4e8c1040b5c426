"""A log with a citizen's requests in it, and what a test wishes to read of their rounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.tables import outcome_events, outcomes, requests
from engagement.values import Notice, Reply


@dataclass
class Watched:
    log: EngagementLog
    database: Database
    start: datetime
    chats: int = field(default=0)

    async def request(self, reference: str | None = "ASH-1", *, service: str = "POTHOLE", key: str = "", **sent: Any) -> str:
        """The key of a request that was sent just now, in a chat of its own."""
        _, conversation, _ = await self.log.chats.start(Reply(text="Hello"))
        self.chats += 1
        key = key or f"key-{self.chats}"
        await self.log.requests.open(
            key=key, conversation_id=conversation.id, service_code=service, service_name="Pothole", report={"description": "hole"},
            updates=True,
        )  # fmt: skip
        await self.log.requests.sent(key, reference=reference, token=sent.pop("token", None), service_notice=None, told=True, **sent)
        return key

    async def hear(self, word: str, *, after: float = 0, reference: str = "ASH-1", source: str = "feed", **more: Any) -> bool:
        """News dated `after` minutes from the start; whether it was any."""
        at = self.start + timedelta(minutes=after)
        if source == "poll":
            more.setdefault("seen_at", at)
        elif "update_id" not in more:
            more["update_id"] = f"{word}-{after}"
        return bool(await self.log.watch.noticed([Notice(reference=reference, source=source, word=word, at=at, **more)]))

    async def row(self, reference: str = "ASH-1") -> Any:
        return await self._one(select(requests).where(requests.c.reference == reference).order_by(requests.c.id).limit(1))

    async def rounds(self, reference: str = "ASH-1") -> list[Any]:
        return await self._all(select(outcomes).where(outcomes.c.reference == reference).order_by(outcomes.c.round, outcomes.c.id))

    async def events(self, fact: str, reference: str = "ASH-1") -> list[str]:
        query = (
            select(outcome_events.c.value)
            .join(outcomes, outcomes.c.id == outcome_events.c.outcome_id)
            .where(outcomes.c.reference == reference, outcome_events.c.fact == fact)
            .order_by(outcome_events.c.at, outcome_events.c.id)
        )
        return [row.value for row in await self._all(query)]

    async def _all(self, query: Any) -> list[Any]:
        return await self.database.read(lambda connection: list(connection.execute(query).all()))

    async def _one(self, query: Any) -> Any:
        return (await self._all(query))[0]
