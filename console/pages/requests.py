"""The requests raised with the back office: their list, one of them whole, and a "no" on which somebody has acted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from console import api, shapes
from console.answers import as_csv, as_json
from console.forms import field
from console.pages.handovers import LONGEST_NOTE, read_minutes
from console.parts import CLOCK, caller, log
from console.query import CHANNELS, BadQuery, Paging, read_page, read_show
from console.render import page
from console.routes import AGENTS, APPROVERS, READERS, data, post, shown
from engagement.review_requests import ANY, Wanted

STATES = ("kept", "sending", "sent", "refused", "withdrawn")
FILTERS = ("service", "partner", "channel", "state")
LONGEST = 200
_MANY = 500
ONE = r"/requests/{id:[1-9]\d{0,8}}"


def read_wanted(request: web.Request) -> Wanted:
    """The filter of the list; raises BadQuery."""
    asked = {name: request.query.get(name, "").strip() or None for name in FILTERS}
    for name, value in asked.items():
        if value and (len(value) > LONGEST or "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
            raise BadQuery(f"{name} cannot be looked for.")
    for name, known in (("channel", CHANNELS), ("state", STATES)):
        if asked[name] and asked[name] not in known:
            raise BadQuery(f"{name} must be one of {', '.join(known)}.")
    return Wanted(**asked)


async def requests(request: web.Request) -> web.Response:
    number, show, wanted, now = read_page(request), read_show(request), read_wanted(request), request.app[CLOCK].now()
    numbers = await log(request).review.request_counts(now)
    total = numbers[show] if wanted == ANY else None
    found, total = await log(request).review.requests(number, show=show, wanted=wanted, now=now, total=total)
    known = await log(request).review.choices()
    query = {"show": "" if show == "all" else show, **{name: value or "" for name, value in vars(wanted).items()}, "page": str(number)}
    return page(
        request,
        "requests.html",
        found=[shapes.request(row) for row in found],
        show=show,
        wanted=wanted,
        filtered=wanted != ANY,
        services=sorted(known["service"].items(), key=lambda one: one[1]),
        partners=list(known["partner"].items()),
        states=STATES,
        numbers=numbers,
        paging=Paging(page=number, total=total, path="/requests", query=query),
    )


async def as_data(request: web.Request) -> web.Response:
    number, show, wanted = read_page(request), read_show(request), read_wanted(request)
    found, total = await log(request).review.requests(number, show=show, wanted=wanted, now=request.app[CLOCK].now())
    pages = Paging(page=number, total=total, path="", query={}).pages
    return as_json({"requests": [shapes.request(row) for row in found], "total": total, "page": number, "pages": pages})


async def as_table(request: web.Request) -> web.Response:
    """Every request that the list shows, on one sheet, with its latest round."""
    rows = {row["id"]: row async for row in _all(request)}  # by id: a list that moves while it is read shows some rows twice
    await log(request).staff.note(caller(request).person, "downloaded_csv", "requests", {"rows": len(rows), **dict(request.query)})
    return as_csv(request, "requests", api.REQUEST_COLUMNS, rows.values())


async def _all(request: web.Request) -> AsyncIterator[dict[str, Any]]:
    show, wanted, now, number = read_show(request), read_wanted(request), request.app[CLOCK].now(), 0
    found: list[dict[str, Any]] = []
    while number == 0 or len(found) == _MANY:
        number += 1
        found, _ = await log(request).review.requests(number, per_page=_MANY, show=show, wanted=wanted, now=now)
        for row in found:
            shape = shapes.request(row)
            yield {**(shape["outcome"] or dict.fromkeys(shapes.ROUND)), **shape}


async def _one(request: web.Request) -> dict[str, Any]:
    """A request as the caller may see it. That citizens' words are read is written down before they are shown."""
    row = await log(request).review.request(int(request.match_info["id"]))
    if row is None:
        raise web.HTTPNotFound
    reads = caller(request).person.role in READERS
    if reads:
        await log(request).staff.note(caller(request).person, "read_request", str(row["id"]))
    return shapes.whole_request(row, words=reads)


async def one(request: web.Request) -> web.Response:
    return await _show(request)


async def _show(request: web.Request, *, status: int = 200, problem: tuple[str, str] | None = None) -> web.Response:
    """The page of a request; `problem` is a field's id and what is wrong with it."""
    found = await _one(request)
    role = caller(request).person.role
    return page(
        request,
        "request.html",
        status=status,
        problem=problem,
        raised=found,
        reads=role in READERS,
        acts=role in APPROVERS | AGENTS,
        settled=request.query.get("settled") == "1",
    )


async def one_as_data(request: web.Request) -> web.Response:
    return as_json(await _one(request))


async def settle(request: web.Request) -> web.Response:
    """POST /requests/{id}/settle {round, note, minutes}: a colleague has acted on the "no"; the hand-over about it is closed, too."""
    number = int(request.match_info["id"])
    row = await log(request).review.request(number)
    asked = await field(request, "round")
    one = next((one for one in row["rounds"] if str(one["round"]) == asked), None) if row else None
    if one is None:
        raise web.HTTPNotFound
    note, spent = (await field(request, "note")).strip(), read_minutes(await field(request, "minutes") or "0")
    if not note or len(note) > LONGEST_NOTE:
        return await _show(request, status=400, problem=(f"note-{asked}", "note"))
    if spent is None:
        return await _show(request, status=400, problem=(f"minutes-{asked}", "minutes"))
    person, handover = caller(request).person, one["handover"]
    await log(request).staff.note(person, "settled", str(number), {"round": one["round"], "minutes": spent})
    await log(request).settling.settle(one["id"], note=note)
    if handover and handover["state"] != "closed":
        await log(request).handovers.close(handover["id"], staff_id=person.id, minutes=spent, note=note)
    raise web.HTTPSeeOther(f"/requests/{number}?settled=1")


ROUTES = (
    *shown("/requests", requests, as_data, scope="requests"),
    data("/api/requests.csv", as_table, scope="requests"),
    *shown(ONE, one, one_as_data, scope="requests"),
    post(f"{ONE}/settle", settle, APPROVERS | AGENTS),
)
