"""The list of conversations, and one conversation whole."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from console import api, desk, shapes
from console.parts import caller, log
from console.query import Paging, read_filter
from console.render import page
from console.routes import AGENTS, READERS, data, post, shown
from engagement.review import Filter


async def conversations(request: web.Request) -> web.Response:
    wanted = read_filter(request)
    found, total = await log(request).review.conversations(wanted)
    numbers = await log(request).review.states()
    return page(
        request,
        "conversations.html",
        wanted=wanted,
        found=[shapes.listed(one) for one in found],
        numbers=numbers,
        paging=Paging(page=wanted.page, total=total, path="/conversations", query=_query(wanted)),
    )


async def conversation(request: web.Request) -> web.Response:
    """One conversation; that it was read is written down before it is shown."""
    found = await _found(request)
    await log(request).staff.note(caller(request).person, "read_conversation", found["id"])
    return await show(request, found)


async def show_phone(request: web.Request) -> web.Response:
    """The conversation with the citizen's whole number; that it was asked for is written down first."""
    found = await _found(request)
    await log(request).staff.note(caller(request).person, "showed_phone", found["id"])
    return await show(request, found, whole_number=True)


async def _found(request: web.Request) -> dict[str, Any]:
    found = await shapes.conversation(log(request), request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound
    return found


async def show(
    request: web.Request, found: dict[str, Any], *, whole_number: bool = False, status: int = 200, problem: tuple[str, str] | None = None
) -> web.Response:
    """The page of a conversation; `problem` is a field's id and what is wrong with it."""
    phone = await log(request).review.phone(found["id"], whole=whole_number)
    return page(
        request,
        "conversation.html",
        status=status,
        problem=problem,
        closed=request.query.get("closed", ""),
        desk=await desk.about(request, found),
        conversation=found,
        phone=phone,
        whole_number=whole_number,
        by_id={line["id"]: line for line in found["messages"]},
    )


def _query(wanted: Filter) -> dict[str, str]:
    return {"channel": wanted.channel or "", "state": wanted.state or "", "text": wanted.text or "", "page": str(wanted.page)}


ONE = r"/conversations/{id:[0-9A-Za-z_-]{1,32}}"
ROUTES = (
    *shown("/conversations", conversations, api.conversations, READERS, scope="conversations"),
    data("/api/conversations.csv", api.conversations_csv, READERS, scope="conversations"),
    *shown(ONE, conversation, api.conversation, READERS, scope="conversations"),
    post(f"{ONE}/phone", show_phone, AGENTS),
)
