"""Servers of the council that were broken into, or are broken: their answers cost little and end in our own errors."""

from __future__ import annotations

import resource
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from backoffice.bins import Bins
from backoffice.directory import Directory
from backoffice.errors import BackOfficeError
from backoffice.open311 import Open311Client
from backoffice.places import Gazetteer

MEGABYTE = 1024 * 1024


class Server:
    """Answers everything with the same body; remembers what was asked."""

    def __init__(self) -> None:
        self.url, self.asked, self.body = "", [], b""
        self.packed = self.endless = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.raw_path)
        headers = {"Content-Encoding": "gzip"} if self.packed else {}
        if not self.endless:
            return web.Response(body=self.body, content_type="application/json", headers=headers)
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        for _ in range(2000):
            await answer.write(b" " * MEGABYTE)
        return answer


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


Call = Callable[[str, aiohttp.ClientSession], Awaitable[Any]]
CALLS: dict[str, Call] = {
    "open311": lambda url, http: Open311Client(http, url=url).request("A-1"),
    "directory": lambda url, http: Directory(http, url=url).services({}),
    "gazetteer": lambda url, http: Gazetteer(http, url=url).in_postcode("AD1 2BC"),
    "bins": lambda url, http: Bins(http, url=url).bulky_rules(),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("how", ["packed", "endless"])
async def test_never_more_is_read_than_an_answer_can_have(server: Server, name: str, how: str) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    server.body = b"".join([packer.compress(b" " * MEGABYTE) for _ in range(300)]) + packer.flush()
    server.packed, server.endless = how == "packed", how == "endless"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    async with aiohttp.ClientSession() as http:
        try:
            await CALLS[name](server.url, http)
        except BackOfficeError:
            pass
        else:
            pytest.fail("this was taken for an answer")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before < 120


ODD = (
    b'{"contents": [{"id": "a", "name": "A", "service": "x", "location": ["y"], "schedules": "z"}], "total_pages": "many"}',
    b'{"contents": "x", "total_pages": {}}', b'[{"id": [], "name": {}}]', b'{"results": [{"LPI": {"USRN": [], "LAT": "x"}}]}',
    b'[[[[]]]]', b'"text"', b"null", b"[" * 900 + b"]" * 900, b"<a/>", b"\xff\xfe", b"",
)  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
async def test_odd_answers_are_our_own_errors(server: Server, name: str, body: bytes) -> None:
    server.body = body
    async with aiohttp.ClientSession() as http:
        try:
            await CALLS[name](server.url, http)
            if name == "directory":
                await Directory(http, url=server.url).near("AD1 2BC", 1000)
        except BackOfficeError as error:
            assert str(error) is not None


async def test_an_id_of_a_directory_is_no_path(server: Server) -> None:
    server.body = b'{"contents": [{"id": "../../admin?a=b#c", "name": "A"}, {"id": "..", "name": "B"}], "last_page": true}'
    async with aiohttp.ClientSession() as http:
        await Directory(http, url=f"{server.url}/hsds").services({})
    assert len(server.asked) == 2 and all(one.startswith("/hsds/services") for one in server.asked), server.asked
    assert "admin?" not in server.asked[1] and ".." not in server.asked[1].split("/")
