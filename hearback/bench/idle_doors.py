"""The doors of `hearback.bench.idle`, in a process of their own. Each line of standard input is answered with what they did so far."""

from __future__ import annotations

import asyncio
import json
import sys

from aiohttp import web

from channels.app import make_app
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.migrations import upgrade
from hearback import logs
from hearback.clock import Clock
from hearback.keys import load_keys
from hearback.settings import Settings


async def main() -> None:
    settings = Settings.from_environ()
    database = Database(settings.database_url)
    await upgrade(database)
    keys = load_keys(settings.home)
    runner = web.AppRunner(make_app(settings, EngagementLog(database, Clock(), keys), Clock(), keys), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port, backlog=1024).start()
    print(json.dumps(dict(database.asked)), flush=True)  # noqa: T201
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        print(json.dumps(dict(database.asked)), flush=True)  # noqa: T201
    await runner.cleanup()


if __name__ == "__main__":
    logs.set_up("idle")
    asyncio.run(main())
