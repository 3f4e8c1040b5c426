"""The doors keep the council's retention schedule: once a day, in pieces, never what is open or held, and nothing by a rule nobody saw."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from camera import photo
from databases import database_of, stored

from channels.erasure import Eraser
from channels.inbox import Inbox
from channels.rasa import Rasa
from channels.retention import Retiring
from channels.signals import Signals
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.pictures import Pictures
from engagement.privacy.rules import RULES
from engagement.values import InboundMessage, Reply, Understanding
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.retention import schedule

BEGUN = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@dataclass
class World:
    log: EngagementLog
    database: Database
    home: Path
    rasa: Rasa
    pictures: Pictures
    at: datetime = BEGUN
    forgotten: list[str] = field(default_factory=list)

    def retiring(self) -> Retiring:
        return Retiring(self.log, self.rasa, self.pictures, Clock(read=lambda: self.at.timestamp()))

    async def rows(self, query: str) -> list[Any]:
        return await self.database.read(lambda connection: [tuple(row) for row in connection.exec_driver_sql(query)])

    async def chat(self, words: str, *, picture: bool = False) -> str:
        _, chat, _ = await self.log.chats.start(Reply(text="Hello"))
        media: tuple[dict[str, Any], ...] = ()
        if picture:
            kept = await self.pictures.keep(photo(), chat.id)
            media = ({"url": "x", "content_type": "image/jpeg", "photo": kept.id},)
        got = await self.log.receive(
            InboundMessage(channel="web", provider_id=f"{chat.id}:1", text=words, conversation_id=chat.id, media=media)
        )
        await self.log.answer(chat, got.id, Understanding(), [Reply(text="Thank you")])
        return chat.id


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A log, a photo folder, and a small server in Rasa's place that notes which memory it was asked to delete."""

    async def forget(request: web.Request) -> web.Response:
        running.forgotten.append(request.match_info["id"])
        return web.Response(status=204)

    async def ready(request: web.Request) -> web.Response:
        return web.json_response({"ready": True})

    app = web.Application()
    app.add_routes([web.delete("/webhooks/hearback/conversations/{id}", forget), web.get("/webhooks/hearback/ready", ready)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    database = database_of(tmp_path)
    clock = Clock(read=lambda: running.at.timestamp())
    log = EngagementLog(database, clock, load_keys(tmp_path), real=clock)
    async with aiohttp.ClientSession() as session:
        rasa = Rasa(session, url=f"http://127.0.0.1:{runner.addresses[0][1]}", token="t")
        running = World(log, database, tmp_path, rasa, Pictures(log, tmp_path))
        await log.staff.add("ada", "x", "admin")
        yield running
    running.pictures.close()
    await runner.cleanup()
    await log.close()


async def run(world: World, *, confirmed: bool = True) -> dict[str, int] | None:
    """A day's run by rules that were seen before, as of a house that has been there for long."""
    if confirmed:
        for name in RULES:
            await world.log.retention.confirm(name, schedule().days[name], staff_id=1)
    return await world.retiring().once()


async def test_words_go_after_their_time_and_what_is_open_or_held_or_newer_stays(world: World) -> None:
    old, open_, asks, held = [await world.chat(words) for words in ("old words", "open words", "asking words", "held words")]
    await world.log.requests.open(key="k", conversation_id=open_, service_code="P", service_name="P", report={"description": "open words"})
    await world.log.requests.sent("k", reference="R1", token=None, service_notice=None, told=True)
    await world.log.handovers.open(asks, key="h", reason="make_complaint", details={"words": "asking words"})
    await world.log.holds.place(f"conversation:{held}", "Claim 7", staff_id=1)
    world.at += timedelta(days=700)
    new = await world.chat("new words")
    world.at += timedelta(days=40)
    assert await run(world) == {}
    said = await world.rows("select conversation_id from messages where text like '% words'")
    assert {one for (one,) in said} == {open_, asks, held, new}
    assert await world.log.erasures.begun() == [old], "its photos and Rasa's memory are the eraser's"
    assert (await world.log.retention.runs())[0].gone["messages.words"] == 1
    assert set(world.forgotten) == {open_, asks}, "the assistant's memory goes sooner, but not of what is held or new"


async def test_a_house_that_was_never_asked_only_reports(world: World) -> None:
    await world.chat("old words")
    world.at += timedelta(days=900)
    waiting = await run(world, confirmed=False)
    assert waiting is not None and waiting["messages.words"] == 1 and "audit.rows" not in waiting
    assert await world.rows("select count(*) from messages where text = 'old words'") == [(1,)]
    world.at += timedelta(days=1)
    assert await run(world, confirmed=True) == {}
    assert await world.rows("select count(*) from messages where text = 'old words'") == [(0,)]


async def test_a_rule_that_became_shorter_only_reports_until_it_is_confirmed(world: World) -> None:
    await world.chat("old words")
    world.at += timedelta(days=200)
    assert await world.log.retention.allowed("messages.words", 730) == 0, "nothing would go by it: it is in use now"
    assert await world.log.retention.allowed("messages.words", 100) == 1, "a slip of the pen deletes nothing"
    assert await world.log.retention.allowed("messages.words", 1000) == 0
    await world.log.retention.confirm("messages.words", 100, staff_id=1)
    assert await world.log.retention.allowed("messages.words", 100) == 0


async def test_two_doors_do_one_run_a_day_and_one_that_died_is_taken_up(world: World) -> None:
    first, second = await asyncio.gather(world.log.retention.claim(), world.log.retention.claim())
    assert sorted((first is None, second is None)) == [False, True]
    world.at += timedelta(minutes=2)
    assert await world.log.retention.claim() is None
    world.at += timedelta(minutes=10)
    assert await world.log.retention.claim() is not None, "its process has written nothing for five minutes"
    await world.log.retention.end(int(first or second or 0), {})
    assert await world.retiring().once() is None
    world.at += timedelta(days=1)
    assert await world.retiring().once() == {}


async def test_photos_go_with_their_files_and_before_the_words(world: World) -> None:
    await world.chat("look at this", picture=True)
    assert len(list(world.home.glob("photos/*/*.jpg"))) == 1
    world.at += timedelta(days=400)
    await run(world)
    assert list(world.home.glob("photos/*/*.jpg")) == [] and await world.rows("select count(*) from photos") == [(0,)]
    ((chat,),) = await world.rows("select id from conversations")
    (media,) = [one.media for one in await world.log.messages(chat) if one.author == "citizen"]
    assert media == ()


async def test_windows_in_which_nothing_was_said_and_numbers_that_nothing_needs_go(world: World) -> None:
    await world.log.chats.start(Reply(text="Hello"))
    heard = await world.chat("call me on 07700 900123")
    world.at += timedelta(days=70)
    await run(world)
    assert await world.rows("select id from conversations") == [(heard,)]
    assert await world.rows("select count(*) from contacts") == [(1,)]
    world.at += timedelta(days=800)
    await run(world)
    assert await world.rows("select count(*) from contacts") == [(0,)]


async def test_many_go_in_pieces(world: World) -> None:
    for n in range(45):
        await world.chat(f"words {n}")
    world.at += timedelta(days=800)
    before = world.database.asked["_take"]
    await run(world)
    assert await world.rows("select count(*) from messages where text like 'words%'") == [(0,)]
    assert world.database.asked["_take"] - before >= 3 + len(RULES) - 1


async def test_who_deletes_what_is_held_is_told_so_and_it_goes_when_the_hold_is_lifted(world: World) -> None:
    chat = await world.chat("my words")
    hold = await world.log.holds.place(f"conversation:{chat}", "Claim 7", staff_id=1)
    signals = Signals()
    eraser = Eraser(world.log, world.rasa, Inbox(world.log, world.rasa, signals, None), world.pictures, signals)  # type: ignore[arg-type]
    assert not await eraser.erase(chat)
    said = await world.log.messages(chat)
    assert said[-1].author == "system" and "cannot delete this conversation yet" in said[-1].text and said[1].text == "my words"
    assert await world.log.erasures.awaited() == 1
    assert await world.log.holds.lift(hold, staff_id=1) == 1
    working = asyncio.create_task(eraser.run())
    async with asyncio.timeout(10):
        while await world.log.erasures.still_there([chat]):
            await asyncio.sleep(0.05)
    working.cancel()
    assert world.forgotten == [chat] and {one.text for one in await world.log.messages(chat)} == {""}
    assert await world.rows("select source, state from erasure_orders") == [("citizen", "done")]


async def test_words_of_a_chat_that_its_citizen_deletes_leave_the_index_of_words_within_seconds(world: World) -> None:
    for number in range(60):
        await world.chat(f"A pothole, number {number}")
    chat = await world.chat("zyzzyvas in Mill Lane")
    signals = Signals()
    eraser = Eraser(world.log, world.rasa, Inbox(world.log, world.rasa, signals, None), world.pictures, signals)  # type: ignore[arg-type]
    working = asyncio.create_task(eraser.run())
    assert await eraser.erase(chat)
    async with asyncio.timeout(15):
        while b"zyzzyvas" in stored(world.home):
            await asyncio.sleep(0.1)
    working.cancel()


async def test_what_a_run_wrote_holds_no_words(world: World) -> None:
    await world.chat("zyzzyva words")
    world.at += timedelta(days=900)
    await run(world)
    for one in await world.log.retention.runs():
        assert "zyzzyva" not in json.dumps(dataclasses.asdict(one), default=str)
