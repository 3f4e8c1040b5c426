"""Examples that wait for a second person, are approved, were taught or refused; and one example with what it changed."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from console.answers import as_json
from console.forms import field
from console.pages.teach import Wrong, names, read_about, shape
from console.parts import SETTINGS, caller, log
from console.query import BadQuery, Paging, read_page
from console.render import page
from console.routes import APPROVERS, READERS, post, shown
from engagement.teaching import STATES, TeachingRefused, as_example
from hearback.models import Models
from hearback.teaching import known
from hearback.teaching.examples import intents, line

MOST_AT_ONCE = 100
Row = dict[str, Any]


async def examples(request: web.Request) -> web.Response:
    show, number = _read_show(request), read_page(request)
    found, total = await log(request).teaching.listed(show, number)
    running = await log(request).teaching.running()
    return page(
        request, "teach.html", show=show, found=await _flagged(request, found), running=running, names=names(request),
        counts=await log(request).teaching.counts(), teachings=await log(request).teaching.teachings(),
        approver=caller(request).person.role in APPROVERS, done=request.query.get("done", ""), number=request.query.get("number", ""),
        left=request.query.get("left", ""),
        paging=Paging(page=number, total=total, path="/teach", query={"show": "" if show == "waiting" else show, "page": str(number)}),
    )  # fmt: skip


async def examples_data(request: web.Request) -> web.Response:
    show, number = _read_show(request), read_page(request)
    found, total = await log(request).teaching.listed(show, number)
    return as_json(
        {"examples": [{**shape(row), "flags": row["flags"]} for row in await _flagged(request, found)], "total": total, "page": number}
    )


async def example(request: web.Request) -> web.Response:
    return await _show(request, await _found(request))


async def example_data(request: web.Request) -> web.Response:
    (row,) = await _flagged(request, [await _found(request)])
    return as_json({**shape(row), "flags": row["flags"]})


async def decide(request: web.Request) -> web.StreamResponse:
    """POST {verdict: approve or refuse, reason}: a second person's word."""
    row, person, verdict = await _found(request), caller(request).person, await field(request, "verdict")
    if verdict not in ("approve", "refuse"):
        return await _show(request, row, problem=("verdict", "missing"))
    try:
        await log(request).teaching.decide(person, row["id"], approve=verdict == "approve", reason=await field(request, "reason"))
    except TeachingRefused as refused:
        return await _show(request, row, problem=("reason" if refused.why == "reason" else "verdict", refused.why))
    action = "approved_example" if verdict == "approve" else "refused_example"
    await log(request).staff.note(person, action, str(row["id"]), {"intent": row["intent"], "about": row["about"]})
    raise web.HTTPSeeOther(f"/teach/examples/{row['id']}?done={verdict}")


async def correct(request: web.Request) -> web.StreamResponse:
    """POST {intent, about}: another label; then the example waits for another second person."""
    row, person, intent = await _found(request), caller(request).person, await field(request, "intent")
    try:
        about = read_about(intent, await field(request, "about"))
        await log(request).teaching.correct(person, row["id"], intent=intent, about=about)
    except Wrong as wrong:
        return await _show(request, row, problem=wrong.problem)
    except TeachingRefused as refused:
        return await _show(request, row, problem=("verdict", refused.why))
    details = {"intent": intent, "about": about, "before": row["intent"], "about_before": row["about"]}
    await log(request).staff.note(person, "corrected_example", str(row["id"]), details)
    raise web.HTTPSeeOther(f"/teach/examples/{row['id']}?done=corrected")


async def approve_many(request: web.Request) -> web.StreamResponse:
    """POST {id: several}: approve what was ticked; what this person may not approve is left, and counted."""
    person, given = caller(request).person, (await request.post()).getall("id", [])
    ids = [int(one) for one in given if isinstance(one, str) and one.isascii() and one.isdecimal() and len(one) < 10][:MOST_AT_ONCE]
    done = left = 0
    for example_id in dict.fromkeys(ids):
        try:
            await log(request).teaching.decide(person, example_id, approve=True)
        except TeachingRefused:
            left += 1
            continue
        await log(request).staff.note(person, "approved_example", str(example_id), {"at_once": len(ids)})
        done += 1
    raise web.HTTPSeeOther(f"/teach?done=many&number={done}&left={left}")


async def _found(request: web.Request) -> Row:
    row = await log(request).teaching.one(int(request.match_info["id"]))
    if row is None:
        raise web.HTTPNotFound
    return row


async def _show(request: web.Request, row: Row, *, problem: tuple[str, str] | None = None) -> web.Response:
    (flagged,) = await _flagged(request, [row])
    person = caller(request).person
    teaching = await log(request).teaching.teaching(row["teaching_id"]) if row["teaching_id"] else None
    own = person.id in (row["proposed_by"], row["corrected_by"])
    return page(
        request, "teach_example.html", status=400 if problem else 200, one=flagged, problem=problem, names=names(request), own=own,
        intents=intents(), approver=person.role in APPROVERS, done=request.query.get("done", ""), teaching=teaching,
        line=line(as_example(row)), decidable=row["state"] in ("waiting", "approved", "gate", "rolled_back"),
    )  # fmt: skip


async def _flagged(request: web.Request, rows: list[Row]) -> list[Row]:
    """Each with what the data says of it: that it is taught already, contradicts it, or stands in the held-out sets."""
    models = Models.of(request.app[SETTINGS])

    def flag() -> list[Row]:
        trained = known.trained(models)
        blank = {"duplicate": False, "contradicts": [], "held_out": False}
        fresh = ("waiting", "approved")  # what is taught is a duplicate of itself
        return [{**row, "flags": known.flags(row["text"], row["intent"], trained) if row["state"] in fresh else blank} for row in rows]

    return await asyncio.to_thread(flag) if rows else []


def _read_show(request: web.Request) -> str:
    show = request.query.get("show", "").strip() or "waiting"
    if show not in STATES:
        raise BadQuery(f"show must be one of {', '.join(STATES)}.")
    return show


ONE = r"/teach/examples/{id:[1-9]\d{0,8}}"
ROUTES = (
    *shown("/teach", examples, examples_data, READERS, scope="conversations"),
    *shown(ONE, example, example_data, READERS, scope="conversations"),
    post(f"{ONE}/decide", decide, APPROVERS),
    post(f"{ONE}/correct", correct, APPROVERS),
    post("/teach/approve", approve_many, APPROVERS),
)
