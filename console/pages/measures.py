"""The measures: all of them at a glance, and one with its definition and its parts."""

from __future__ import annotations

from aiohttp import web

from console import measuring
from console.answers import as_csv, as_json
from console.parts import caller, log
from console.render import page
from console.routes import data, get, shown


async def measures(request: web.Request) -> web.Response:
    """Each measure of the whole period."""
    period = measuring.read_period(request)
    found = await log(request).measures.measured(**period)
    return page(request, "measures.html", found={name: measuring.shape(one) for name, one in found.items()}, asked=_asked(request))


async def measure(request: web.Request) -> web.Response:
    """One measure with what it counts and the table of each of its parts."""
    name = request.match_info["name"]
    if name not in log(request).measures.names:
        raise web.HTTPNotFound
    found = await log(request).measures.measured(**measuring.read_period(request), names=[name])
    definition = measuring.definitions().get(name, [])
    return page(request, "measure.html", name=name, found=measuring.shape(found[name]), definition=definition, asked=_asked(request))


async def as_data(request: web.Request) -> web.Response:
    """GET /api/measures"""
    period = measuring.read_period(request)
    found = await log(request).measures.measured(**period)
    return as_json({"period": dict(period), "measures": {name: measuring.shape(one) for name, one in found.items()}})


async def as_table(request: web.Request) -> web.Response:
    """GET /api/measures.csv: the whole and each part on a line of its own."""
    found = await log(request).measures.measured(**measuring.read_period(request))
    rows = [line for name, one in found.items() for line in measuring.lines(name, one)]
    await log(request).staff.note(caller(request).person, "downloaded_csv", "measures", {"rows": len(rows), **dict(request.query)})
    return as_csv(request, "measures", measuring.COLUMNS, rows)


def _asked(request: web.Request) -> dict[str, str]:
    return {name: request.query.get(name, "").strip() for name in ("start", "end")}


ROUTES = (
    *shown("/measures", measures, as_data, scope="measures"),
    data("/api/measures.csv", as_table, scope="measures"),
    get("/measures/{name:[a-z_]{1,40}}", measure),
)
