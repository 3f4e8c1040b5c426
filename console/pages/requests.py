"""The list of requests raised with the back office."""

from __future__ import annotations

from aiohttp import web

from console import api, shapes
from console.parts import log
from console.query import Paging, read_page, read_show
from console.render import page
from console.routes import data, shown


async def requests(request: web.Request) -> web.Response:
    number, show = read_page(request), read_show(request)
    found, total = await log(request).review.requests(number, show=show)
    return page(
        request,
        "requests.html",
        found=[shapes.request(row) for row in found],
        show=show,
        numbers=await log(request).review.request_counts(),
        paging=Paging(page=number, total=total, path="/requests", query={"show": "" if show == "all" else show, "page": str(number)}),
    )


ROUTES = (
    *shown("/requests", requests, api.requests, scope="requests"),
    data("/api/requests.csv", api.requests_csv, scope="requests"),
)
