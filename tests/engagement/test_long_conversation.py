"""A conversation that goes on for months costs no more for each text: counted in the database's own steps, which no clock changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import about_sqlite
from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.values import InboundMessage, Reply, Understanding
from hearback.clock import Clock
from hearback.keys import load_keys

STEPS = 10  # of SQLite's virtual machine, between two calls of its progress handler
LIFE = 400


@contextlib.contextmanager
def counted() -> Iterator[list[int]]:
    """How often every connection made from now on has gone a few steps."""
    count = [0]

    def step() -> int:
        count[0] += 1
        return 0

    def watch(connection: Any, record: Any) -> None:
        connection.set_progress_handler(step, STEPS)

    event.listen(Pool, "connect", watch)
    try:
        yield count
    finally:
        event.remove(Pool, "connect", watch)


@contextlib.contextmanager
def statements() -> Iterator[dict[str, Any]]:
    """Every statement that is run, with the values of its first time."""
    seen: dict[str, Any] = {}

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        seen.setdefault(statement, values)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def one_text(log: EngagementLog, number: int) -> None:
    """The whole way of a text: written down, answered, the answer sent and its receipt applied."""
    received = await log.receive(
        InboundMessage(channel="sms", provider_id=f"SM{number}", text="hello", sender="+447700900123", received_by="+447700900000"),
        most_waiting=20,
    )
    found = await log.next_message(received.conversation_id)
    assert found and found.message.id == received.id
    assert await log.outbox.next_page(received.conversation_id, received.id, pages=lambda *_: 1) is None
    understood = Understanding(intent="greet", confidence=0.9, details={"form": "report_problem", "language": "en"})
    await log.answer(found.conversation, received.id, understood, [Reply(text="one"), Reply(text="two")])
    for _ in range(2):
        (one,) = await log.outbox.claim()
        await log.outbox.accepted(one.id, sid=f"SMout{one.id}", segments=1, cost=4.0)
        assert await log.outbox.receipt(message_id=one.id, sid=f"SMout{one.id}", status="delivered", error=None)
    assert len(await log.answers_to(received.id) or []) == 2
    assert await log.outbox.doubtful() == [] and await log.outbox.next_due() is None and await log.unanswered() == []


@pytest.fixture
async def life(tmp_path: Path) -> Any:
    """(steps of each text, statements that were run, the database) of a conversation of 400 texts."""
    with counted() as count, statements() as seen:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'hearback.db'}")
        await upgrade(database)
        seen.clear()
        log, steps = EngagementLog(database, Clock(), load_keys(tmp_path)), []
        for number in range(LIFE):
            before = count[0]
            await one_text(log, number)
            steps.append(count[0] - before)
        yield steps, dict(seen), database
        await database.close()


@about_sqlite
async def test_the_last_texts_of_a_long_conversation_cost_what_the_first_did(life: Any) -> None:
    steps, seen, database = life
    early, late = sum(steps[20:60]) / 40, sum(steps[340:400]) / 60
    assert 0 < late <= early * 1.2, f"{early * STEPS:.0f} steps early, {late * STEPS:.0f} late"

    def plans(connection: Any) -> list[str]:
        found = []
        for statement, values in seen.items():
            if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                found += [f"{row.detail}: {statement}" for row in rows if row.detail.startswith("SCAN messages")]
        return found

    assert await asyncio.wait_for(database.read(plans), 10) == [], "every line of every conversation would be read"
