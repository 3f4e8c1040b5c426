"""`hearback bench seed`: fill an empty database with a made-up city, to try out or measure a large one."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import replace

from engagement.bulk import Bulk
from engagement.database import Database
from engagement.migrations import upgrade
from hearback.bench.city import City
from hearback.keys import load_keys
from hearback.settings import Settings


async def fill(database: Database, city: City, *, say: bool = True) -> None:
    """Bring the database up to date and write the city into it."""
    await upgrade(database)
    bulk, begun, written = Bulk(database), time.monotonic(), 0
    await bulk.begin()
    for number, rows in enumerate(city.rows()):
        await bulk.add(rows)
        written += len(rows.get("messages", ()))
        if say and (number % 10 == 9 or written == city.messages):
            print(f"[{time.monotonic() - begun:5.0f} s] {written:,} of {city.messages:,} messages", flush=True)  # noqa: T201
    if say:
        print(f"[{time.monotonic() - begun:5.0f} s] The lists' columns and the index of words.", flush=True)  # noqa: T201
    await bulk.finish()


async def seed(settings: Settings, *, messages: int, requests: int, number: int) -> int:
    database = Database(settings.database_url)
    try:
        await upgrade(database)
        if not await Bulk(database).is_empty():
            print("There are conversations in this database: only an empty one is filled.", file=sys.stderr)  # noqa: T201
            return 1
        await fill(database, City(messages=messages, requests=requests, keys=load_keys(settings.home), seed=number))
    finally:
        await database.close()
    return 0


def run(given: argparse.Namespace, settings: Settings) -> int:
    if given.messages < 1 or given.requests < 0:
        print("--messages and --requests are whole numbers from 1 and 0.", file=sys.stderr)  # noqa: T201
        return 2
    if given.home:
        settings = replace(settings, home=given.home.absolute(), database="")
    if given.url:
        settings = replace(settings, database=given.url)
    return asyncio.run(seed(settings, messages=given.messages, requests=given.requests, number=given.seed))
