"""`make fuzz`: every target for its share of the time, under atheris. Writes docs/benchmarks/fuzz.md; what breaks one becomes a seed."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import logging
import os
import platform
import re
import shutil
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import atheris

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT)]
PACKAGES = ["hearback", "channels", "console", "backoffice", "engagement", "bot"]

# It takes a minute, so it is done once: each target runs in a fork of this process.
with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(include=PACKAGES):
    from targets import TARGETS, Target

REPORT = ROOT / "docs" / "benchmarks" / "fuzz.md"
LONGEST_INPUT, SLOWEST_INPUT, MEMORY = 4096, 10, 4096  # bytes, seconds, megabytes


@dataclass(frozen=True)
class Run:
    name: str
    seconds: float
    runs: int
    covered: int
    broke: tuple[str, ...]


def keeping(target: Target, folder: Path) -> Target:
    """The target; what breaks it is written down."""

    def run(data: bytes) -> None:
        try:
            target(data)
        except Exception:
            (folder / f"crash-{hashlib.sha1(data, usedforsecurity=False).hexdigest()}").write_bytes(data)
            raise

    return run


def begin(name: str, seconds: float, folder: Path) -> int:
    """Start a target in a fork, beginning with its seeds; its process id."""
    (folder / "found").mkdir(parents=True)
    (folder / "broken").mkdir()
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT)
    os.dup2(said, 1)
    os.dup2(said, 2)
    logging.disable(logging.CRITICAL)
    options = [f"-max_total_time={int(seconds)}", f"-max_len={LONGEST_INPUT}", f"-timeout={SLOWEST_INPUT}", f"-rss_limit_mb={MEMORY}"]
    seeds = HERE / "seeds" / name
    folders = [str(folder / "found"), *([str(seeds)] if seeds.is_dir() else [])]
    status = 1
    try:
        atheris.Setup(
            [sys.argv[0], f"-artifact_prefix={folder / 'broken'}/", *options, *folders], keeping(TARGETS[name], folder / "broken")
        )
        atheris.Fuzz()
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)  # the folder of all runs is the first process's to take away


def ended(name: str, status: int, seconds: float, folder: Path) -> Run:
    """What became of a target; what broke it goes among the seeds."""
    said, seeds, kept = (folder / "said").read_text(encoding="utf-8", errors="replace"), HERE / "seeds" / name, []
    for one in sorted((folder / "broken").iterdir()):
        seeds.mkdir(parents=True, exist_ok=True)
        shutil.copy(one, seeds / one.name)
        kept.append(one.name)
    if status:
        sys.stderr.write(said[-3000:])
        kept = kept or [f"ended with status {status}"]
    done, covered = re.findall(r"^#(\d+)\s", said, re.MULTILINE), re.findall(r"cov: (\d+)", said)
    return Run(name, seconds, int(done[-1]) if done else 0, int(covered[-1]) if covered else 0, tuple(kept))


def fuzz_all(names: list[str], seconds: float, jobs: int, made: Path) -> list[Run]:
    for name in names:  # what is read once, such as the languages' letters, counts for no input's time
        TARGETS[name](b"hello")
    waiting, working, runs = list(names), {}, []
    while waiting or working:
        while waiting and len(working) < jobs:
            name = waiting.pop(0)
            working[begin(name, seconds, made / name)] = name, time.monotonic()
        pid, status = os.wait()
        name, begun = working.pop(pid)
        run = ended(name, os.waitstatus_to_exitcode(status), time.monotonic() - begun, made / name)
        runs.append(run)
        print(f"{name}: {run.runs:,} inputs in {run.seconds:.0f} s, {verdict_of(run)}", flush=True)  # noqa: T201
    return sorted(runs, key=lambda run: run.name)


def verdict_of(run: Run) -> str:
    return ", ".join(run.broke) or "nothing broke"


def report(runs: list[Run]) -> str:
    broke = [run.name for run in runs if run.broke]
    verdict = f"{', '.join(broke)} broke; what broke them is among the seeds." if broke else "Nothing broke."
    lines = [
        "# Fuzzing",
        "",
        f"Written by `make fuzz` on {datetime.now(UTC):%-d %B %Y}: {len(runs)} targets,"
        f" {sum(run.seconds for run in runs) / 60:.0f} minutes of work, {sum(run.runs for run in runs):,} inputs. {verdict}",
        "",
        f"Machine: {os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, atheris {version('atheris')}."
        f" An input has {LONGEST_INPUT} bytes at most; one that takes {SLOWEST_INPUT} seconds or {MEMORY} MB breaks its target.",
        "",
        "| target | seconds | inputs | branches reached | result |",
        "|---|---:|---:|---:|---|",
        *(f"| {run.name} | {run.seconds:.0f} | {run.runs:,} | {run.covered:,} | {verdict_of(run)} |" for run in runs),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="for all targets together")
    parser.add_argument("--jobs", type=int, default=1, help="how many targets at once; each takes a core")
    parser.add_argument("targets", nargs="*", help="only these")
    given = parser.parse_args()
    names = given.targets or sorted(TARGETS)
    with tempfile.TemporaryDirectory(prefix="hearback-fuzz-") as made:
        os.environ["HEARBACK_HOME"] = made
        runs = fuzz_all(names, given.minutes * 60 / len(names) * given.jobs, given.jobs, Path(made))
    if not given.targets:
        REPORT.write_text(report(runs), encoding="utf-8")
    sys.exit(any(run.broke for run in runs))


if __name__ == "__main__":
    main()
