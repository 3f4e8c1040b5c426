"""The directory's client against small servers that behave like real ones: whole lists, heads only, endless pages, nonsense."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backoffice import support
from backoffice.directory import Directory
from backoffice.errors import BackOfficeUnavailable
from backoffice.support import Support

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "hsds"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def world() -> AsyncIterator[Any]:
    """serve(handler) → a client of a server that answers everything with that handler, and the paths that it was asked for."""
    opened: list[Any] = []

    async def serve(handler: Handler) -> tuple[Directory, list[str]]:
        asked: list[str] = []

        async def counted(request: web.Request) -> web.StreamResponse:
            asked.append(request.path)
            return await handler(request)

        app = web.Application()
        app.router.add_get("/{path:.*}", counted)
        server = TestServer(app)
        await server.start_server()
        session = aiohttp.ClientSession()
        opened.extend([session, server])
        return Directory(session, url=str(server.make_url("/hsds"))), asked

    yield serve
    for one in opened:
        await one.close()


def page(request: web.Request, rows: list[dict[str, Any]], size: int) -> web.Response:
    at = int(request.query["page"])
    contents = rows[(at - 1) * size : at * size]
    return web.json_response({"contents": contents, "total_pages": -(-len(rows) // size), "last_page": at * size >= len(rows)})


def rows_of(many: int) -> list[dict[str, Any]]:
    return [{"id": f"s{at}", "name": f"Service {at}", "status": "active", "phones": []} for at in range(many)]


async def test_every_page_is_read_and_what_is_over_is_left_out(world: Any) -> None:
    rows = [*rows_of(7), {"id": "x", "name": "Old", "status": "defunct", "phones": []}, {"id": None, "name": "Nameless"}]

    async def handler(request: web.Request) -> web.StreamResponse:
        return page(request, rows, 2)

    client, asked = await world(handler)
    assert [one.name for one in await client.services({})] == [f"Service {at}" for at in range(7)]
    assert len(asked) == 5


async def test_a_server_that_gives_the_same_page_again_and_again_is_left(world: Any) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response({"contents": rows_of(2), "total_pages": 9999, "last_page": False})

    client, asked = await world(handler)
    assert len(await client.services({})) == 2 and len(asked) == 2


async def test_heads_are_followed_once_until_they_change(world: Any) -> None:
    modified = {"s0": "2026-01-01", "s1": "2026-01-01"}

    async def handler(request: web.Request) -> web.StreamResponse:
        heads = [{"id": id, "name": id, "status": "active", "last_modified": at} for id, at in modified.items()]
        if request.path == "/hsds/services":
            return page(request, heads, 100)
        one = next(head for head in heads if request.path.endswith(head["id"]))
        return web.json_response({**one, "phones": [{"number": "01632 960000"}]})

    client, asked = await world(handler)
    first = await client.services({})
    assert [one.phone for one in first] == ["01632 960000"] * 2
    known = {one.id: one for one in first}
    asked.clear()
    assert await client.services(known) == first and asked == ["/hsds/services"]
    modified["s1"] = "2026-02-02"
    asked.clear()
    await client.services(known)
    assert asked == ["/hsds/services", "/hsds/services/s1"]


@pytest.mark.parametrize("body", ["<html>", "", "{"])
async def test_nonsense_is_no_directory(world: Any, body: str) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body)

    client, _ = await world(handler)
    with pytest.raises(BackOfficeUnavailable):
        await client.services({})
    assert await client.near("AD1 2BC", 3000) is None


async def test_what_is_near_comes_by_service_nearest_first(world: Any) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        assert (request.query["postcode"], request.query["proximity"]) == ("AD2 4JA", "3000")
        pairs = [("a", "near"), ("b", "next"), ("a", "far")]
        return page(request, [{"id": f"{s}{at}", "service": {"id": s}, "location": {"id": at}} for s, at in pairs], 50)

    client, _ = await world(handler)
    assert await client.near("AD2 4JA", 3000) == {"a": ["near", "far"], "b": ["next"]}


def test_odd_records_are_read_for_what_they_say(tmp_path: Path) -> None:
    row = {
        "id": 7, "name": " Pop-in ", "status": "Temporarily Closed", "minimum_age": "60", "organization": None, "phones": None,
        "contacts": [{"phones": [{"number": " 01632 960001 "}]}], "schedules": [{"byday": "1TU,MO", "opens_at": "09:30:00"}, {}],
        "service_at_locations": [{"location": {"id": "l", "addresses": [{"address_1": "1 High Street", "postal_code": "AD1 1AA"}]}}, {}],
        "attributes": [{"taxonomy_term": None}, {"taxonomy_term": {"name": "Company"}}], "cost_options": [{"option": "£2"}],
    }  # fmt: skip
    one = Support.read(row)
    assert one is not None
    assert (one.id, one.name, one.closed, one.youngest, one.oldest) == ("7", "Pop-in", True, 60, None)
    assert (one.phone, one.when, one.days, one.cost, one.terms) == ("01632 960001", "1TU,MO 09:30", ("TU", "MO"), "£2", ("Company",))
    assert [(place.words, place.postcode) for place in one.places] == [("1 High Street, AD1 1AA", "AD1 1AA")]
    assert support.keep([one], tmp_path) and not support.keep([one], tmp_path)
    assert support.read(tmp_path) == {"7": one}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample answers in ../shared are not here")
@pytest.mark.parametrize("name", ["service_full", "hsds30_service_full"])
def test_the_sample_services_are_read(name: str) -> None:
    one = Support.read(json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8")))
    assert one is not None and one.name and one.organization and one.when and one.places and one.days and one.terms
