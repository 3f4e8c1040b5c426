"""Signing in and out."""

from __future__ import annotations

import asyncio
import functools
import math
import re
import secrets
import weakref

from aiohttp import web

from console.access import SESSION_COOKIE
from console.forms import FORM_COOKIE, field
from console.parts import CALLER, CLOCK, Caller, caller, log
from console.render import page
from console.routes import Access, Route, post
from console.safety import by_https
from engagement.passwords import hash_password, verify_password
from engagement.staff import Staff

AT_ONCE = 2  # each comparison takes a core and 64 MiB for a moment
LONGEST_NAME = 80


class Locked(Exception):
    """Too many wrong passwords; `minutes` until the next try counts."""

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes


class Gate:
    """Compares passwords off the event loop, one at a time for each name, so that no burst outruns the lock-out."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._names: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._decoy = ""

    async def prepare(self, app: web.Application) -> None:
        """Make the hash that unknown names are compared with, so that they take as long as known ones."""
        self._decoy = await asyncio.to_thread(_decoy)

    async def open(self, request: web.Request, username: str, password: str) -> Staff | None:
        """The person of this name and password, None if they do not fit; raises Locked."""
        staff = log(request).staff
        async with self._names.setdefault(username, asyncio.Lock()):
            if until := await staff.locked_until(username):
                clock = request.app[CLOCK]
                raise Locked(math.ceil(clock.real_seconds((until - clock.now()).total_seconds()) / 60))
            person = await staff.by_name(username)
            async with self._slots:
                fits = await asyncio.to_thread(verify_password, person.password_hash if person else self._decoy, password)
            if person and fits:
                return person
            await staff.failed(person, username)
            return None


@functools.cache
def _decoy() -> str:
    return hash_password(secrets.token_urlsafe(24))


GATE = web.AppKey("gate", Gate)


async def sign_in_page(request: web.Request) -> web.StreamResponse:
    after = local_path(request.query.get("next", ""))
    if CALLER in request:
        raise web.HTTPSeeOther(after)
    return _form(request, after=after, ended="ended" in request.query)


async def sign_in(request: web.Request) -> web.StreamResponse:
    username = (await field(request, "username")).strip()[:LONGEST_NAME]
    password, after = await field(request, "password"), local_path(await field(request, "next"))
    try:
        person = await request.app[GATE].open(request, username, password) if username and password else None
    except Locked as locked:
        return _form(request, status=429, after=after, username=username, locked=locked.minutes)
    if person is None:
        return _form(request, status=400, after=after, username=username, wrong=True)
    if CALLER in request:  # whoever sat here before is signed out
        await end_session(request)
    answer = web.HTTPSeeOther(after)
    await begin_session(request, answer, person)
    raise answer


async def sign_out(request: web.Request) -> web.StreamResponse:
    await end_session(request)
    answer = web.HTTPSeeOther("/sign-in")
    answer.del_cookie(SESSION_COOKIE, path="/")
    raise answer


async def begin_session(request: web.Request, answer: web.StreamResponse, person: Staff) -> None:
    """Sign the person in with a new token, never with one that the browser brought along."""
    token, _ = await log(request).staff.sign_in(person)
    _set_cookie(request, answer, SESSION_COOKIE, token)
    answer.del_cookie(FORM_COOKIE, path="/sign-in")


async def end_session(request: web.Request) -> None:
    who: Caller = caller(request)
    await log(request).staff.sign_out(who.token or "")


def local_path(text: str) -> str:
    """An address of ours to go on to; anything else becomes the first page."""
    return text if re.fullmatch(r"/(?!/)[!-\[\]-~]*", text) else "/"


def _form(
    request: web.Request,
    *,
    status: int = 200,
    after: str,
    username: str = "",
    wrong: bool = False,
    locked: int = 0,
    ended: bool = False,
) -> web.Response:
    token = request.cookies.get(FORM_COOKIE, "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", token):
        token = secrets.token_urlsafe(32)
    answer = page(
        request, "sign_in.html", status=status, form_token=token, after=after, username=username, wrong=wrong, locked=locked, ended=ended
    )
    _set_cookie(request, answer, FORM_COOKIE, token, path="/sign-in")
    return answer


def _set_cookie(request: web.Request, answer: web.StreamResponse, name: str, value: str, path: str = "/") -> None:
    answer.set_cookie(name, value, path=path, httponly=True, samesite="Strict", secure=by_https(request))


ROUTES = (
    Route(method="GET", path="/sign-in", handler=sign_in_page, access=Access.SIGN_IN),
    Route(method="POST", path="/sign-in", handler=sign_in, access=Access.SIGN_IN),
    post("/sign-out", sign_out),
)
