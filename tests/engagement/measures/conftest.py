"""The same log on SQLite and on PostgreSQL, which runs for the tests where this machine has it; and what citizens do, in short."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import url_of
from sqlalchemy import Connection, create_engine

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.tables import metadata
from engagement.values import InboundMessage, Notice, Reply, Understanding


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(url_of(tmp_path, request.param))
    yield database
    await database.close()


class City:
    """Citizens and the back office, through the log's own verbs."""

    def __init__(self, log: EngagementLog, time: Any) -> None:
        self.log, self.time, self.number = log, time, 0

    async def text(self, sender: str, *journal: dict[str, Any], words: str = "hello") -> str:
        """A text of a citizen's and the assistant's answer; gives the conversation's id."""
        self.number += 1
        inbound = InboundMessage(channel="sms", provider_id=f"SM{self.number}", text=words, sender=sender, received_by="+441632960000")
        return await self._answered(inbound, *journal)

    async def chat(self, *journal: dict[str, Any], conversation: str | None = None) -> str:
        if conversation is None:
            _, opened, _ = await self.log.chats.start(Reply(text="Hello."))
            conversation = opened.id
        self.number += 1
        inbound = InboundMessage(channel="web", provider_id=f"{conversation}-{self.number}", text="hello", conversation_id=conversation)
        return await self._answered(inbound, *journal)

    async def _answered(self, inbound: InboundMessage, *journal: dict[str, Any]) -> str:
        got = await self.log.receive(inbound)
        found = await self.log.next_message(got.conversation_id)
        assert found
        heard = Understanding(intent="greet", confidence=0.9, details={"journal": list(journal)})
        await self.log.answer(found.conversation, got.id, heard, [Reply(text="Yes.")])
        return got.conversation_id

    async def request(self, conversation: str, service: str = "POTHOLE", *, partner: str | None = "Highways", **report: Any) -> str:
        """A request that the back office has; gives its reference."""
        self.number += 1
        key, reference = f"k{self.number}", f"ASH-{self.number}"
        await self.log.requests.open(
            key=key, conversation_id=conversation, service_code=service, service_name=service.title(), report=report
        )
        await self.log.requests.sent(key, reference=reference, token=None, service_notice=None, told=True, agency=partner)
        return reference

    async def done(self, reference: str, word: str = "done") -> None:
        await self.log.watch.noticed([Notice(reference=reference, source="poll", word=word, at=self.time.at)])

    async def asked(self, reference: str) -> None:
        """The question is put, whatever the hour."""
        outcome = await self.outcome(reference)
        self.time.move(days=5)
        assert await self.log.outcomes.ask(outcome.id, Reply(text="Is it fixed?"), within=outcome.conversation_id)
        self.time.move(days=-5)

    async def says(self, reference: str, answer: str, *, after_days: float = 0, remedy: str | None = None) -> None:
        outcome = await self.outcome(reference)
        self.time.move(days=after_days)
        await self.log.outcomes.answer(outcome.id, answer, key=f"turn{self.number}", channel=outcome.channel, remedy=remedy)
        self.time.move(days=-after_days)

    async def outcome(self, reference: str) -> Any:
        request = await self.log.requests.by_reference(reference)
        assert request
        return await self.log.outcomes.of_request(request.id)


@pytest.fixture
def city(log: EngagementLog, time: Any) -> City:
    return City(log, time)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
