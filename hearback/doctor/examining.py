"""Takes every look, all at once, and prints a line for each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import aiohttp

from hearback.doctor import here, outside
from hearback.doctor.findings import Finding, wrong
from hearback.settings import Settings, problems

HERE: dict[str, Callable[[Settings], Awaitable[Finding]]] = {
    "data folder": here.home,
    "disk": here.disk,
    "keys": here.keys,
    "model": here.model,
    "database": here.database,
    "clock": here.clock,
    "backup": here.backups,
    "public address": here.public,
}
OUTSIDE: dict[str, Callable[[aiohttp.ClientSession, Settings], Awaitable[Finding]]] = {
    "doors": outside.doors,
    "console": outside.console,
    "back office": outside.open311,
    "directory": outside.hsds,
    "gazetteer": outside.gazetteer,
    "twilio": outside.twilio,
    "mail": outside.mail,
    "redis": outside.redis,
}


async def examine(settings: Settings, *, as_json: bool = False) -> int:
    """The status is 1 when something needs doing."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        looks = {name: look(settings) for name, look in HERE.items()} | {name: look(session, settings) for name, look in OUTSIDE.items()}
        found = await asyncio.gather(*(_guarded(look) for look in looks.values()))
    return say({"settings": Finding(True), **dict(zip(looks, found, strict=True))}, as_json=as_json)


def misread(environ: Mapping[str, str], *, as_json: bool = False) -> int | None:
    """With settings that cannot be read nothing else is looked at: the status, or None where all can."""
    sentences = problems(environ)
    return say({"settings": sentences}, as_json=as_json) if sentences else None


async def _guarded(look: Awaitable[Finding]) -> Finding:
    try:
        return await look
    except Exception as error:
        return wrong(f"This could not be looked at ({type(error).__name__}).")


def say(found: Mapping[str, Finding | Iterable[str]], *, as_json: bool) -> int:
    lines: list[dict[str, Any]] = []
    for name, one in found.items():
        several = [one] if isinstance(one, Finding) else [wrong(sentence) for sentence in one]
        lines += [{"name": name, "fine": each.fine, "says": each.says} for each in several]
    for line in lines if not as_json else []:
        print(f"{line['name']:15} {line['says']}")  # noqa: T201
    if as_json:
        print(json.dumps({"fine": all(line["fine"] for line in lines), "looks": lines}, indent=2))  # noqa: T201
    return 0 if all(line["fine"] for line in lines) else 1
