"""A new model without a pause: a second Rasa starts beside the one in use, and when it is ready the doors turn to it.

Where the doors go stands in `rasa.json` of the data folder, which they look at before each turn.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from pathlib import Path

import aiohttp

from hearback.settings import Settings

FILE = "rasa.json"
READY_WITHIN = 120.0  # seconds; a model that is not loaded by then is not taken
WARM_WITHIN = 30.0  # seconds for its first turn, which is nobody's
LAST_TURNS = 5.0  # seconds in which the one before answers what it has in hand
LOOK_EVERY = 0.1


class Address:
    """Where the Rasa in use listens, as the data folder says now."""

    def __init__(self, settings: Settings) -> None:
        self._path, self._usual = settings.home / FILE, settings.rasa_port
        self._saved, self._port = 0, settings.rasa_port

    def __call__(self) -> str:
        try:
            saved = os.stat(self._path).st_mtime_ns
        except OSError:
            saved = 0
        if saved != self._saved:
            self._saved, self._port = saved, _read(self._path) or self._usual
        return f"http://127.0.0.1:{self._port}"


def point(home: Path, port: int) -> None:
    """From the next turn on the doors go to this port."""
    temporary = home / f"{FILE}.{os.getpid()}"
    temporary.write_text(json.dumps({"port": port}))
    os.replace(temporary, home / FILE)


def free_port(usual: int) -> int:
    """The usual port where nobody has it, else another of loopback."""
    for port in (usual, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free")


async def becomes_ready(port: int, token: str, process: asyncio.subprocess.Process, *, within: float | None = None) -> bool:
    """Whether the Rasa that was started there has its model loaded in time."""
    until, url = time.monotonic() + (READY_WITHIN if within is None else within), f"http://127.0.0.1:{port}/webhooks/hearback/ready?warm=1"
    timeout, proof = aiohttp.ClientTimeout(total=WARM_WITHIN), {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(timeout=timeout, headers=proof) as session:
        while time.monotonic() < until and process.returncode is None:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return True
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(LOOK_EVERY)
    return False


def _read(path: Path) -> int | None:
    try:
        port = json.loads(path.read_text()).get("port")
    except (OSError, ValueError, AttributeError):
        return None
    return port if isinstance(port, int) and 0 < port < 65536 else None
