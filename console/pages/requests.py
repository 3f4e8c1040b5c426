"""The list of requests raised with the back office."""

from __future__ import annotations

from aiohttp import web

from console import shapes
from console.parts import log
from console.query import Paging, read_page
from console.render import page


async def requests(request: web.Request) -> web.Response:
    number = read_page(request)
    found, total = await log(request).review.requests(number)
    return page(
        request,
        "requests.html",
        found=[shapes.request(row) for row in found],
        paging=Paging(page=number, total=total, path="/requests", query={}),
    )
