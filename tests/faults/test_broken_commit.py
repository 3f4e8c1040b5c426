"""PostgreSQL goes away after a commit and before it said so: what was written down counts, is heard of, and is not done twice."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cut_line import CutLine, cut_line
from doors import Doors, open_doors

from hearback.bench import postgres
from hearback.chaos.product import until
from hearback.chaos.provider import ACCOUNT, COUNCIL, PUBLIC, TOKEN, Provider

PHONE = "+447700900123"
TURN: dict[str, Any] = {
    "intent": "greet", "confidence": 1.0, "entities": [], "intents": [], "services": [], "actions": [], "form": None, "language": "en",
    "told": {}, "journal": [], "messages": [{"text": "Hello", "buttons": []}],
}  # fmt: skip
OF_AN_ANSWER = b"UPDATE messages SET state="
OF_A_MESSAGE = b"ON CONFLICT (channel, provider_id)"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    try:
        postgres.programs()
    except postgres.NoPostgres as missing:
        pytest.skip(str(missing))
    with postgres.server() as url:
        yield url


@pytest.fixture
async def line(server: str) -> AsyncIterator[CutLine]:
    async with cut_line(int(server.rpartition(":")[2])) as line:
        yield line


@pytest.fixture
async def twilio() -> AsyncIterator[Provider]:
    async with Provider(1, lambda: datetime.now(UTC)) as twilio:
        yield twilio


@pytest.fixture
async def doors(tmp_path: Path, server: str, line: CutLine, twilio: Provider) -> AsyncIterator[Doors]:
    """The doors before an assistant that says hello to everybody, with a database at the end of a line that can be cut."""

    async def turn(request: web.Request) -> web.Response:
        return web.json_response(TURN)

    name = f"cut_{uuid.uuid4().hex}"
    administrator = await asyncpg.connect(f"{server.replace('+asyncpg', '')}/postgres")
    await administrator.execute(f"CREATE DATABASE {name}")
    await administrator.close()
    app = web.Application()
    app.router.add_post("/webhooks/hearback/turn", turn)
    async with TestServer(app) as rasa:
        settings = {
            "HEARBACK_RASA_PORT": str(rasa.port), "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": COUNCIL,
            "HEARBACK_TWILIO_API": twilio.url, "HEARBACK_PUBLIC_URL": PUBLIC,
            "HEARBACK_DATABASE_URL": f"postgresql+asyncpg://hearback@127.0.0.1:{line.port}/{name}",
        }  # fmt: skip
        async with open_doors(tmp_path, **settings) as running:
            twilio.doors = running.url
            yield running


async def sent(doors: Doors, token: str, name: uuid.UUID) -> int:
    body = {"text": "hello", "client_id": str(name)}
    return (await doors.call("POST", "/api/chat/messages", token=token, json=body)).status


async def test_an_answer_whose_commit_was_not_heard_reaches_who_waits_for_it(doors: Doors, line: CutLine) -> None:
    started = await doors.call("POST", "/api/chat/sessions")
    line.words, began = OF_AN_ANSWER, time.monotonic()
    body = {"text": "hello", "client_id": str(uuid.uuid4())}
    answer = await doors.call("POST", "/api/chat/messages?wait=20", token=started.body["token"], json=body)
    assert line.cuts == 1
    assert [one["text"] for one in answer.body["messages"]] == ["Hello"]
    assert time.monotonic() - began < 15, "they waited until their patience was over"
    lines = await doors.log.messages(started.body["conversation"])
    assert [one.text for one in lines if one.reply_to] == ["Hello"]


async def test_a_text_whose_commit_was_not_heard_goes_out_once(doors: Doors, line: CutLine, twilio: Provider) -> None:
    line.words = OF_AN_ANSWER
    assert await twilio.deliver(PHONE, "hello", sid="SM" + "0" * 32)
    assert await until(lambda: bool(twilio.texts_of(PHONE)), 15)
    await asyncio.sleep(1)
    assert line.cuts == 1 and [text.body for text in twilio.texts_of(PHONE)] == ["Hello"]


async def test_a_message_whose_commit_was_not_heard_is_refused_and_answered_once_when_it_comes_again(doors: Doors, line: CutLine) -> None:
    started = await doors.call("POST", "/api/chat/sessions")
    token, conversation, name = started.body["token"], started.body["conversation"], uuid.uuid4()
    line.words = OF_A_MESSAGE
    assert await sent(doors, token, name) == 503 and line.cuts == 1
    assert await sent(doors, token, name) == 202

    async def answered() -> bool:
        return any(one.reply_to for one in await doors.log.messages(conversation))

    assert await until(answered, 10)
    lines = await doors.log.messages(conversation)
    assert [(one.author, one.text) for one in lines if one.author == "citizen" or one.reply_to] == [("citizen", "hello"), ("bot", "Hello")]
