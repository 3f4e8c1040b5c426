"""Filters with a name: one's own, and those that others share."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from console.answers import as_json
from console.forms import field
from console.parts import caller, log
from console.query import kept
from console.render import page
from console.routes import READERS, post, shown
from engagement.saved_views import TooManyViews

LONGEST_NAME = 80


async def views(request: web.Request) -> web.Response:
    """All of them, to rename and to delete one's own."""
    return await _show(request)


async def views_data(request: web.Request) -> web.Response:
    found = await log(request).saved_views.of(caller(request).person.id)
    return as_json({"views": [{**vars(one), "address": f"/conversations?{one.query}"} for one in found]})


async def save(request: web.Request) -> web.Response:
    """POST /conversations/views {name, query, shared}: keep the filter of a list under a name."""
    name, query = (await field(request, "name")).strip(), kept(await field(request, "query"))
    if not name or len(name) > LONGEST_NAME or not query:
        return await _show(request, status=400, problem="name" if query else "query")
    person = caller(request).person
    try:
        one = await log(request).saved_views.save(person.id, name, urlencode(query), shared=bool(await field(request, "shared")))
    except TooManyViews:
        return await _show(request, status=400, problem="many")
    await log(request).staff.note(person, "saved_view", str(one.id), {"shared": one.shared})
    raise web.HTTPSeeOther(f"/conversations?{one.query}")


async def rename(request: web.Request) -> web.Response:
    """POST /conversations/views/{id} {name, shared}."""
    name, person = (await field(request, "name")).strip(), caller(request).person
    if not name or len(name) > LONGEST_NAME:
        return await _show(request, status=400, problem="name")
    number, is_shared = int(request.match_info["id"]), bool(await field(request, "shared"))
    if not any(one.id == number and one.mine for one in await log(request).saved_views.of(person.id)):
        raise web.HTTPNotFound
    if not await log(request).saved_views.rename(person.id, number, name, shared=is_shared):
        return await _show(request, status=400, problem="taken")
    await log(request).staff.note(person, "renamed_view", str(number), {"shared": is_shared})
    raise web.HTTPSeeOther("/conversations/views")


async def remove(request: web.Request) -> web.Response:
    """POST /conversations/views/{id}/delete."""
    person, number = caller(request).person, int(request.match_info["id"])
    if not await log(request).saved_views.remove(person.id, number):
        raise web.HTTPNotFound
    await log(request).staff.note(person, "deleted_view", str(number))
    raise web.HTTPSeeOther("/conversations/views")


async def _show(request: web.Request, *, status: int = 200, problem: str = "") -> web.Response:
    found = await log(request).saved_views.of(caller(request).person.id)
    return page(request, "views.html", status=status, views=found, problem=problem)


ONE = r"/conversations/views/{id:[1-9]\d{0,8}}"
ROUTES = (
    *shown("/conversations/views", views, views_data, READERS, scope="conversations"),
    post("/conversations/views", save, READERS),
    post(ONE, rename, READERS),
    post(f"{ONE}/delete", remove, READERS),
)
