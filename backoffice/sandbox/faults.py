"""Outages on demand: makes the next answers of the GeoReport or bins endpoints fail, so that a client can be tried against them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from backoffice.sandbox.answers import Refused, refusal
from backoffice.sandbox.store import Store

LONGEST_DELAY = 600
SYSTEMS = ("open311", "bins")
KEPT = "faults_by_system"
GARBAGE = '<html>502 Bad Gateway {"service_request_id":'
Fault = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FINE: dict[str, Callable[[Any], bool]] = {
    "status": lambda value: type(value) is int and 400 <= value <= 599,
    "delay": lambda value: type(value) in (int, float) and 0 <= value <= LONGEST_DELAY,
    "garbage": lambda value: value is True,
    "drop": lambda value: value is True,
    "after": lambda value: value is True,
}
EXPECTED = 'A fault is {"status": 400-599}, {"delay": seconds}, {"garbage": true} or {"drop": true}; "after": true does the work first.'


class Faults:
    """The faults now in force, by system: the fault, and how many answers it still spoils (None for no end)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now: dict[str, tuple[Fault, int | None]] = {name: tuple(kept) for name, kept in (store.kept(KEPT) or {}).items()}

    def now(self) -> dict[str, Any]:
        """{"open311": fault or None, "count": answers left or None}, and the other systems' faults if they have any."""
        fault, count = self._now.get("open311", (None, None))
        return {"open311": fault, "count": count, **{name: fault for name, (fault, _) in self._now.items() if name != "open311"}}

    def set(self, body: dict[str, Any]) -> None:
        """Checks and keeps {"open311" or "bins": fault or None, "count"?}; raises Refused(400)."""
        named = [name for name in SYSTEMS if name in body]
        if len(named) != 1 or set(body) - {*named, "count"}:
            raise Refused(400, f'Send {{"{SYSTEMS[0]}" or "{SYSTEMS[1]}": fault or null, "count": number}}.')
        fault, count = body[named[0]], body.get("count")
        if fault is not None:
            _check(fault)
        if count is not None and (type(count) is not int or count < 1):
            raise Refused(400, "count must be a whole number from 1.")
        self._keep(named[0], fault, count)

    def take(self, system: str = "open311") -> Fault:
        """The fault for the answer about to be given; empty if there is none."""
        fault, count = self._now.get(system, ({}, None))
        if count is not None:
            self._keep(system, fault if count > 1 else None, count - 1)
        return fault

    def _keep(self, system: str, fault: Fault | None, count: int | None) -> None:
        self._now.pop(system, None)
        if fault is not None:
            self._now[system] = fault, count
        self._store.keep(KEPT, self._now)


FAULTS = web.AppKey("faults", Faults)


@web.middleware
async def spoil_bins(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Plays the faults of the bin system."""
    faults = request.app[FAULTS]
    fault = faults.take("bins") if request.path.startswith("/bins/") else {}
    if fault and "after" not in fault:
        return await spoil(fault, "json", request) or await handler(request)
    done = await handler(request)
    return (await spoil(fault, "json", request) or done) if fault else done


def _check(fault: object) -> None:
    if not isinstance(fault, dict) or not fault or not all(name in FINE and FINE[name](value) for name, value in fault.items()):
        raise Refused(400, EXPECTED)


async def spoil(fault: Fault, kind: str, request: web.Request) -> web.Response | None:
    """Play a fault; None if the answer is only late."""
    await asyncio.sleep(fault.get("delay", 0))
    if "drop" in fault and request.transport is not None:
        request.transport.abort()
        return web.Response(status=500)
    if "status" in fault:
        return refusal(kind, Refused(fault["status"], "The sandbox was told to fail."))
    if "garbage" in fault:
        return web.Response(text=GARBAGE, content_type="application/json" if kind == "json" else "text/xml")
    return None
