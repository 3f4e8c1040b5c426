"""A person's own account: their password and their API tokens."""

from __future__ import annotations

import asyncio

from aiohttp import web

from console.auth import GATE, Locked, begin_session
from console.forms import field
from console.parts import caller, log
from console.render import page
from console.routes import get, post
from engagement.passwords import PasswordRefused, hash_password

LONGEST_TOKEN_NAME = 80


async def account(request: web.Request) -> web.Response:
    return await _show(request, done=request.query.get("done", ""))


async def change_password(request: web.Request) -> web.StreamResponse:
    """Take a new password; all sessions of the person end, this one begins anew."""
    person, new = caller(request).person, await field(request, "new")
    try:
        if await request.app[GATE].open(request, person.username, await field(request, "current")) is None:
            return await _show(request, status=400, problem=("current", "wrong"))
        kept = await asyncio.to_thread(hash_password, new)
    except Locked as locked:
        return await _show(request, status=429, problem=("current", "locked"), minutes=locked.minutes)
    except PasswordRefused as refused:
        return await _show(request, status=400, problem=("new", "refused"), sentence=str(refused))
    await log(request).staff.set_password(person.username, kept)
    await log(request).staff.note(person, "changed_password", None)
    answer = web.HTTPSeeOther("/account?done=password")
    await begin_session(request, answer, person)
    raise answer


async def make_token(request: web.Request) -> web.Response:
    """Make an API token and show it, this once."""
    name = (await field(request, "name")).strip()
    if not name or len(name) > LONGEST_TOKEN_NAME:
        return await _show(request, status=400, problem=("name", "missing" if not name else "long"))
    token = await log(request).staff.make_api_token(caller(request).person, name)
    return await _show(request, token=token, token_name=name)


async def withdraw_token(request: web.Request) -> web.StreamResponse:
    await log(request).staff.withdraw_api_token(caller(request).person, await field(request, "handle"))
    raise web.HTTPSeeOther("/account?done=withdrawn")


async def _show(
    request: web.Request,
    *,
    status: int = 200,
    done: str = "",
    problem: tuple[str, str] | None = None,
    minutes: int = 0,
    sentence: str = "",
    token: str = "",
    token_name: str = "",
) -> web.Response:
    tokens = await log(request).staff.api_tokens(caller(request).person)
    return page(
        request, "account.html", status=status, done=done, problem=problem, minutes=minutes, sentence=sentence, token=token,
        token_name=token_name, tokens=tokens, origin=f"{request.scheme}://{request.host}",
    )  # fmt: skip


ROUTES = (
    get("/account", account),
    post("/account/password", change_password),
    post("/account/tokens", make_token),
    post("/account/tokens/withdraw", withdraw_token),
)
