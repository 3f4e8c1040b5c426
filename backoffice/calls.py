"""Which of the council's systems were asked in a turn: kind of question, how it went, how long it took. Never any words or numbers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import aiohttp

MOST = 12  # of a turn that are kept
PLAIN = re.compile(r"(?:[a-z_]+|v\d+)(?:\.(?:json|xml))?")  # parts of an address that say what is asked, not about whom
Call = dict[str, Any]
_made: ContextVar[list[Call] | None] = ContextVar("calls", default=None)


@contextmanager
def recorded() -> Iterator[list[Call]]:
    """Collect what is asked in here: {"call": "GET requests.json", "result": ok | refused | unavailable, "ms"}."""
    made: list[Call] = []
    token = _made.set(made)
    try:
        yield made
    finally:
        _made.reset(token)


def watching() -> aiohttp.TraceConfig:
    """Gives a session eyes: what is asked through it is recorded."""
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_begin)
    config.on_request_end.append(_end)
    config.on_request_exception.append(_failed)
    return config


async def _begin(session: aiohttp.ClientSession, context: SimpleNamespace, asked: aiohttp.TraceRequestStartParams) -> None:
    context.begun = time.monotonic()


async def _end(session: aiohttp.ClientSession, context: SimpleNamespace, got: aiohttp.TraceRequestEndParams) -> None:
    result = "ok" if got.response.status < 400 else "refused" if got.response.status < 500 else "unavailable"
    _keep(got.method, got.url.path, result, context)


async def _failed(session: aiohttp.ClientSession, context: SimpleNamespace, failed: aiohttp.TraceRequestExceptionParams) -> None:
    _keep(failed.method, failed.url.path, "unavailable", context)


def _keep(method: str, path: str, result: str, context: SimpleNamespace) -> None:
    made = _made.get()
    if made is not None and len(made) < MOST:
        made.append({"call": f"{method} {asked(path)}", "result": result, "ms": round((time.monotonic() - context.begun) * 1000)})


def asked(path: str) -> str:
    """The last parts of an address, with everything hidden that could be somebody's: "requests/….json"."""
    parts = [part for part in path.split("/") if part]
    shown = [
        part if PLAIN.fullmatch(part) else "…" + (part[part.rindex(".") :] if part.endswith((".json", ".xml")) else "") for part in parts
    ]
    return "/".join(shown[-2:]) or "/"
