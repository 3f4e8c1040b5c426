"""Which of the council's systems were asked in a turn: kind of question, how it went, how long it took. Never any words or numbers."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import aiohttp

from hearback import trace

MOST = 12  # of a turn that are kept
PLAIN = re.compile(r"(?:[a-z_]+|v\d+)(?:\.(?:json|xml))?")  # parts of an address that say what is asked, not about whom
Call = dict[str, Any]
Tell = Callable[[Call], None] | None
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


def watching(systems: Mapping[str, str] | None = None, *, tell: Tell = None) -> aiohttp.TraceConfig:
    """Gives a session eyes: what is asked through it is recorded, and `tell` hears of each call.

    `systems` names the council's systems by how their addresses begin; they are told the trace of what is done.
    """
    config = aiohttp.TraceConfig()
    config.on_request_start.append(functools.partial(_begin, systems or {}))
    config.on_request_end.append(functools.partial(_end, tell))
    config.on_request_exception.append(functools.partial(_failed, tell))
    return config


async def _begin(
    systems: Mapping[str, str], session: aiohttp.ClientSession, context: SimpleNamespace, asked: aiohttp.TraceRequestStartParams
) -> None:
    context.begun, address = time.monotonic(), str(asked.url)
    context.system = next((name for begins, name in systems.items() if address.startswith(begins)), None)
    if context.system and trace.current():
        asked.headers[trace.HEADER] = trace.current()


async def _end(tell: Tell, session: aiohttp.ClientSession, context: SimpleNamespace, got: aiohttp.TraceRequestEndParams) -> None:
    result = "ok" if got.response.status < 400 else "refused" if got.response.status < 500 else "unavailable"
    _keep(got.method, got.url.path, result, context, tell)


async def _failed(
    tell: Tell, session: aiohttp.ClientSession, context: SimpleNamespace, failed: aiohttp.TraceRequestExceptionParams
) -> None:
    _keep(failed.method, failed.url.path, "unavailable", context, tell)


def _keep(method: str, path: str, result: str, context: SimpleNamespace, tell: Tell) -> None:
    made, call = _made.get(), {"call": f"{method} {asked(path)}", "result": result, "ms": round((time.monotonic() - context.begun) * 1000)}
    if context.system:
        call["to"] = context.system
    if made is not None and len(made) < MOST:
        made.append(call)
    if tell:
        tell(call)


def asked(path: str) -> str:
    """The last parts of an address, with everything hidden that could be somebody's: "requests/….json"."""
    parts = [part for part in path.split("/") if part]
    shown = [
        part if PLAIN.fullmatch(part) else "…" + (part[part.rindex(".") :] if part.endswith((".json", ".xml")) else "") for part in parts
    ]
    return "/".join(shown[-2:]) or "/"
