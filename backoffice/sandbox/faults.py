"""Outages on demand: makes the next answers of the GeoReport endpoints fail, so that a client can be tried against them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from backoffice.sandbox.answers import Refused, refusal
from backoffice.sandbox.store import Store

LONGEST_DELAY = 600
GARBAGE = '<html>502 Bad Gateway {"service_request_id":'
Fault = dict[str, Any]
FINE: dict[str, Callable[[Any], bool]] = {
    "status": lambda value: type(value) is int and 400 <= value <= 599,
    "delay": lambda value: type(value) in (int, float) and 0 <= value <= LONGEST_DELAY,
    "garbage": lambda value: value is True,
    "drop": lambda value: value is True,
    "after": lambda value: value is True,
}
EXPECTED = 'A fault is {"status": 400-599}, {"delay": seconds}, {"garbage": true} or {"drop": true}; "after": true does the work first.'


class Faults:
    """The fault now in force: {"open311": {...} | None, "count": answers left | None for no end}."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = store.kept("faults") or {"open311": None, "count": None}

    def now(self) -> dict[str, Any]:
        return dict(self._now)

    def set(self, body: dict[str, Any]) -> None:
        """Checks and keeps {"open311": fault or None, "count"?}; raises Refused(400)."""
        if set(body) - {"open311", "count"} or "open311" not in body:
            raise Refused(400, 'Send {"open311": fault or null, "count": number}.')
        fault, count = body["open311"], body.get("count")
        if fault is not None:
            _check(fault)
        if count is not None and (type(count) is not int or count < 1):
            raise Refused(400, "count must be a whole number from 1.")
        self._keep(fault, count if fault is not None else None)

    def take(self) -> Fault:
        """The fault for the answer about to be given; empty if there is none."""
        fault, count = self._now["open311"], self._now["count"]
        if count is not None:
            self._keep(fault if count > 1 else None, count - 1 or None)
        return fault or {}

    def _keep(self, fault: Fault | None, count: int | None) -> None:
        self._now = {"open311": fault, "count": count}
        self._store.keep("faults", self._now)


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
