"""Names the machine and the state of the code, so that a number is never read without them."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path

from hearback.settings import ROOT


def about() -> dict[str, str]:
    return {
        "when": when(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()} of memory, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "code": _commit(),
        "load before": load(),
    }


def when() -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())


def load() -> str:
    """What else the machine was doing: the load averages of the last 1, 5 and 15 minutes."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory() -> str:
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    return f"{kilobytes / 1024 / 1024:.0f} GB"


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed
