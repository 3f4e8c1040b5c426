"""Signing in, with a second step for who has a second factor, and signing out."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import quote

from aiohttp import web

from console.access import session_cookie
from console.browsers import in_words
from console.forms import FORM_COOKIE, field
from console.gate import GATE, Locked, RunOut
from console.parts import CALLER, HALF, SETTINGS, Caller, caller, log
from console.render import page
from console.routes import Access, Route, post
from console.safety import by_https
from engagement.staff import Staff

LONGEST_NAME = 80
LONGEST_CODE = 40


async def sign_in_page(request: web.Request) -> web.StreamResponse:
    after = local_path(request.query.get("next", ""))
    if CALLER in request:
        raise web.HTTPSeeOther(after)
    return _form(request, after=after, ended="ended" in request.query, way_out=request.query.get("out") == "openid")


async def sign_in(request: web.Request) -> web.StreamResponse:
    username = (await field(request, "username")).strip()[:LONGEST_NAME]
    password, after = await field(request, "password"), local_path(await field(request, "next"))
    if not passwords_allowed(request):
        return _form(request, status=403, after=after)
    try:
        person = await request.app[GATE].open(request, username, password) if username and password else None
    except Locked as locked:
        return _form(request, status=429, after=after, username=username, locked=locked.minutes)
    except RunOut:
        return _form(request, status=400, after=after, username=username, run_out=True)
    if person is None:
        return _form(request, status=400, after=after, username=username, wrong=True)
    await end_session(request)  # whoever sat here before is signed out
    if person.second_factor:
        answer = web.HTTPSeeOther(f"/sign-in/code?next={quote(after, safe='/')}" if after != "/" else "/sign-in/code")
        await begin_session(request, answer, person, half=True)
        raise answer
    answer = web.HTTPSeeOther(after)
    await begin_session(request, answer, person)
    raise answer


async def code_page(request: web.Request) -> web.StreamResponse:
    """The second step: the code of the second factor."""
    if HALF not in request:
        raise web.HTTPSeeOther("/sign-in")
    return _form(request, "sign_in_code.html", after=local_path(request.query.get("next", "")))


async def take_code(request: web.Request) -> web.StreamResponse:
    """Let the person in whose password was right a moment ago, in a new session."""
    if HALF not in request:
        raise web.HTTPSeeOther("/sign-in?ended=1")
    person, after = request[HALF].person, local_path(await field(request, "next"))
    code = (await field(request, "code")).strip()[:LONGEST_CODE]
    try:
        if not code or not await request.app[GATE].take_code(request, person, code):
            return _form(request, "sign_in_code.html", status=400, after=after, wrong=True)
    except Locked as locked:
        await end_session(request)
        return _form(request, status=429, after=after, username=person.username, locked=locked.minutes)
    await end_session(request)
    answer = web.HTTPSeeOther(after)
    await begin_session(request, answer, person)
    raise answer


async def sign_out(request: web.Request) -> web.StreamResponse:
    session = caller(request).session
    await end_session(request)
    answer = web.HTTPSeeOther("/sign-in?out=openid" if session is not None and session.way == "openid" else "/sign-in")
    answer.del_cookie(session_cookie(request), path="/", secure=by_https(request))
    raise answer


async def begin_session(
    request: web.Request, answer: web.StreamResponse, person: Staff, *, way: str = "password", half: bool = False
) -> None:
    """Sign the person in with a new token, never with one that the browser brought along; `half` still owes a code."""
    browser = in_words(request.headers.get("User-Agent", ""))
    token, _ = await log(request).staff.sign_in(person, way=way, browser=browser, half=half)
    set_cookie(request, answer, session_cookie(request), token)
    if not half:
        answer.del_cookie(FORM_COOKIE, path="/sign-in")


async def end_session(request: web.Request) -> None:
    """End the session that this browser has, whole or half, if it has one."""
    who: Caller | None = request.get(CALLER) or request.get(HALF)
    if who is not None and who.token:
        await log(request).staff.sign_out(who.token)


def local_path(text: str) -> str:
    """An address of ours to go on to; anything else becomes the first page."""
    return text if re.fullmatch(r"/(?!/)[!-\[\]-~]*", text) else "/"


def passwords_allowed(request: web.Request) -> bool:
    settings = request.app[SETTINGS]
    return not settings.oidc_issuer or settings.oidc_passwords == "on"


def sign_in_again(request: web.Request, *, status: int, refused: str) -> web.Response:
    """The sign-in page with why the single sign-on did not lead inside."""
    return _form(request, status=status, after="/", refused=refused)


def _form(request: web.Request, template: str = "sign_in.html", *, status: int = 200, after: str, **shown: Any) -> web.Response:
    token = request.cookies.get(FORM_COOKIE, "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", token):
        token = secrets.token_urlsafe(32)
    known: dict[str, Any] = {"username": "", "wrong": False, "locked": 0, "ended": False, "way_out": False, "run_out": False, "refused": ""}
    ways = {"openid": bool(request.app[SETTINGS].oidc_issuer), "passwords": passwords_allowed(request)}
    answer = page(request, template, status=status, form_token=token, after=after, **{**known, **ways, **shown})
    set_cookie(request, answer, FORM_COOKIE, token, path="/sign-in")
    return answer


def set_cookie(
    request: web.Request,
    answer: web.StreamResponse,
    name: str,
    value: str,
    *,
    path: str = "/",
    same_site: str = "Strict",
    age: int | None = None,
) -> None:
    """A cookie that scripts cannot read and that goes by https where the page did."""
    answer.set_cookie(name, value, path=path, httponly=True, samesite=same_site, secure=by_https(request), max_age=age)


ROUTES = (
    Route(method="GET", path="/sign-in", handler=sign_in_page, access=Access.SIGN_IN),
    Route(method="POST", path="/sign-in", handler=sign_in, access=Access.SIGN_IN),
    Route(method="GET", path="/sign-in/code", handler=code_page, access=Access.SIGN_IN),
    Route(method="POST", path="/sign-in/code", handler=take_code, access=Access.SIGN_IN),
    post("/sign-out", sign_out, owing=True),
)
