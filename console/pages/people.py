"""The people of the console, for administrators: add, change, reset, deactivate."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Any

from aiohttp import web

from console.answers import as_json
from console.forms import field, fields
from console.parts import caller, log
from console.render import page
from console.routes import ADMIN, ADMINS, ROLES, post, shown
from console.teams import known_teams
from engagement.colleagues import Colleague, LastAdministrator
from engagement.passwords import hash_password

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,59}")
LONGEST_DISPLAY_NAME = 80
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


async def people(request: web.Request) -> web.Response:
    return await _list(request)


async def people_data(request: web.Request) -> web.Response:
    """GET /api/people"""
    return as_json({"people": [_shape(one) for one in await log(request).colleagues.all()]})


async def add(request: web.Request) -> web.Response:
    """Add a person, and show the password with which they sign in for the first time, this once."""
    username = (await field(request, "username")).strip()
    given, problem = await _given(request)
    typed = {"username": username, **given}
    if not USERNAME.fullmatch(username):
        return await _list(request, status=400, problem=("username", "username"), typed=typed)
    if problem:
        return await _list(request, status=400, problem=problem, typed=typed)
    password = one_time_password()
    kept = await asyncio.to_thread(hash_password, password)
    added = await log(request).colleagues.add(caller(request).person, username, kept, given.pop("role"), **given)
    if added is None:
        return await _list(request, status=400, problem=("username", "taken"), typed=typed)
    return await _one(request, await _found(request, added), password=password, done="added")


async def person(request: web.Request) -> web.Response:
    return await _one(request, await _found(request), done=request.query.get("done", ""))


async def person_data(request: web.Request) -> web.Response:
    """GET /api/people/{id}"""
    return as_json(_shape(await _found(request)))


async def change(request: web.Request) -> web.StreamResponse:
    one = await _found(request)
    given, problem = await _given(request)
    if problem:
        return await _one(request, one, status=400, problem=problem)
    try:
        await log(request).colleagues.change(caller(request).person, one.person.id, **given)
    except LastAdministrator:
        return await _one(request, one, status=409, problem=("role", "last"))
    myself_no_more = one.person.id == caller(request).person.id and given["role"] != ADMIN
    raise web.HTTPSeeOther("/" if myself_no_more else f"/people/{one.person.id}?done=changed")


async def deactivate(request: web.Request) -> web.StreamResponse:
    one = await _found(request)
    try:
        await log(request).colleagues.deactivate(caller(request).person, one.person.id)
    except LastAdministrator:
        return await _one(request, one, status=409, problem=("deactivate", "last"))
    raise web.HTTPSeeOther(f"/people/{one.person.id}?done=deactivated")


async def activate(request: web.Request) -> web.StreamResponse:
    one = await _found(request)
    await log(request).colleagues.activate(caller(request).person, one.person.id)
    raise web.HTTPSeeOther(f"/people/{one.person.id}?done=activated")


async def reset_password(request: web.Request) -> web.StreamResponse:
    """Hand out a password, shown this once. Who comes from the single sign-on has none to reset."""
    one = await _found(request)
    if one.person.id == caller(request).person.id:  # an open session alone must not change one's own
        raise web.HTTPSeeOther("/account")
    if one.person.openid_issuer is not None:
        raise web.HTTPSeeOther(f"/people/{one.person.id}")
    password = one_time_password()
    await log(request).colleagues.reset_password(caller(request).person, one.person.id, await asyncio.to_thread(hash_password, password))
    return await _one(request, await _found(request), password=password, done="reset")


async def reset_second_factor(request: web.Request) -> web.StreamResponse:
    one = await _found(request)
    if one.person.id == caller(request).person.id:
        raise web.HTTPSeeOther("/account/second-factor")
    await log(request).colleagues.reset_second_factor(caller(request).person, one.person.id)
    raise web.HTTPSeeOther(f"/people/{one.person.id}?done=factor")


async def end_sessions(request: web.Request) -> web.StreamResponse:
    """End one session of this person, or all of them."""
    one = await _found(request)
    await log(request).staff.end_sessions(caller(request).person, one.person.id, handle=await field(request, "handle") or None)
    raise web.HTTPSeeOther(f"/people/{one.person.id}?done=sessions")


def one_time_password() -> str:
    """Easy to read out: four groups of four letters, about 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


async def _given(request: web.Request) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """Role, name and teams of a form, and the field that is wrong."""
    name, teams = " ".join((await field(request, "display_name")).split()), await fields(request, "team")
    given = {"role": await field(request, "role"), "display_name": name or None, "teams": [team for team in teams if team in known_teams()]}
    if given["role"] not in ROLES:
        return given, ("role", "role")
    if len(name) > LONGEST_DISPLAY_NAME or not name.isprintable():
        return given, ("display_name", "display_name")
    return given, None


async def _found(request: web.Request, staff_id: int | None = None) -> Colleague:
    one = await log(request).colleagues.one(staff_id or int(request.match_info["id"]))
    if one is None:
        raise web.HTTPNotFound
    return one


async def _list(
    request: web.Request, *, status: int = 200, problem: tuple[str, str] | None = None, typed: dict[str, Any] | None = None
) -> web.Response:
    found = await log(request).colleagues.all()
    known: dict[str, Any] = {"username": "", "role": "reviewer", "display_name": None, "teams": []}
    return page(
        request,
        "people.html",
        status=status,
        found=found,
        problem=problem,
        typed={**known, **(typed or {})},
        teams=known_teams(),
        roles=ROLES,
    )


async def _one(
    request: web.Request, one: Colleague, *, status: int = 200, problem: tuple[str, str] | None = None, password: str = "", done: str = ""
) -> web.Response:
    sessions = await log(request).staff.sessions(one.person.id)
    return page(
        request, "person.html", status=status, one=one, sessions=sessions, problem=problem, password=password, done=done,
        teams=known_teams(), roles=ROLES,
    )  # fmt: skip


def _shape(one: Colleague) -> dict[str, Any]:
    return {
        "id": one.person.id, "username": one.person.username, "display_name": one.person.display_name, "role": one.person.role,
        "teams": list(one.person.teams), "active": one.active, "second_factor": one.person.second_factor,
        "way": "openid" if one.person.openid_issuer else "password", "created_at": one.created_at, "signed_in_at": one.signed_in_at,
        "tokens": one.tokens,
    }  # fmt: skip


ONE = r"/people/{id:[1-9]\d{0,8}}"
ROUTES = (
    *shown("/people", people, people_data, ADMINS, scope="people"),
    post("/people", add, ADMINS),
    *shown(ONE, person, person_data, ADMINS, scope="people"),
    post(ONE, change, ADMINS),
    post(f"{ONE}/deactivate", deactivate, ADMINS),
    post(f"{ONE}/activate", activate, ADMINS),
    post(f"{ONE}/password", reset_password, ADMINS),
    post(f"{ONE}/second-factor", reset_second_factor, ADMINS),
    post(f"{ONE}/sessions", end_sessions, ADMINS),
)
