"""The client of the rounds system: read leniently, and every way to fail is one of our errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backoffice.bin_records import BulkyRules, Collection, Container, Missed
from backoffice.bins import Bins
from backoffice.errors import BackOfficeUnavailable, NotFound
from backoffice.sandbox.app import make_app
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings

EVENING = datetime(2026, 5, 19, 16, 30, tzinfo=UTC)  # Tuesday, 17:30 in Ashdown
TUESDAY = date(2026, 5, 19)
Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def bins(tmp_path: Path, http: aiohttp.ClientSession) -> AsyncIterator[Bins]:
    settings = replace(Settings.from_environ({}), home=tmp_path)
    server = TestServer(make_app(settings, load_keys(tmp_path), Clock(read=EVENING.timestamp)))
    await server.start_server()
    yield Bins(http, url=str(server.make_url("/bins")))
    await server.close()


@pytest.fixture
async def answering(http: aiohttp.ClientSession) -> AsyncIterator[Callable[[Answering], Awaitable[Bins]]]:
    """A client of a rounds system that answers everything in one way."""
    servers: list[TestServer] = []

    async def start(handler: Answering) -> Bins:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", handler)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        return Bins(http, url=str(servers[-1].make_url("/")))

    yield start
    for server in servers:
        await server.close()


async def test_homes_collections_and_containers(bins: Bins) -> None:
    (home,) = await bins.households("12 mill ln, AD12BC")
    assert home.address == "12 Mill Lane, AD1 2BC"
    coming = await bins.collections(home.uprn)
    assert {one.on for one in coming[:2]} == {TUESDAY} and {one.state for one in coming[:2]} == {"collected"}
    assert [one.on for one in coming if one.moved and one.container == "food"] == [date(2026, 5, 27)]
    assert (await bins.collections(home.uprn, since=date(2026, 5, 11)))[0].on == date(2026, 5, 12)
    names = {one.key: (one.name, one.price, one.delivery_days) for one in await bins.containers()}
    assert names["refuse"] == ("Black wheelie bin", 35.0, 10)
    with pytest.raises(NotFound):
        await bins.collections("1")


async def test_a_missed_bin_is_asked_about_reported_and_known(bins: Bins) -> None:
    (home,) = await bins.households("12 mill lane")
    before = await bins.missed(home.uprn, "food")
    assert (before.day, before.reason, before.working_days) == (TUESDAY, "", 3)
    assert before.report_from == datetime(2026, 5, 19, 16, tzinfo=UTC)
    for _ in range(2):
        await bins.report_missed(home.uprn, "food", day=TUESDAY, reported_as="ASH-104233")
    after = await bins.missed(home.uprn, "food")
    assert (after.reason, after.reference) == ("already_reported", "ASH-104233")
    await bins.report_missed(home.uprn, "refuse", day=date(2026, 5, 12), reported_as=None)


async def test_slots_with_places_and_the_rules_of_bulky_waste(bins: Bins) -> None:
    slots = await bins.bulky_slots()
    assert slots and all(slot.places > 0 and slot.period in {"morning", "afternoon"} for slot in slots)
    rules = await bins.bulky_rules()
    assert dict(rules.prices)[3] == 39.0 and rules.percent == 50 and "Pianos" in rules.not_taken


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 502, 503])
async def test_every_bad_status_is_unavailable(answering: Any, status: int) -> None:
    async def bad(request: web.Request) -> web.Response:
        return web.json_response({"error": "no"}, status=status)

    with pytest.raises(BackOfficeUnavailable):
        await (await answering(bad)).containers()


async def test_garbage_and_a_broken_line_are_unavailable(answering: Any) -> None:
    async def garbage(request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="application/json")

    async def drop(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def null(request: web.Request) -> web.Response:
        return web.json_response(None)

    for handler in (garbage, drop):
        with pytest.raises(BackOfficeUnavailable):
            await (await answering(handler)).bulky_slots()
    empty = await answering(null)
    assert await empty.households("12 Mill Lane") == await empty.containers() == []
    with pytest.raises(BackOfficeUnavailable):
        await empty.bulky_rules()


def test_rows_are_read_leniently() -> None:
    assert Collection.read({"date": "2026-05-27T00:00:00Z", "container": "food", "round": "tu-a"}) == Collection(
        on=date(2026, 5, 27), container="food", state="due", round="tu-a"
    )
    assert Collection.read({"date": "soon", "container": "food"}) is None
    assert Container.read({"container": 7, "price": "12.5", "name": None}) == Container(key="7", name="7", price=12.5)
    assert Missed.read({"reason": None, "date": None}) == Missed(day=None, reason="")
    assert BulkyRules.read({"prices": [{"items": "1", "price": "25"}, {"items": None}], "concession": None}).prices == ((1, 25.0),)
    assert not Collection(on=date(2026, 5, 27), container="food", state="due").moved
