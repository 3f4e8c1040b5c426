"""The address of a picture leads to the public internet or nowhere, however it is written and whatever it leads on to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from doors import Doors
from yarl import URL

from channels import media
from channels.keys import PICTURES
from channels.media import Fetcher, NotReceived
from channels.twilio import TwilioAccount


class Inside:
    """A server of this machine that nobody outside may reach; it counts who came."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.authorization: list[str | None] = []
        self.port = 0
        self.leads_to = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        self.authorization.append(request.headers.get("Authorization"))
        if request.path.startswith("/redirect"):
            return web.Response(status=302, headers={"Location": self.leads_to})
        return web.Response(body=b"secret of the house")


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    server = Inside()
    app = web.Application()
    app.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.port = runner.addresses[0][1]
    yield server
    await runner.cleanup()


@pytest.fixture
async def fetcher(doors: Doors, inside: Inside, tmp_path: Path) -> AsyncIterator[Fetcher]:
    """Twilio's API is the server inside, so that what it leads on to is followed."""
    account = TwilioAccount("AC0", "token", "", "+441632960000", f"http://127.0.0.1:{inside.port}")
    async with aiohttp.ClientSession() as session:
        made = Fetcher(account, session, doors.app[PICTURES], public_url="https://chat.example")
        yield made
        await made.close()


PLACES = (
    "127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "127.0.0.1.", "localhost.", "127。0。0。1", "①②⑦.0.0.1", "user:word@127.0.0.1", "example.com@127.0.0.1", "169.254.169.254", "10.0.0.1",
    "[fd00:ec2::254]", "[64:ff9b::7f00:1]", "[::]",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("by", ["itself", "a redirect"])
async def test_no_way_leads_into_the_house(fetcher: Fetcher, inside: Inside, place: str, by: str) -> None:
    before = f"https://{place}" if place.startswith("[") or "@" in place else f"https://{place}"
    address = f"{before}:{inside.port}/secret"
    if by == "a redirect":
        inside.leads_to, address = address, f"http://127.0.0.1:{inside.port}/redirect"
    with pytest.raises((NotReceived, aiohttp.ClientError, OSError, ValueError)):
        async with asyncio.timeout(20):
            await fetcher._bytes(URL(address))
    assert "/secret" not in inside.asked


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://example.com/a", "ftp://example.com/a", "gopher://127.0.0.1/_", "//a", "a", ""]
)
async def test_only_https_is_fetched_elsewhere(fetcher: Fetcher, address: str) -> None:
    with pytest.raises((NotReceived, aiohttp.ClientError, ValueError)):
        await fetcher._bytes(URL(address))


async def test_redirects_end_and_the_token_goes_to_the_api_alone(fetcher: Fetcher, inside: Inside) -> None:
    inside.leads_to = f"http://127.0.0.1:{inside.port}/redirect"
    with pytest.raises(NotReceived):
        await fetcher._bytes(URL(inside.leads_to))
    assert len(inside.asked) == media.MOST_REDIRECTS + 1
    assert inside.authorization[0] and inside.authorization[1:] == [None] * media.MOST_REDIRECTS


async def test_a_name_that_changes_its_address_is_judged_where_the_line_is_made(fetcher: Fetcher, inside: Inside) -> None:
    """What the name stood for a moment ago counts for nothing: the socket itself is refused."""
    for family, where in ((socket.AF_INET, ("127.0.0.1", inside.port)), (socket.AF_INET6, ("::1", inside.port, 0, 0))):
        with pytest.raises(OSError, match="not a public address"):
            media._public_socket((family, socket.SOCK_STREAM, 0, "", where))
