"""Forms that no browser sends are refused, and never more of them is read than a form can have."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from doors import Doors

MULTIPART = "multipart/form-data"
FORM = "application/x-www-form-urlencoded"


async def endless(sent: list[int], size: int) -> AsyncIterator[bytes]:
    for n in range(100_000):
        sent[0] += size
        yield b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n%s\r\n' % (n, b"a" * size)


@pytest.mark.parametrize("size", [30_000, 1])
async def test_a_form_without_an_end_is_not_read_without_end(doors: Doors, size: int) -> None:
    sent = [0]
    headers = {"Content-Type": f"{MULTIPART}; boundary=x"}
    try:
        answer = await doors.call("POST", "/chat", data=endless(sent, size), headers=headers)
    except aiohttp.ClientConnectionError:
        pass  # the line was closed while we still sent
    else:
        assert answer.status == 413
    assert sent[0] < 100_000 * size


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (MULTIPART, b"hello"),
        (f"{MULTIPART}; boundary=", b"hello"),
        (f"{MULTIPART}; boundary=x", b"hello"),
        (f"{MULTIPART}; boundary=x", b"--x\r\nhello"),
        (
            f"{MULTIPART}; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=text\r\nContent-Transfer-Encoding: odd\r\n\r\nhi\r\n--x--",
        ),
        (FORM, b"text=\xff\xfe"),
        (f"{FORM}; charset=nonsense", b"text=hello"),
    ],
)
async def test_what_is_hardly_a_form_is_no_failure_of_ours(doors: Doors, kind: str, body: bytes) -> None:
    answer = await doors.call("POST", "/chat", data=body, headers={"Content-Type": kind})
    assert answer.status < 500
