"""The one who starts everything: killed, it leaves nobody behind; on a full or read-only disk it tries on."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import sys
import textwrap
from pathlib import Path

import pytest

from hearback.chaos.product import until
from hearback.settings import Settings
from hearback.supervisor import Child, Supervisor, say

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
KEEPS_TWO = """
import asyncio, sys
from pathlib import Path
from hearback.settings import Settings
from hearback.supervisor import Child, Supervisor

async def main(home):
    settings = Settings.from_environ({"HEARBACK_HOME": str(home), "HEARBACK_MODELS": str(home / "models")})
    supervisor = Supervisor(settings, home / "none.tar.gz")
    supervisor.children = [Child(name, [sys.executable, "-c", "import time; time.sleep(60)"], home / name) for name in ("one", "two")]
    await supervisor.keep_running()

asyncio.run(main(Path(sys.argv[1])))
"""


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def runs(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def supervisor_of(home: Path, *logs: Path) -> Supervisor:
    supervisor = Supervisor(
        Settings.from_environ({"HEARBACK_HOME": str(home), "HEARBACK_MODELS": str(home / "models")}), home / "none.tar.gz"
    )
    supervisor.children = [Child(log.name, SLEEPER, log) for log in logs]
    return supervisor


async def test_kill_9_of_the_supervisor_leaves_no_child_behind(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", textwrap.dedent(KEEPS_TWO), str(tmp_path))
    try:
        assert await until(lambda: len(children(parent.pid)) == 2, 60)
        kept = children(parent.pid)
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        await parent.wait()
    assert await until(lambda: not any(map(runs, kept)), 5)


async def test_a_child_whose_log_cannot_be_written_is_started_once_it_can(tmp_path: Path) -> None:
    """As on a disk that is read-only for a while; the others run on."""
    missing = tmp_path / "later" / "rasa.log"
    supervisor = supervisor_of(tmp_path, missing, tmp_path / "doors.log")
    waits, runs_on = supervisor.children
    running = asyncio.create_task(supervisor.keep_running())
    try:
        assert await until(lambda: waits.deaths >= 2 and runs_on.process is not None, 20)
        assert waits.process is None and not running.done()
        missing.parent.mkdir()
        assert await until(lambda: waits.process is not None, 20)
    finally:
        await supervisor.stop()
        await running


def test_a_sentence_that_cannot_be_printed_stops_nothing() -> None:
    """As where the output goes to a file on a full disk."""
    with open("/dev/full", "wb", buffering=0) as disk:
        full = io.TextIOWrapper(disk, write_through=True)
        with contextlib.redirect_stdout(full):
            say("rasa stopped; starting it again.")
        with pytest.raises(OSError):
            full.write("there is no room\n")
        full.detach()
