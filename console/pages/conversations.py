"""The list of conversations, and one conversation whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from console import api, desk, shapes
from console.forms import field
from console.parts import caller, log
from console.query import FIELDS, Paging, filter_of, kept, known, read_message
from console.render import page
from console.routes import AGENTS, READERS, data, post, shown

LONGEST_NOTE = 2000


async def conversations(request: web.Request) -> web.Response:
    wanted = await api.wanted_by(request)
    query = known(request.query)
    if wanted.citizen is not None and "text" in query:  # a number or an address leaves the address bar
        del query["text"]
        raise web.HTTPSeeOther(_list_address({**query, "citizen": str(wanted.citizen)}))
    found, total = await log(request).review.conversations(wanted)
    numbers = await log(request).review.states()
    paging = Paging(page=wanted.page, total=total.number, path="/conversations", query=query, more=total.more)
    return page(
        request,
        "conversations.html",
        wanted=wanted,
        query=query,
        within=urlencode(query),
        found=[shapes.listed(one) for one in found],
        numbers=numbers,
        choices=await log(request).review.choices(),
        views=await log(request).saved_views.of(caller(request).person.id),
        looked=request.query.get("looked", ""),
        view_problem=request.query.get("view", ""),
        paging=paging,
    )


async def search(request: web.Request) -> web.Response:
    """What was typed into the search form becomes a list's address; a citizen's number or e-mail address never stands in one."""
    given = known({name: await field(request, name) for name in FIELDS})
    wanted = filter_of(given)
    if wanted.text and (citizen := await log(request).review.citizen(wanted.text)) is not None:
        del given["text"]
        given["citizen"] = str(citizen)
    raise web.HTTPSeeOther(_list_address(given))


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


async def add_note(request: web.Request) -> web.Response:
    """POST /conversations/{id}/notes {note, in}: a note for colleagues."""
    words = (await field(request, "note")).strip()
    if not words or len(words) > LONGEST_NOTE:
        return await show(request, await _found(request), status=400, problem=("own-note", "own_note" if words else "no_note"))
    person, one = caller(request).person, request.match_info["id"]
    if not await log(request).review.add_note(one, person.id, words):
        raise web.HTTPNotFound
    await log(request).staff.note(person, "added_note", one)
    raise web.HTTPSeeOther(f"{_address(one, await _within(request))}#notes")


async def look(request: web.Request) -> web.Response:
    """POST /conversations/{id}/looked {in, undo, back}: done with looking at it, or not after all."""
    person, one, undo = caller(request).person, request.match_info["id"], bool(await field(request, "undo"))
    within = await _within(request)
    if not await log(request).review.looked(one, None if undo else person.id):
        raise web.HTTPNotFound
    await log(request).staff.note(person, "looked_again" if undo else "looked_at", one)
    if await field(request, "back") == "list":
        raise web.HTTPSeeOther(_list_address(within | ({} if undo else {"looked": one})))
    raise web.HTTPSeeOther(_address(one, within))


async def _found(request: web.Request) -> dict[str, Any]:
    before, after = read_message(request, "before"), read_message(request, "after")
    if at := read_message(request, "at"):
        after = max(at - 100, 0)  # some of what stands before the message that is asked for
    found = await shapes.conversation_page(log(request), request.match_info["id"], before=before, after=after)
    if found is None:
        raise web.HTTPNotFound
    return found


async def show(
    request: web.Request, found: dict[str, Any], *, whole_number: bool = False, status: int = 200, problem: tuple[str, str] | None = None
) -> web.Response:
    """The page of a conversation; `problem` is a field's id and what is wrong with it."""
    if "count" not in found:  # who shows it after a form has it whole
        found |= {"count": len(found["messages"]), "earlier": False, "later": False}
    phone = await log(request).review.phone(found["id"], whole=whole_number)
    within, before, after = None, None, None
    if "in" in request.query:
        within = kept(request.query["in"])
        wanted = filter_of(within)
        if wanted.measure is not None:
            wanted = replace(wanted, behind=await api.behind(request, wanted.measure))
        before, after = await log(request).review.neighbours(wanted, found["id"])
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
        within=None if within is None else urlencode(within),
        list_address=_list_address(within or {}),
        before=before and _address(before, within),
        after=after and _address(after, within),
        link=f"{request.scheme}://{request.host}/conversations/{found['id']}",
    )


async def _within(request: web.Request) -> dict[str, str]:
    return kept(await field(request, "in"))


def _address(conversation_id: str, within: dict[str, str] | None) -> str:
    """A conversation's own address, which remembers the list that it was opened from."""
    return f"/conversations/{conversation_id}" + ("" if within is None else f"?{urlencode({'in': urlencode(within)})}")


def _list_address(query: dict[str, str]) -> str:
    return f"/conversations?{urlencode(query)}" if query else "/conversations"


ONE = r"/conversations/{id:[0-9A-Za-z_-]{1,32}}"
ROUTES = (
    *shown("/conversations", conversations, api.conversations, READERS, scope="conversations"),
    data("/api/conversations.csv", api.conversations_csv, READERS, scope="conversations"),
    post("/conversations/search", search, READERS),
    *shown(ONE, conversation, api.conversation, READERS, scope="conversations"),
    post(f"{ONE}/phone", show_phone, AGENTS),
    post(f"{ONE}/notes", add_note, READERS),
    post(f"{ONE}/looked", look, READERS),
)
