"""Bodies of servers outside, of which never more is read than an answer can have."""

from __future__ import annotations

import aiohttp

LARGEST = 8 * 1024 * 1024


async def body_of(answer: aiohttp.ClientResponse) -> bytes:
    """The whole body, or more than `LARGEST` of it, which nobody takes for whole."""
    body = bytearray()
    while len(body) <= LARGEST and (part := await answer.content.read(LARGEST + 1 - len(body))):
        body += part
    return bytes(body)
