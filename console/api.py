"""The console's API: the lists and one conversation as JSON, the lists as CSV too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from console import shapes
from console.answers import as_csv, as_json
from console.parts import caller, log
from console.query import Paging, read_filter

_MANY = 500
CONVERSATION_COLUMNS = (
    "id", "channel", "state", "waiting_for", "waiting_since", "created_at", "updated_at", "messages", "unanswered", "undelivered",
    "first_words", "last_intent", "references",
)  # fmt: skip
REQUEST_COLUMNS = (
    "reference", "service_code", "service_name", "channel", "state", "status", "status_notes", "agency_responsible", "created_at",
    "expected_at", "declared_at", "told_at", "conversation_id", "error", "partner", "contractor", "round", "declared", "handled_at",
    "handled_by", "confirmed", "confirmed_at", "remedy", "remedy_reference", "act_by", "settled_at", "cost",
)  # fmt: skip
Rows = list[dict[str, Any]]


async def conversations(request: web.Request) -> web.Response:
    wanted = read_filter(request)
    found, total = await log(request).review.conversations(wanted)
    return as_json({"conversations": [shapes.listed(one) for one in found], **_paging(wanted.page, total)})


async def conversation(request: web.Request) -> web.Response:
    found = await shapes.conversation(log(request), request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound
    await log(request).staff.note(caller(request).person, "read_conversation", found["id"], {"by": "api"})
    return as_json(found)


async def conversations_csv(request: web.Request) -> web.Response:
    """Every conversation that the filter finds, on one sheet."""
    wanted = read_filter(request)

    async def part(page: int) -> tuple[Rows, int]:
        found, total = await log(request).review.conversations(replace(wanted, page=page, per_page=_MANY))
        return [shapes.listed(one) for one in found], total

    return await _csv(request, "conversations", CONVERSATION_COLUMNS, part)


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
