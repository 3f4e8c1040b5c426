"""Two doors, two workers and two Rasas: one worker is killed, the other cut off; every message is answered once and in order."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import pytest
from clients import WebChat
from proxy import Proxy
from sqlalchemy import select
from stack import free_ports, until
from world import Cluster, Door, cluster

from engagement.database import Database
from engagement.tables import messages
from hearback import training

WEB, TEXTS, LINES = 12, 8, 10
KEPT = "system"  # who says that a message is kept


@pytest.fixture
async def running(postgres_server: str, redis_server: str) -> AsyncIterator[Cluster]:
    assert await asyncio.to_thread(training.train) == 0
    async with cluster(postgres_server, redis_server) as made:
        yield made


async def rasas(made: Cluster) -> None:
    """Two machines with Rasa and its actions, as `hearback run --only` starts them."""
    ports = free_ports(("rasa1", "rasa2", "actions1", "actions2"))
    made.environ["HEARBACK_RASA_URLS"] = ",".join(f"http://127.0.0.1:{ports[name]}" for name in ("rasa1", "rasa2"))
    for number in "12":
        own = {"HEARBACK_RASA_PORT": str(ports[f"rasa{number}"]), "HEARBACK_ACTIONS_PORT": str(ports[f"actions{number}"])}
        made.start(f"rasa{number}", "-m", "hearback.cli", "run", "--only", "rasa,actions", **own)


def through(proxies: tuple[Proxy, Proxy], made: Cluster) -> dict[str, str]:
    """The same PostgreSQL and Redis, by lines that can be cut."""
    names = ("HEARBACK_DATABASE_URL", "HEARBACK_REDIS_URL")
    return {name: made.environ[name].replace(f":{port(made, name)}/", f":{one.port}/") for name, one in zip(names, proxies, strict=True)}


def port(made: Cluster, name: str) -> int:
    return urlsplit(made.environ[name]).port or 0


async def write(chat: WebChat, doors: list[Door], sent: list[float]) -> None:
    """A citizen who does not wait for answers, now at one door, now at the other."""
    for number, door in zip(range(LINES), itertools.cycle(doors), strict=False):
        chat.stack = door  # type: ignore[assignment]
        status, got = await chat.post(text="Hello" if number % 2 else "thank you")
        assert status == 202, got
        sent.append(time.monotonic())
        await asyncio.sleep(0.1)


async def text(made: Cluster, number: str, doors: list[Door]) -> None:
    for turn, door in zip(range(LINES), itertools.cycle(doors), strict=False):
        made.twilio.doors = door.url
        assert await made.twilio.deliver(number, "Hello" if turn % 2 else "thank you") == 200
        await asyncio.sleep(0.1)


async def lines(made: Cluster) -> list[Any]:
    database = Database(made.environ["HEARBACK_DATABASE_URL"])
    try:
        return list(await database.read(lambda connection: connection.execute(select(messages).order_by(messages.c.id)).all()))
    finally:
        await database.close()


async def test_every_message_is_answered_once_and_in_order_whoever_dies(running: Cluster) -> None:
    made = running
    made.twilio.public = made.environ["HEARBACK_PUBLIC_URL"]
    async with AsyncExitStack() as held:
        proxies = [await held.enter_async_context(Proxy(port(made, name))) for name in ("HEARBACK_DATABASE_URL", "HEARBACK_REDIS_URL")]
        await rasas(made)
        doors = [await made.door("doors1"), await made.door("doors2")]
        workers = [await made.worker("worker1"), await made.worker("worker2", **through((proxies[0], proxies[1]), made))]
        await made.is_ready(*(door.url for door in doors), *workers)
        await across(doors)

        sent: list[float] = []
        chats = [await WebChat(doors[0]).start() for _ in range(WEB)]  # type: ignore[arg-type]
        numbers = [f"+4477009003{number:02}" for number in range(TEXTS)]
        writing = [asyncio.create_task(write(chat, doors, sent)) for chat in chats]
        writing += [asyncio.create_task(text(made, number, doors)) for number in numbers]
        await until(lambda: len(sent) > WEB * LINES / 3, 60, "a third of the messages")
        made.kill("worker1")
        killed = time.monotonic()
        await asyncio.sleep(2)
        await made.worker("worker3")
        await until(lambda: len(sent) > WEB * LINES * 2 / 3, 60, "two thirds of the messages")
        for proxy in proxies:
            proxy.cut()
        await asyncio.sleep(12)
        for proxy in proxies:
            proxy.mend()
        await asyncio.gather(*writing)
        await made.all_answered(240)
        print(f"all answered {time.monotonic() - killed:.1f} s after the kill")  # noqa: T201
        await until(lambda: all_sent(made), 120, "every text to be sent")
        check(await lines(made), made)
        await a_rasa_goes(made, chats)


async def a_rasa_goes(made: Cluster, chats: list[WebChat]) -> None:
    """Its conversations go on with the other one, which knows what was said."""
    gone = made.processes.pop("rasa1")
    gone.terminate()
    await asyncio.to_thread(gone.wait, 20)
    answers = await asyncio.gather(*(chat.say("hello") for chat in chats))
    assert all(answer.messages for answer in answers)


async def across(doors: list[Door]) -> None:
    """Who waits at one door, and who listens at the other, hears the answer at once."""
    chat = await WebChat(doors[0]).start()  # type: ignore[arg-type]
    elsewhere = WebChat(doors[1])  # type: ignore[arg-type]
    elsewhere.token = chat.token
    heard: list[str] = []

    async def listen() -> None:
        async for _, message in elsewhere.events():
            heard.append(message["author"])

    listening = asyncio.create_task(listen())
    await until(lambda: len(heard) == 1, 10, "the greeting at the other door")
    began = time.monotonic()
    assert (await chat.say("hello")).messages
    await until(lambda: heard[1:2] == ["citizen"] and "bot" in heard[2:], 10, "the answer at the other door")
    print(f"the first answer, across processes, took {time.monotonic() - began:.2f} s")  # noqa: T201
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def all_sent(made: Cluster) -> bool:
    return not [row for row in await lines(made) if row.state in ("queued", "sending")]


def check(rows: list[Any], made: Cluster) -> None:
    asked = [row for row in rows if row.author == "citizen"]
    assert len(asked) == (WEB + TEXTS) * LINES + 1
    assert {row.state for row in asked} == {"answered"}
    said = [row for row in rows if row.reply_to is not None and row.author == "bot"]
    for whose in {row.conversation_id for row in asked}:
        questions = [row.id for row in asked if row.conversation_id == whose]
        answers = [row.reply_to for row in said if row.conversation_id == whose]
        assert [one for one, _ in groupby(answers)] == questions, "an answer is missing, doubled or out of order"
    for question in asked:
        assert len({row.created_at for row in said if row.reply_to == question.id}) == 1, "answered in two commits"
    texts = [row for row in rows if row.channel == "sms" and row.author != "citizen"]
    assert len({row.provider_id for row in texts}) == len(texts) == len(made.twilio.texts), "a text was sent twice or not at all"
    order = {text.sid: place for place, text in enumerate(made.twilio.texts)}
    for whose in {row.conversation_id for row in texts}:
        places = [order[row.provider_id] for row in texts if row.conversation_id == whose and not row.outreach]
        assert places == sorted(places)
