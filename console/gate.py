"""Compares passwords and codes, so that no burst outruns the lock-out."""

from __future__ import annotations

import asyncio
import functools
import math
import secrets
import weakref

from aiohttp import web

from console.parts import CLOCK, log
from engagement.passwords import hash_password, verify_password
from engagement.staff import Staff

AT_ONCE = 2  # each comparison takes a core and 64 MiB for a moment


class Locked(Exception):
    """Too many wrong passwords or codes; `minutes` until the next try counts."""

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes


class RunOut(Exception):
    """The password is right, was handed out for a time, and the time is over."""


class Gate:
    """Compares passwords off the event loop, one at a time for each name."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._names: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._decoy = ""

    async def prepare(self, app: web.Application) -> None:
        """Make the hash that unknown names are compared with, so that they take as long as known ones."""
        self._decoy = await asyncio.to_thread(_decoy)

    async def open(self, request: web.Request, username: str, password: str) -> Staff | None:
        """The person of this name and password, None if they do not fit; raises Locked and RunOut."""
        staff = log(request).staff
        async with self._names.setdefault(username, asyncio.Lock()):
            await self._check_lock(request, username)
            person = await staff.by_name(username)
            kept = (person.password_hash if person else "") or self._decoy  # who comes from the single sign-on has no password
            async with self._slots:
                fits = await asyncio.to_thread(verify_password, kept, password)
            if person and fits:
                if person.password_once_until is not None and person.password_once_until <= request.app[CLOCK].now():
                    raise RunOut
                return person
            await staff.failed(person, username)
            return None

    async def take_code(self, request: web.Request, person: Staff, code: str) -> bool:
        """Whether this is the code of the person's second factor, or a recovery code; either is taken once. Raises Locked."""
        async with self._names.setdefault(person.username, asyncio.Lock()):
            await self._check_lock(request, person.username)
            if await log(request).factors.accept(person, code):
                return True
            await log(request).staff.failed(person, person.username, "code_failed")
            return False

    async def _check_lock(self, request: web.Request, username: str) -> None:
        if until := await log(request).staff.locked_until(username):
            clock = request.app[CLOCK]
            raise Locked(math.ceil(clock.real_seconds((until - clock.now()).total_seconds()) / 60))


@functools.cache
def _decoy() -> str:
    return hash_password(secrets.token_urlsafe(24))


GATE = web.AppKey("gate", Gate)
