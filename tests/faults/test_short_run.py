"""A round of every fault against a running Hearback, shorter than `make chaos`; and what stopping in the middle leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from hearback import training
from hearback.chaos.product import until
from hearback.settings import ROOT

CHAOS = [sys.executable, "-m", "hearback.chaos", "--seed", "7"]


async def begun(*words: str, output: Path) -> asyncio.subprocess.Process:
    assert await asyncio.to_thread(training.train) == 0
    with output.open("wb") as out:
        return await asyncio.create_subprocess_exec(*CHAOS, *words, cwd=ROOT, stdout=out, stderr=out)


@pytest.mark.timeout(1800)  # three minutes on a quiet machine
async def test_after_a_round_of_every_fault_all_adds_up(tmp_path: Path) -> None:
    output = tmp_path / "chaos.out"
    size = ("--messages", "100", "--minutes", "2", "--pace", "0.1", "--web", "5", "--phones", "3", "--out", str(tmp_path))
    process = await begun(*size, output=output)
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    assert status == 0, output.read_text()[-8000:]
    found = json.loads((tmp_path / "chaos.json").read_text())
    assert found["adds_up"] and len(found["played"]) >= 20
    assert "Everything adds up." in (tmp_path / "chaos.md").read_text()


@pytest.mark.timeout(900)
async def test_ctrl_c_in_the_middle_stops_everything_that_was_started(tmp_path: Path) -> None:
    output = tmp_path / "chaos.out"
    process = await begun("--web", "1", "--phones", "1", output=output)
    assert await until(lambda: "Starting Hearback." in output.read_text(), 60)
    (home,) = {line.partition("Logs are in ")[2].rstrip(".") for line in output.read_text().splitlines() if "Logs are in" in line}

    def alive() -> int:
        mark = f"HEARBACK_HOME={home}/home".encode()
        return sum(mark in _environment(folder).split(b"\0") for folder in Path("/proc").glob("[0-9]*"))

    assert await until(lambda: alive() >= 5, 120)
    os.kill(process.pid, signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 60) == 130
    assert await until(lambda: not alive(), 5)
    shutil.rmtree(home)


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""
