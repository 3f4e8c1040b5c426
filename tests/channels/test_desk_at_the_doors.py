"""What colleagues say reaches citizens: by the bell at once, without it soon; only this installation's console can ring."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from databases import database_of
from doors import Doors
from text_world import text_world
from yarl import URL

from channels.keys import KEYS, SETTINGS
from channels.signals import Signals
from channels.waiting import Waiter
from engagement.desk_values import Colleague
from engagement.log import EngagementLog
from engagement.values import Reply
from hearback.bells import HEADER, PATH, Bell
from hearback.clock import Clock
from hearback.keys import load_keys

TEAM = "customer_services"
LINE = Reply(text="You are now talking to Sam", author="system")


async def sam(log: EngagementLog) -> Colleague:
    await log.staff.add("sam", "x", "agent")
    person = await log.staff.by_name("sam")
    assert person
    return replace(await log.desk.colleague(person.id), name="Sam")


def bell_of(doors: Doors, home: Path) -> Bell:
    port = URL(doors.url).port
    assert port
    return Bell(replace(doors.app[SETTINGS], port=port), load_keys(home))


async def events(doors: Doors, token: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
    async with doors.http.get(f"{doors.url}/api/chat/events", headers=headers) as answer:
        kind = ""
        async for raw in answer.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)


async def heard(line: AsyncIterator[tuple[str, dict[str, Any]]], kind: str, within: float, **what: str) -> dict[str, Any]:
    async with asyncio.timeout(within):
        async for each, told in line:
            if each == kind and what.items() <= told.items():
                return told
    raise AssertionError(what)


async def test_a_reply_is_in_the_chat_within_a_second_of_the_bell(doors: Doors, tmp_path: Path) -> None:
    token, colleague, bell = await doors.begin(), await sam(doors.log), bell_of(doors, tmp_path)
    conversation = (await doors.call("GET", "/api/chat/session", token=token)).body["conversation"]
    line = events(doors, token)
    await heard(line, "state", 5, state="open")
    await doors.log.desk.claim(conversation, colleague, team=TEAM, line=LINE)
    assert await bell.ring(conversation)
    assert (await heard(line, "state", 1, state="with_staff"))["by"] == "Sam"
    assert (await heard(line, "message", 1, author="system"))["text"] == LINE.text
    await doors.log.desk.reply(conversation, colleague, text="Hello Jo", form="f" * 32, seen=0)
    assert await bell.ring(conversation)
    assert (await heard(line, "message", 1, author="staff", text="Hello Jo"))["by"] == "Sam"
    page = await doors.call("GET", "/chat", headers={"Cookie": f"hearback_chat={token}", "Sec-Fetch-Site": "same-origin"})
    assert b"You are talking to Sam" in page.body and b"Hello Jo" in page.body
    written = await doors.call("GET", "/api/chat/transcript", token=token)
    assert b"Sam: Hello Jo" in written.body
    await bell.close()


async def test_without_the_bell_the_doors_find_it_by_themselves(doors: Doors) -> None:
    token, colleague = await doors.begin(), await sam(doors.log)
    conversation = (await doors.call("GET", "/api/chat/session", token=token)).body["conversation"]
    line = events(doors, token)
    await heard(line, "state", 5, state="open")
    await asyncio.sleep(0.5)
    await doors.log.desk.claim(conversation, colleague, team=TEAM, line=LINE)
    await heard(line, "state", 5, state="with_staff")


async def test_nobody_else_rings(doors: Doors, tmp_path: Path) -> None:
    key, given = doors.app[KEYS].bell_key, {"conversation": "0" * 32}
    for headers in ({}, {HEADER: "x"}, {HEADER: key, "X-Forwarded-For": "203.0.113.7"}, {HEADER: key, "Forwarded": "for=203.0.113.7"}):
        assert (await doors.call("POST", PATH, json=given, headers=headers)).status == 404, headers
    assert (await doors.call("POST", PATH, json=given, headers={HEADER: key})).status == 204
    assert (await doors.call("POST", PATH, json={"conversation": "../x"}, headers={HEADER: key})).status == 400
    bell = Bell(replace(doors.app[SETTINGS], port=1), load_keys(tmp_path))
    assert not await bell.ring("0" * 32), "doors that are away are no error"
    await bell.close()


async def test_a_text_of_a_colleague_goes_out_whole_under_their_name(tmp_path: Path) -> None:
    async with text_world(tmp_path) as world:
        conversation = await world.reply(1, "Hello")
        await world.becomes(conversation, "sent")
        colleague = await sam(world.log)
        await world.log.desk.claim(conversation, colleague, team=TEAM, line=LINE)
        long = "Sam, Ashdown Borough Council: " + "we will come back on Thursday. " * 25
        await world.log.desk.reply(conversation, colleague, text=long.strip(), form="f" * 32, seen=10)
        world.signals.ring("outbox")
        await world.becomes(conversation, "delivered", "delivered", "delivered")
        assert await world.arrived(1) == ["Hello", LINE.text, long.strip()]


async def test_who_waits_too_long_is_told_once_and_only_while_the_team_is_open(tmp_path: Path) -> None:
    at = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    database, clock, signals = database_of(tmp_path), Clock(read=lambda: at.timestamp()), Signals()
    log = EngagementLog(database, clock, load_keys(tmp_path))
    waiter = Waiter(log, signals, clock)
    _, conversation, _ = await log.chats.start(Reply(text="Hello"))
    await log.handovers.open(conversation.id, key="t", reason="talk_to_person")

    async def told() -> list[Any]:
        await waiter.look()
        return [line for line in await log.messages(conversation.id) if line.choices]

    at += timedelta(minutes=9)
    assert await told() == []
    at += timedelta(minutes=2)
    (line,) = await told()
    assert line.text.startswith("I'm sorry, this is taking longer")
    assert [one.title for one in line.choices] == ["Call me", "Back to the assistant"]
    at += timedelta(hours=1)
    assert len(await told()) == 1
    at = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    _, late, _ = await log.chats.start(Reply(text="Hello"))
    await log.handovers.open(late.id, key="n", reason="talk_to_person")
    at = datetime(2026, 11, 25, 9, 5, tzinfo=UTC)
    await waiter.look()
    assert len(await log.messages(late.id)) == 1, "minutes count from when the team came in"
    at = datetime(2026, 11, 25, 9, 11, tzinfo=UTC)
    await waiter.look()
    assert len(await log.messages(late.id)) == 2
    await log.close()
