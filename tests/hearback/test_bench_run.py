"""The bench as it is run, without stock Rasa: it starts Hearback, measures it, writes its pages, and leaves nothing running."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hearback.bench import plan
from hearback.bench.report import read
from hearback.settings import ROOT

# Without the weight of the environments, for which another one would be installed, and without training.
PARTS = [name for name in plan.NAMES if name not in ("training", "installed")]
LONGEST = 1100.0  # seconds; a minute or two where little else runs


async def begin(home: Path, *options: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "hearback.bench", "--quick", "--without-stock", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HEARBACK_", "TWILIO_"))}
    return await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={**environment, "HEARBACK_HOME": str(home)}, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )  # fmt: skip


def of_the_bench(home: Path) -> list[int]:
    """Processes that work with this data folder or one inside it."""
    mark, found = f"HEARBACK_HOME={home}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and any(one.startswith(mark) for one in (folder / "environ").read_bytes().split(b"\0")):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Path]:
    yield tmp_path / "home"
    for pid in of_the_bench(tmp_path / "home"):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.timeout(LONGEST + 60)
async def test_a_quick_run_measures_everything_of_hearback_and_stops_it(home: Path, tmp_path: Path) -> None:
    bench = await begin(home, "--only", ",".join(PARTS), "--out", str(tmp_path / "out"))
    async with asyncio.timeout(LONGEST):
        printed, _ = await bench.communicate()
    told = printed.decode()
    assert bench.returncode == 0, told
    lines, about = read(tmp_path / "out" / "latest.json")
    assert [line.key for line in lines if line.hearback is None] == []
    assert {"latency_p50", "latency_p99", "crowd_100_p95", "steady_high_p99", "message_100", "ready", "memory_rasa_after_turns"} <= {
        line.key for line in lines
    }
    assert {"understanding_errors", "idle_memory", "staff_reply_p95", "kind_find_support"} <= {line.key for line in lines}
    assert about["turns without an answer"] == "hearback 0" and about["stopped by itself"] == "none"
    assert "Not measured on both sides" in (tmp_path / "out" / "README.md").read_text()
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {"turns.png", "growth.png"}
    assert told.startswith("[    0 s] The plan") and "One citizen." in told
    assert of_the_bench(home) == []


@pytest.mark.timeout(LONGEST + 60)
async def test_ctrl_c_stops_what_the_bench_started(home: Path, tmp_path: Path) -> None:
    bench = await begin(home, "--only", "growth", "--out", str(tmp_path / "out"))
    assert bench.stdout
    async with asyncio.timeout(LONGEST):
        while "Long conversations." not in (await bench.stdout.readline()).decode():
            assert bench.returncode is None
        while len(of_the_bench(home)) < 4:  # itself and the first of those that it starts
            await asyncio.sleep(0.1)
        bench.send_signal(signal.SIGINT)
        bench.send_signal(signal.SIGINT)  # an impatient second one hinders nothing
        await bench.communicate()
    assert bench.returncode == 130
    assert of_the_bench(home) == []
    assert not (tmp_path / "out").exists()
