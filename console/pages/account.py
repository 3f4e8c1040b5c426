"""A person's own account: what citizens read, their password, their sessions, their API tokens."""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn

from aiohttp import web

from console.access import ROUTES as KNOWN
from console.access import must_have_second_factor
from console.auth import begin_session
from console.forms import field, fields
from console.gate import GATE, Locked, RunOut
from console.parts import caller, log
from console.render import page
from console.routes import get, post, scopes_of
from engagement.passwords import PasswordRefused, hash_password
from engagement.staff import Staff

LONGEST_TOKEN_NAME = LONGEST_DISPLAY_NAME = 80
DAYS = ("30", "90", "365", "")


async def account(request: web.Request) -> web.Response:
    return await _show(request, done=request.query.get("done", ""))


async def describe(request: web.Request) -> web.StreamResponse:
    """Take what citizens read as the person's name, and whether single keys do something."""
    name = " ".join((await field(request, "display_name")).split())
    if len(name) > LONGEST_DISPLAY_NAME or not name.isprintable():
        return await _show(request, status=400, problem=("display_name", "display_name"), typed=name)
    await log(request).staff.describe(
        caller(request).person, display_name=name or None, shortcuts=await field(request, "shortcuts") == "on"
    )
    raise web.HTTPSeeOther("/account?done=about")


async def change_password(request: web.Request) -> web.StreamResponse:
    """Take a new password; all sessions of the person end, this one begins anew."""
    person, new = caller(request).person, await field(request, "new")
    try:
        if await request.app[GATE].open(request, person.username, await field(request, "current")) is None:
            return await _show(request, status=400, problem=("current", "wrong"))
        kept = await asyncio.to_thread(hash_password, new)
    except (Locked, RunOut) as locked:
        return await _show(request, status=429, problem=("current", "locked"), minutes=getattr(locked, "minutes", 0))
    except PasswordRefused as refused:
        return await _show(request, status=400, problem=("new", "refused"), sentence=str(refused))
    await _take_password(request, person, kept, "/account?done=password")


async def new_password_page(request: web.Request) -> web.Response:
    """Where somebody chooses their own password in place of the one that was handed out."""
    if caller(request).person.password_once_until is None:
        raise web.HTTPSeeOther("/account")
    return page(request, "new_password.html", sentence="")


async def new_password(request: web.Request) -> web.StreamResponse:
    person, new = caller(request).person, await field(request, "new")
    if person.password_once_until is None:
        raise web.HTTPSeeOther("/account")
    try:
        kept = await asyncio.to_thread(hash_password, new)
    except PasswordRefused as refused:
        return page(request, "new_password.html", status=400, sentence=str(refused))
    await _take_password(request, person, kept, "/")


async def _take_password(request: web.Request, person: Staff, kept: str, after: str) -> NoReturn:
    await log(request).staff.set_password(person.username, kept)
    await log(request).staff.note(person, "changed_password", None)
    answer = web.HTTPSeeOther(after)
    await begin_session(request, answer, person)
    raise answer


async def end_sessions(request: web.Request) -> web.StreamResponse:
    """End one session of the person's own, or all but this one."""
    who, handle = caller(request), await field(request, "handle")
    this = who.session.handle if who.session else ""
    await log(request).staff.end_sessions(who.person, who.person.id, handle=handle or None, but=this)
    raise web.HTTPSeeOther("/account?done=sessions#sessions")


async def make_token(request: web.Request) -> web.Response:
    """Make an API token for the chosen scopes and show it, this once."""
    person, name, days = caller(request).person, (await field(request, "name")).strip(), await field(request, "days")
    may = scopes_of(person.role, request.app[KNOWN].values())
    chosen = [scope for scope in await fields(request, "scope") if scope in may]
    if not name or len(name) > LONGEST_TOKEN_NAME:
        return await _show(request, status=400, problem=("name", "missing" if not name else "long"), chosen=chosen)
    if not chosen or days not in DAYS:
        return await _show(request, status=400, problem=("scopes", "scopes"), typed_name=name)
    token = await log(request).staff.make_api_token(person, name, scopes=chosen, days=int(days) if days else None)
    return await _show(request, token=token, token_name=name)


async def withdraw_token(request: web.Request) -> web.StreamResponse:
    await log(request).staff.withdraw_api_token(caller(request).person, await field(request, "handle"))
    raise web.HTTPSeeOther("/account?done=withdrawn")


async def _show(request: web.Request, *, status: int = 200, **shown: Any) -> web.Response:
    who = caller(request)
    known: dict[str, Any] = {
        "done": "", "problem": None, "minutes": 0, "sentence": "", "token": "", "token_name": "", "typed": None, "typed_name": "",
        "chosen": [], "origin": f"{request.scheme}://{request.host}", "days": DAYS,
        "tokens": await log(request).staff.api_tokens(who.person),
        "sessions": await log(request).staff.sessions(who.person.id),
        "this": who.session.handle if who.session else "",
        "scopes": scopes_of(who.person.role, request.app[KNOWN].values()),
        "must": must_have_second_factor(request, who),
    }  # fmt: skip
    return page(request, "account.html", status=status, **{**known, **shown})


ROUTES = (
    get("/account", account),
    post("/account/about", describe),
    post("/account/password", change_password),
    get("/account/new-password", new_password_page, owing=True),
    post("/account/new-password", new_password, owing=True),
    post("/account/sessions/end", end_sessions),
    post("/account/tokens", make_token),
    post("/account/tokens/withdraw", withdraw_token),
)
