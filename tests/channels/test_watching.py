"""Requests are watched in the back office, however it answers: nothing is missed and nothing doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from back_office import BackOffice
from databases import database_of
from watched import Watched

from backoffice import georeport
from backoffice.open311 import Open311Client
from backoffice.states import CLOSED, state_of
from channels.signals import Signals
from channels.watching import Watcher
from engagement.log import EngagementLog
from engagement.values import InboundMessage
from hearback.clock import Clock
from hearback.keys import load_keys

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@dataclass(kw_only=True)
class World(Watched):
    office: BackOffice
    open311: Open311Client
    clock: Clock
    at: datetime = START

    def __post_init__(self) -> None:
        self.signals = Signals()
        self.begin_again()

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    async def look(self, **after: float) -> None:
        self.move(**after)
        await self.watcher.look()

    def happens(self, status: str, reference: str = "ASH-1", words: str = "") -> None:
        self.office.happens(reference, status, self.at, words)

    def begin_again(self) -> None:
        """The process was killed and started anew: what stood in memory is gone."""
        self.watcher = Watcher(self.log, self.open311, self.signals, self.clock)


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: Any) -> AsyncIterator[World]:
    monkeypatch.setattr(georeport, "PAUSE", 0.001)
    monkeypatch.setattr(georeport, "TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    database = database_of(tmp_path)
    office = BackOffice()
    world: World
    clock = Clock(read=lambda: world.at.timestamp())
    async with TestServer(office.app()) as server, aiohttp.ClientSession() as session:
        open311 = Open311Client(session, url=str(server.make_url("/v2")), api_key="key")
        log = EngagementLog(database, clock, load_keys(tmp_path))
        world = World(log, database, START, office=office, open311=open311, clock=clock)
        yield world
    await database.close()


CHANGES = ("INVESTIGATING", "ACTION_SCHEDULED", "FIXED", "REOPEN", "IN_PROGRESS", "CLOSED", "REOPEN", "NO_FURTHER_ACTION")
MODES = ("well", "slow", "wrong", "away", "wrong", "slow", "away", "well")


async def test_twenty_requests_at_different_stages_and_a_server_of_moods(world: World) -> None:
    """Each lives through the changes from a stage of its own on, an hour apart; the server's mood changes every two hours."""
    stories: dict[str, list[str]] = {}
    for number in range(20):
        reference = f"ASH-{number}"
        stories[reference] = list(CHANGES[number % len(CHANGES) :]) if number % len(CHANGES) != 3 else list(CHANGES)
        world.happens("OPEN", reference)
        world.office.updates.clear()
        await world.request(reference)
    told: dict[str, list[str]] = {reference: [] for reference in stories}
    for step in range(16 * 6):  # ten minutes each
        world.office.mode = MODES[step // 12]
        for number, (reference, story) in enumerate(stories.items()):
            if step % 6 == number % 6 and len(told[reference]) < len(story):
                status = story[len(told[reference])]
                told[reference].append(status)
                world.happens(status, reference, words=f"{status} of {reference}")
        await world.look(minutes=10)
        if step % 40 == 20:
            world.begin_again()
    for _ in range(30):
        await world.look(hours=1)
    for reference, story in stories.items():
        assert told[reference] == story
        words = [state_of(status).word for status in story]
        assert await world.events("progress", reference) == words, reference
        row = await world.row(reference)
        assert (row.progress, row.status) == (words[-1], "closed" if words[-1] in CLOSED else "open"), reference
        ends = [word for word in words if word in CLOSED]
        declared = [one.declared for one in await world.rounds(reference)]
        begun = sum(now == "open" and before in CLOSED for before, now in zip(words, words[1:], strict=False))
        assert len(declared) == begun + 1, reference
        assert [one for one in declared if one] == ends, reference
        assert (await world.events("declared", reference))[-1:] == ends[-1:], reference
        assert row.watch_failures == 0


async def test_a_change_is_seen_within_minutes_and_rings_for_those_who_tell(world: World) -> None:
    world.happens("OPEN")
    await world.request()
    await world.look()
    async with world.signals.listen("outcomes") as bell:
        await world.look(minutes=5)
        assert not bell.is_set()
        world.happens("ACTION_SCHEDULED", words="Crew on Tuesday")
        await world.look(minutes=6)
        assert bell.is_set()
    row = await world.row()
    assert (row.progress, row.detailed_status, row.status_notes) == ("scheduled", "ACTION_SCHEDULED", "Crew on Tuesday")


async def test_without_a_list_of_updates_looking_is_enough_for_what_lasts(world: World) -> None:
    world.office.feed = False
    world.happens("OPEN")
    await world.request()
    await world.look()
    world.happens("CLOSED", words="Filled.")
    await world.look(minutes=6)
    await world.look(minutes=6)
    world.happens("OPEN", words="Sank again")
    await world.look(minutes=6)
    assert [one.declared for one in await world.rounds()] == ["done", None]
    assert await world.events("progress") == ["done", "open"]
    assert world.office.calls["servicerequestupdates"] == 1  # it is asked again after an hour


@pytest.mark.parametrize("lists", ["well", "ignored", "refused", "first"])
async def test_servers_that_make_nothing_of_lists_are_asked_one_by_one(world: World, lists: str) -> None:
    world.office.lists, world.office.feed = lists, False
    for number in range(6):
        world.happens("CLOSED" if number != 3 else "OPEN", f"ASH-{number}")
        await world.request(f"ASH-{number}")
    world.happens("CLOSED", "THEIRS-1")
    await world.request("ASH-404")
    await world.look()
    seen = [(await world.row(f"ASH-{number}")).status for number in range(6)]
    assert seen == ["closed", "closed", "closed", "open", "closed", "closed"]
    assert (await world.row("ASH-404")).watch_failures == 1


async def test_many_are_asked_for_in_few_calls(world: World) -> None:
    for number in range(120):
        world.happens("OPEN", f"ASH-{number}")
        await world.request(f"ASH-{number}")
    world.office.updates.clear()
    await world.look()
    assert world.office.calls["requests"] == 3
    assert max(len(one) for one in world.office.asked) < 1500


async def test_one_that_is_not_there_is_looked_at_ever_more_rarely_and_never_lost(world: World) -> None:
    await world.request()
    for _ in range(30 * 12):
        await world.look(hours=2)
    asked = world.office.calls["requests"]
    assert asked < 30
    world.happens("CLOSED")
    for _ in range(8):
        await world.look(days=1)
    assert (await world.row()).status == "closed"


async def test_how_often_a_quiet_request_is_looked_at(world: World) -> None:
    world.office.feed = False
    world.happens("OPEN")
    await world.request()
    looks = []
    for days in (1, 10, 40):
        world.move(days=days - (world.at - START).days)
        await world.look()
        before = world.office.calls["requests"]
        for _ in range(24 * 12 + 12):
            await world.look(minutes=5)
        looks.append(world.office.calls["requests"] - before)
    assert looks == [300, 25, 1]


async def test_half_a_year_after_its_end_a_request_is_looked_at_no_more(world: World) -> None:
    world.office.feed = False
    world.happens("CLOSED")
    await world.request()
    for _ in range(200):
        await world.look(days=1)
    assert (await world.row()).watch_at is None
    before = world.office.calls.total()
    await world.look(days=1)
    assert world.office.calls.total() == before


async def test_idle_asks_the_back_office_nothing_and_the_log_once(world: World) -> None:
    world.happens("OPEN")
    await world.request()
    await world.look()
    calls, reads = world.office.calls.total(), world.database.asked.total()
    for _ in range(20):
        await world.look(seconds=1)
    assert world.office.calls.total() == calls
    assert world.database.asked.total() - reads <= 20


async def test_while_it_is_away_it_is_asked_ever_more_rarely(world: World) -> None:
    for number in range(30):
        world.happens("OPEN", f"ASH-{number}")
        await world.request(f"ASH-{number}")
    world.office.mode = "away"
    for _ in range(60 * 6):
        await world.look(minutes=1)
    assert world.office.calls.total() < 300
    world.office.mode = "well"
    world.happens("CLOSED", "ASH-29")
    await world.look(hours=1)
    assert (await world.row("ASH-29")).status == "closed"


async def test_an_outage_of_half_a_year_is_read_up_window_by_window(world: World) -> None:
    world.happens("OPEN")
    await world.request()
    await world.look()
    for status in ("CLOSED", "REOPEN", "CLOSED"):
        world.move(days=60)
        world.happens(status)
    await world.look(minutes=1)
    assert [one.declared for one in await world.rounds()] == ["done", "done"]
    windows = [one for one in world.office.asked if "servicerequestupdates" in one]
    assert len(windows) >= 4


async def test_a_token_is_asked_until_it_has_a_reference(world: World) -> None:
    world.office.tokens["T1"] = (3, "ASH-77")
    world.happens("OPEN", "ASH-77")
    await world.request(None, token="T1")
    for _ in range(4):
        await world.look(minutes=10)
    (first,) = await world.rounds("ASH-77")
    assert first.reference == "ASH-77" and world.office.calls["tokens"] == 4
    world.happens("CLOSED", "ASH-77")
    await world.look(minutes=10)
    assert (await world.row("ASH-77")).status == "closed"


@pytest.mark.parametrize("token", ["T9", None])
async def test_where_no_token_helps_the_tag_tells_which_request_is_ours(world: World, token: str | None) -> None:
    key = await world.request(None, token=token)
    (request,) = await world.log.watch.due(1)
    world.happens("OPEN", "ASH-5")
    world.happens("OPEN", "ASH-6")
    world.office.requests["ASH-6"]["description"] = f"Hole\n[{request.tag}]"
    await world.look()
    assert (await world.row("ASH-6")).key == key


async def test_a_service_without_references_is_given_up_after_a_week(world: World) -> None:
    await world.request(None)
    for _ in range(10):
        await world.look(days=1)
    assert not await world.log.watch.anything()


async def test_a_state_that_nobody_knows_is_cleared_up_by_the_request_itself(world: World) -> None:
    world.happens("OPEN")
    await world.request()
    await world.look()
    world.happens("Gully jetted")
    world.office.requests["ASH-1"]["status"] = "closed"
    await world.look(minutes=6)
    await world.look(minutes=6)
    row = await world.row()
    assert (row.progress, row.detailed_status) == ("done", "Gully jetted")


async def test_what_citizens_said_is_told_to_the_back_office_once(world: World) -> None:
    world.office.outcomes = []
    world.happens("OPEN")
    await world.request()
    world.happens("CLOSED")
    await world.look()
    (first,) = await world.rounds()
    await world.log.outcomes.answer(first.id, "not_fixed", key="m1", channel="sms", words="still there mate")
    for _ in range(5):
        await world.look(minutes=6)
    (said,) = world.office.outcomes
    assert {name: said[name] for name in ("service_request_id", "outcome", "channel", "round")} == {
        "service_request_id": "ASH-1", "outcome": "not_fixed", "channel": "sms", "round": "1"
    }  # fmt: skip
    assert "mate" not in str(said)
    world.office.mode = "away"
    await world.log.outcomes.answer(first.id, "fixed", key="m2", channel="web")
    await world.look(minutes=6)
    world.office.mode = "well"
    for _ in range(5):
        await world.look(minutes=6)
    assert [one["outcome"] for one in world.office.outcomes] == ["not_fixed", "fixed"]


async def test_a_server_without_outcomes_is_asked_once_a_day(world: World) -> None:
    world.happens("OPEN")
    await world.request()
    world.happens("CLOSED")
    await world.look()
    (first,) = await world.rounds()
    await world.log.outcomes.answer(first.id, "fixed", key="m1", channel="sms")
    for _ in range(24 * 3):
        await world.look(hours=1)
    assert world.office.calls["outcomes"] == 3
    world.office.outcomes = []
    for _ in range(25):
        await world.look(hours=1)
    assert len(world.office.outcomes) == 1


async def test_a_request_by_text_has_its_round_on_that_channel(world: World) -> None:
    inbound = InboundMessage(channel="sms", provider_id="SM1", text="hole", sender="+447700900111", received_by="+447700900000")
    received = await world.log.receive(inbound)
    await world.log.requests.open(
        key="text", conversation_id=received.conversation_id, service_code="POTHOLE", service_name="Pothole", report={}, updates=True
    )
    await world.log.requests.sent("text", reference="ASH-1", token=None, service_notice=None, told=True)
    world.happens("CLOSED")
    await world.look()
    (first,) = await world.rounds()
    assert (first.channel, first.declared) == ("sms", "done")
