"""`make fuzz`: every target in turn for its share of the time; writes docs/benchmarks/fuzz.md and keeps what breaks one as a seed."""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from targets import TARGETS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "fuzz.md"
LONGEST_INPUT, SLOWEST_INPUT, MEMORY = 4096, 10, 4096  # bytes, seconds, megabytes


@dataclass(frozen=True)
class Run:
    name: str
    seconds: float
    runs: int
    covered: int
    broke: tuple[str, ...]


def fuzz(name: str, seconds: float) -> Run:
    """One target in a process of its own, beginning with its seeds."""
    seeds, begun = HERE / "seeds" / name, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hearback-fuzz-") as made:
        found, broken = Path(made) / "found", Path(made) / "broken"
        found.mkdir()
        broken.mkdir()
        options = [f"-max_total_time={int(seconds)}", f"-max_len={LONGEST_INPUT}", f"-timeout={SLOWEST_INPUT}", f"-rss_limit_mb={MEMORY}"]
        folders = [str(found), *([str(seeds)] if seeds.is_dir() else [])]
        command = [sys.executable, str(HERE / "one.py"), name, f"-artifact_prefix={broken}/", *options, *folders]
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, errors="replace", env={**os.environ, "HEARBACK_HOME": made}
        )
        kept = []
        for one in sorted(broken.iterdir()):
            seeds.mkdir(parents=True, exist_ok=True)
            shutil.copy(one, seeds / one.name)
            kept.append(one.name)
        if ended.returncode and not kept:
            kept.append(f"ended with status {ended.returncode}")
        if ended.returncode:
            sys.stderr.write(ended.stderr[-3000:])
    done = re.findall(r"^#(\d+)\s", ended.stderr, re.MULTILINE)
    covered = re.findall(r"cov: (\d+)", ended.stderr)
    return Run(name, time.monotonic() - begun, int(done[-1]) if done else 0, int(covered[-1]) if covered else 0, tuple(kept))


def report(runs: list[Run]) -> str:
    broke = [run.name for run in runs if run.broke]
    total = sum(run.runs for run in runs)
    verdict = f"{', '.join(broke)} broke; what broke them is among the seeds." if broke else "Nothing broke."
    lines = [
        "# Fuzzing",
        "",
        f"Written by `make fuzz` on {datetime.now(UTC):%-d %B %Y}: {len(runs)} targets,"
        f" {sum(run.seconds for run in runs) / 60:.0f} minutes of work,"
        f" {total:,} inputs. {verdict}",
        "",
        f"Machine: {os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, atheris {version('atheris')}."
        f" An input has {LONGEST_INPUT} bytes at most; one that takes {SLOWEST_INPUT} seconds or {MEMORY} MB breaks its target.",
        "",
        "| target | seconds | inputs | branches reached | result |",
        "|---|---:|---:|---:|---|",
        *(
            f"| {run.name} | {run.seconds:.0f} | {run.runs:,} | {run.covered:,} | {', '.join(run.broke) or 'nothing broke'} |"
            for run in runs
        ),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="for all targets together")
    parser.add_argument("--jobs", type=int, default=1, help="how many targets at once; each takes a core")
    parser.add_argument("targets", nargs="*", help="only these")
    given = parser.parse_args()
    names = given.targets or sorted(TARGETS)
    seconds, runs = given.minutes * 60 / len(names) * given.jobs, []
    with ThreadPoolExecutor(given.jobs) as jobs:
        for run in jobs.map(lambda name: fuzz(name, seconds), names):
            runs.append(run)
            print(f"{run.name}: {run.runs:,} inputs in {run.seconds:.0f} s, {', '.join(run.broke) or 'nothing broke'}", flush=True)  # noqa: T201
    if not given.targets:
        REPORT.write_text(report(runs), encoding="utf-8")
    sys.exit(any(run.broke for run in runs))


if __name__ == "__main__":
    main()
