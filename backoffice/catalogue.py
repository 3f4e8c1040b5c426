"""What the back office takes: its services and their questions, kept in a file so that they are known while it is away."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from backoffice import kept
from backoffice.open311 import Open311Client
from backoffice.records import Attribute, Service

AT_ONCE = 4


@dataclass(frozen=True)
class Entry:
    """A service with its questions, in their order."""

    service: Service
    attributes: tuple[Attribute, ...]


class Catalogue:
    """The entries by service code."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self.entries = entries

    def get(self, code: str | None) -> Entry | None:
        return self.entries.get(code or "")


def path_in(home: Path) -> Path:
    return home / "catalogue.json"


async def refresh(client: Open311Client, home: Path) -> bool:
    """Read services and definitions from the back office and keep them; returns whether anything changed."""
    services = await client.services()
    gate = asyncio.Semaphore(AT_ONCE)

    async def questions(service: Service) -> list[Attribute]:
        if not service.metadata:
            return []
        async with gate:
            return await client.definition(service.code)

    found = await asyncio.gather(*(questions(service) for service in services))
    rows = [{**asdict(service), "attributes": [asdict(one) for one in asked]} for service, asked in zip(services, found, strict=True)]
    body = orjson.dumps(rows, option=orjson.OPT_INDENT_2)
    return kept.keep(path_in(home), body)


def version(home: Path) -> kept.Version:
    """Changes whenever the kept catalogue does; `kept.NEVER` while there is none."""
    return kept.version(path_in(home))


def read(home: Path) -> Catalogue:
    """The kept catalogue, empty while there is none."""
    return _read(home, version(home))


@lru_cache(maxsize=2)
def _read(home: Path, seen: kept.Version) -> Catalogue:
    if seen == kept.NEVER:
        return Catalogue({})
    rows: list[dict[str, Any]] = orjson.loads(path_in(home).read_bytes())
    entries = {}
    for row in rows:
        attributes = tuple(Attribute(**{**one, "values": tuple(tuple(pair) for pair in one["values"])}) for one in row.pop("attributes"))
        service = Service(**{**row, "keywords": tuple(row["keywords"])})
        entries[service.code] = Entry(service, attributes)
    return Catalogue(entries)
