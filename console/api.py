"""The console's API: the lists and one conversation as JSON, the lists as CSV too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from inspect import isawaitable
from typing import Any

from aiohttp import web

from console import shapes
from console.answers import as_csv, as_json
from console.parts import caller, log
from console.query import BadQuery, Paging, known, read_filter, read_message
from engagement.filters import Behind, Filter
from engagement.review import Listed

_MANY = 500
CONVERSATION_COLUMNS = (
    "id", "channel", "state", "waiting_for", "waiting_since", "created_at", "updated_at", "messages", "unanswered", "undelivered",
    "first_words", "last_intent", "references", "language", "tasks", "services", "partners", "outcomes", "rating", "lowest_confidence",
    "lowest_margin", "why",
)  # fmt: skip
REQUEST_COLUMNS = (
    "reference", "service_code", "service_name", "channel", "state", "status", "status_notes", "agency_responsible", "created_at",
    "expected_at", "declared_at", "told_at", "conversation_id", "error", "partner", "contractor", "round", "declared", "handled_at",
    "handled_by", "confirmed", "confirmed_at", "remedy", "remedy_reference", "act_by", "settled_at", "cost",
)  # fmt: skip
Rows = list[dict[str, Any]]


async def conversations(request: web.Request) -> web.Response:
    wanted = await wanted_by(request)
    found, total = await log(request).review.conversations(wanted)
    shown = [shapes.listed(one) for one in found]
    return as_json({"conversations": shown, **_paging(wanted.page, total.number), "more": total.more})


async def wanted_by(request: web.Request) -> Filter:
    """The filter of a list. A citizen's number or address among the words is looked up; that somebody looks for one is noted first."""
    wanted = read_filter(request)
    if wanted.text and (citizen := await log(request).review.citizen(wanted.text)) is not None:
        wanted = replace(wanted, text=None, citizen=citizen)
    if wanted.citizen is not None:
        await log(request).staff.note(caller(request).person, "searched_citizen", str(wanted.citizen))
    if wanted.measure is not None:
        wanted = replace(wanted, behind=await behind(request, wanted.measure))
    return wanted


async def behind(request: web.Request, of: Behind) -> Any:
    """A select of the conversations behind a figure; raises BadQuery where no figure is made so."""
    find = getattr(log(request).measures, "behind", None)
    if find is None or of.measure not in log(request).measures.names:
        raise BadQuery("measure must be the name of a measure.")
    try:
        found = find(of.measure, of=of.of, by=of.by or "", part=of.part, start=of.start, end=of.end)
        return await found if isawaitable(found) else found
    except (LookupError, ValueError):
        raise BadQuery("by and name must be a part of the measure.") from None


async def conversation(request: web.Request) -> web.Response:
    paged = {name: number for name in ("before", "after") if (number := read_message(request, name)) is not None}
    show = shapes.conversation_page if paged else shapes.conversation
    found = await show(log(request), request.match_info["id"], **paged)
    if found is None:
        raise web.HTTPNotFound
    await log(request).staff.note(caller(request).person, "read_conversation", found["id"], {"by": "api"})
    return as_json(found)


async def conversations_csv(request: web.Request) -> web.Response:
    """Every conversation that the filter finds, on one sheet, however many there are."""
    wanted, found = replace(await wanted_by(request), per_page=_MANY), list[Listed]()
    while part := await log(request).review.batch(wanted, found[-1] if found else None):
        found += part
    details = {"rows": len(found), **known(request.query)}
    if wanted.citizen is not None:  # what was typed is a number or an address
        details.pop("text", None)
    await log(request).staff.note(caller(request).person, "downloaded_csv", "conversations", details)
    return as_csv(request, "conversations", CONVERSATION_COLUMNS, [shapes.listed(one) for one in found])


async def _csv(request: web.Request, name: str, columns: Sequence[str], part: Callable[[int], Awaitable[tuple[Rows, int]]]) -> web.Response:
    rows: dict[Any, dict[str, Any]] = {}  # by id: a list that moves while it is read shows some rows twice
    page, total = 0, 1
    while page * _MANY < total:
        page += 1
        found, total = await part(page)
        rows.update((row["id"], row) for row in found)
    await log(request).staff.note(caller(request).person, "downloaded_csv", name, {"rows": len(rows), **dict(request.query)})
    return as_csv(request, name, columns, rows.values())


def _paging(page: int, total: int) -> dict[str, int]:
    return {"total": total, "page": page, "pages": Paging(page=page, total=total, path="", query={}).pages}
