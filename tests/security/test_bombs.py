"""Bodies, heads and forms that are larger than they look cost little and end in a refusal."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import resource
import time
import zlib
from typing import Any

import aiohttp
import pytest
from doors import Doors

MEGABYTE = 1024 * 1024
JSON = {"Content-Type": "application/json"}
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
DEEP = {
    "lists": b"[" * 30_000,
    "objects": b'{"text":' * 3000,
    "whole": b"[" * 10_000 + b"]" * 10_000,
    "in a field": b'{"text":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "location": b'{"location":' + b'{"lat":' * 900 + b"1" + b"}" * 901,
    "number": b'{"client_id": ' + b"9" * 20_000 + b"}",
    "exponent": b'{"location": {"lat": 1e99999, "long": 1}}',
    "names": b"{" + b",".join(b'"a%d":1' % n for n in range(3000)) + b"}",
    "surrogate": b'{"text": "\\ud800"}',
    "bom": b'\xef\xbb\xbf{"text": "a"}',
    "utf-16": '{"text": "a"}'.encode("utf-16"),
    "nan": b'{"location": {"lat": NaN, "long": Infinity}}',
}
JSON_DOORS = ("sessions", "messages", "rating", "phone", "phone/code")


def most_memory() -> float:
    """The most that this process has had so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP.keys())
async def test_odd_json_is_refused_at_every_door(doors: Doors, body: bytes) -> None:
    token = await doors.begin()
    for door in JSON_DOORS:
        answer = await doors.call("POST", f"/api/chat/{door}", token=token, data=body, headers=JSON)
        assert answer.status in {201, 400, 401, 404, 409, 413, 422, 429}, (door, answer.status, answer.body)
        assert answer.status != 201 or door == "sessions"


async def test_oversize_bodies_are_refused_at_every_door(doors: Doors) -> None:
    token, large = await doors.begin(), b'{"text": "' + b"a" * MEGABYTE + b'"}'
    for door in JSON_DOORS:
        assert (await doors.call("POST", f"/api/chat/{door}", token=token, data=large, headers=JSON)).status == 413, door
    for path in ("/sms/inbound", "/sms/status", "/whatsapp/inbound", "/whatsapp/status"):
        assert (await doors.call("POST", path, data=b"Body=" + b"a" * MEGABYTE, headers=URLENCODED)).status == 413, path


def packed_zeros(coding: str, megabytes: int) -> bytes:
    """So many zeros in a thousandth of the room, made a piece at a time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if coding == "gzip" else 15)
    return b"".join([packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)]) + packer.flush()


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_body_that_unpacks_to_much_more_is_not_unpacked(doors: Doors, coding: str) -> None:
    token, bomb = await doors.begin(), packed_zeros(coding, 500)
    before, packed = most_memory(), {"Content-Encoding": coding}
    assert len(bomb) < MEGABYTE
    begun = time.monotonic()
    for path, kind in (
        ("/api/chat/messages", JSON),
        ("/api/chat/photos", {"Content-Type": "image/png"}),
        ("/sms/inbound", URLENCODED),
        ("/chat", URLENCODED),
    ):
        answer = await doors.call("POST", path, token=token, data=bomb, headers={**kind, **packed})
        assert 400 <= answer.status < 500, (path, answer.status)
    assert time.monotonic() - begun < 10
    assert most_memory() - before < 100


async def test_a_form_of_the_console_that_unpacks_to_much_more_is_not_unpacked(console: Any) -> None:
    bomb = gzip.compress(b"csrf=" + b"a" * 50 * MEGABYTE)[: 15 * 1024]
    for path in ("/sign-in", "/sign-in/code"):
        answer = await console.browser().send("POST", path, data=bomb, headers={**URLENCODED, "Content-Encoding": "gzip"})
        assert 400 <= answer.status < 500, (path, answer.status)


async def test_thousands_of_parts_in_a_form_are_refused_soon(doors: Doors, console: Any) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    bomb, kind = part * 100_000 + b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"}
    begun = time.monotonic()
    with contextlib.suppress(aiohttp.ClientConnectionError):  # refused while we still sent
        assert (await doors.call("POST", "/chat", data=bomb, headers=kind)).status in {403, 413}
    assert (await console.browser().send("POST", "/sign-in", data=bomb, headers=kind)).status in {413, 415}
    assert time.monotonic() - begun < 5
    conversation = await console.web_chat("hello")
    browser = await console.signed_in()
    begun = time.monotonic()
    reply = await browser.send("POST", f"/conversations/{conversation}/reply", data=bomb, headers=kind)
    assert reply.status in {400, 403, 413} and time.monotonic() - begun < 10


async def test_a_multipart_form_without_a_boundary_of_sane_length_is_refused(doors: Doors) -> None:
    for boundary in ("x" * 5000, '"', "\u00e9".encode().decode("latin-1")):
        answer = await doors.call(
            "POST", "/chat", data=b"--x\r\n\r\n", headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )
        assert 400 <= answer.status < 500


async def test_a_form_of_thousands_of_fields_is_refused(doors: Doors, console: Any) -> None:
    fields = b"&".join(b"a%d=b" % n for n in range(5000))
    for call in (
        doors.call("POST", "/sms/inbound", data=fields, headers=URLENCODED),
        console.browser().send("POST", "/sign-in", data=fields, headers=URLENCODED),
    ):
        assert 400 <= (await call).status < 500


async def raw(url: str, head: bytes) -> bytes:
    """The first line that comes back for a head written by hand; empty where the line was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        writer.write(head)
        await writer.drain()
        return await asyncio.wait_for(reader.readline(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


HEADS = {
    "one huge header": b"X-A: " + b"a" * 300_000 + b"\r\n",
    "many headers": b"".join(b"X-%d: a\r\n" % n for n in range(20_000)),
    "many cookies": b"".join(b"Cookie: c%d=a\r\n" % n for n in range(5000)),
    "a cookie without end": b"Cookie: hearback_chat=" + b"a=;" * 100_000 + b"\r\n",
    "a folded header": b"X-A: a\r\n b\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n",
    "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "an odd length": b"Content-Length: +5\r\n",
    "a header without a name": b": a\r\n",
    "a space before the colon": b"X-A : a\r\n",
    "nul in a header": b"X-A: a\0b\r\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("door", ["doors", "console"])
async def test_a_head_that_no_browser_sends_is_refused_and_others_are_answered(
    doors: Doors, console: Any, door: str, head: bytes
) -> None:  # fmt: skip
    url = doors.url if door == "doors" else console.url
    line = await raw(url, b"GET /chat HTTP/1.1\r\nHost: a.example\r\n" + head + b"\r\n")
    assert line == b"" or b" 4" in line[:12], line
    assert (await raw(url, b"GET /sign-in HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"))[9:10] in {b"2", b"4"}


async def test_a_target_without_end_is_refused(doors: Doors, console: Any) -> None:
    for url in (doors.url, console.url):
        assert b" 4" in (await raw(url, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a.example\r\n\r\n"))[:12]


async def test_many_cookies_that_fit_are_read_past(doors: Doors) -> None:
    token = await doors.begin()
    cookies = {"Cookie": "; ".join(f"c{n}={n}" for n in range(500)), "Sec-Fetch-Site": "same-origin"}
    assert (await doors.call("GET", "/api/chat/session", token=token, headers=cookies)).status == 200
