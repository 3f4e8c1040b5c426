"""The ledger finds what is wrong: a run that adds up does, and each thing that may go wrong shows in its own line."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backoffice.sandbox.store import Store
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from engagement.values import InboundMessage, Reply, Understanding
from hearback.chaos.book import Book, Chat
from hearback.chaos.ledger import Line, add_up, read
from hearback.chaos.provider import Text
from hearback.clock import Clock
from hearback.keys import load_keys

PHONE, SID = "+447700900123", "SM" + "0" * 32


class World:
    """A short run: a web chat with a report, and a text with its answer."""

    def __init__(self, home: Path) -> None:
        self.home, self.book, self.texts = home, Book(), list[Text]()

    async def happen(self) -> None:
        database = Database(f"sqlite+aiosqlite:///{self.home / 'hearback.db'}")
        await upgrade(database)
        log = EngagementLog(database, Clock(), load_keys(self.home))
        _, chat, said = await log.chats.start(Reply(text="Hello"))
        self.book.chats[chat.id] = window = Chat(chat.id, [line.id for line in said], live=True)
        for words, answer in (("a pothole", "How big is it?"), ("larger", "Your reference is ASH-104201.")):
            mine = self.book.began("web", str(uuid.uuid4()))
            name = f"{chat.id}:{uuid.UUID(mine.name).hex}"
            received = await log.receive(InboundMessage(channel="web", provider_id=name, text=words, conversation_id=chat.id))
            lines = await log.answer(chat, received.id, Understanding(), [Reply(text=answer)])
            mine.taken = mine.answered = 1.0
            window.lines += [received.id, *(line.id for line in lines)]
        report = {"description": "a pothole"}
        request, _ = await log.requests.open(
            key="key", conversation_id=chat.id, service_code="POTHOLE", service_name="Pothole", report=report
        )
        await log.requests.sent("key", reference="ASH-104201", token=None, service_notice=None, told=True)
        self.book.references.append("ASH-104201")
        store = Store(self.home / "sandbox")
        self.add_request = lambda: store.add_request(_request(request.tag), {}, [])
        self.add_request()
        self.book.began("sms", SID).taken = 2.0
        received = await log.receive(
            InboundMessage(channel="sms", provider_id=SID, text="hello", sender=PHONE, received_by="+441632960100")
        )
        await log.answer(await log.conversation(received.conversation_id), received.id, Understanding(), [Reply(text="Hello")])
        (text,) = await log.outbox.claim()
        await log.outbox.accepted(text.id, sid="SM1")
        self.texts.append(Text("SM1", PHONE, "Hello", f"https://council.example/sms/status?message={text.id}", datetime.now(UTC), ""))
        await log.close()

    def change(self, sql: str) -> None:
        with closing(sqlite3.connect(self.home / "hearback.db")) as log:
            log.execute(sql)
            log.commit()

    def wrong(self) -> list[Line]:
        return [line for line in add_up(read(self.home), self.book, self.texts) if line.wrong]


def _request(tag: str) -> dict[str, object]:
    at = "2026-11-24T09:30:00Z"
    return {
        "token": None, "token_polls": 0, "status": "open", "service_name": "Pothole", "service_code": "POTHOLE",
        "description": f"a pothole\n[{tag}]", "requested_datetime": at, "updated_datetime": at,
    }  # fmt: skip


@pytest.fixture
async def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    await world.happen()
    return world


async def test_a_run_in_which_nothing_went_wrong_adds_up(world: World) -> None:
    assert world.wrong() == []


WRONGS: dict[str, tuple[str, Callable[[World], object]]] = {
    "a message is lost": (
        "every accepted message is in the log once",
        lambda world: setattr(world.book.began("web", str(uuid.uuid4())), "taken", 3.0),
    ),
    "a message has no answer": (
        "every message was answered exactly once",
        lambda world: world.change("UPDATE messages SET reply_to = NULL WHERE text = 'How big is it?'"),
    ),
    "a message has two answers": (
        "every message was answered exactly once",
        lambda world: world.change(
            "INSERT INTO messages (conversation_id, channel, author, text, state, attempts, created_at, state_at, reply_to, page) SELECT"
            " conversation_id, channel, author, text, state, attempts, created_at, state_at, reply_to, page FROM messages"
            " WHERE text = 'How big is it?'"
        ),
    ),
    "answers change places": (
        "answers stand in the order of the messages",
        lambda world: world.change(
            "UPDATE messages SET reply_to = (SELECT min(id) + max(id) FROM messages WHERE author = 'citizen' AND channel = 'web')"
            " - reply_to WHERE author = 'bot' AND channel = 'web' AND reply_to IS NOT NULL"
        ),
    ),
    "a window missed a line": ("every window saw every line once, in order", lambda world: _chat(world).lines.pop(1)),
    "a window saw a line twice": (
        "every window saw every line once, in order",
        lambda world: _chat(world).lines.append(_chat(world).lines[-1]),
    ),
    "the back office has it twice": ("every request is in the back office exactly once", lambda world: world.add_request()),
    "a citizen read a wrong reference": (
        "every citizen was told the reference of their report",
        lambda world: world.book.references.append("ASH-999999"),
    ),
    "a text came twice": ("every text was delivered once", lambda world: world.texts.append(world.texts[0])),
    "a text never came": ("every text was delivered once", lambda world: world.texts.clear()),
    "a message waits": (
        "nothing is left to do",
        lambda world: world.change("UPDATE messages SET state = 'queued' WHERE channel = 'sms' AND author = 'bot'"),
    ),
    "a report waits": ("nothing is left to do", lambda world: world.change("UPDATE requests SET state = 'kept'")),
    "a count is wrong": (
        "the files are sound, and counts agree with what they count",
        lambda world: world.change("UPDATE conversations SET message_count = message_count + 1"),
    ),
}  # fmt: skip


def _chat(world: World) -> Chat:
    (chat,) = world.book.chats.values()
    return chat


@pytest.mark.parametrize("name", WRONGS)
async def test_it_is_found_when(world: World, name: str) -> None:
    line, spoil = WRONGS[name]
    spoil(world)
    assert line in [one.title for one in world.wrong()]
