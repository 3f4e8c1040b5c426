"""`python -m hearback.chaos`: break everything while citizens write, then count. Status 1 when anything does not add up."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from hearback.chaos import disk, report
from hearback.chaos.faults import FAULTS
from hearback.chaos.product import BenchError
from hearback.chaos.run import Run, Size
from hearback.settings import ROOT

DOCS = ROOT / "docs" / "benchmarks"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hearback.chaos", description="Break everything while citizens write, then count.")
    parser.add_argument("--messages", type=int, default=10_000, help="go on until so many were taken (10,000)")
    parser.add_argument("--minutes", type=float, default=30, help="begin nothing new after so many minutes (30)")
    parser.add_argument("--seed", type=int, help="the same seed chooses the same; one is made up and printed")
    parser.add_argument("--web", type=int, default=16, help="citizens at the web chat at once (16)")
    parser.add_argument("--phones", type=int, default=8, help="citizens with phones at once (8)")
    parser.add_argument("--pace", type=float, default=1.0, help="how long faults last against the usual (1)")
    parser.add_argument(
        "--only", action="append", choices=list(FAULTS), metavar="FAULT", help="only this fault; may be given several times"
    )
    parser.add_argument("--out", type=Path, help="folder for chaos.md and chaos.json (none; `make chaos` writes docs/benchmarks)")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs also when all adds up")
    return parser.parse_args()


async def main(given: argparse.Namespace) -> int:
    seed = given.seed if given.seed is not None else secrets.randbelow(1_000_000)
    size = Size(
        messages=given.messages, minutes=given.minutes, web=given.web, phones=given.phones, pace=given.pace, only=tuple(given.only or ())
    )
    folder = Path(tempfile.mkdtemp(prefix="hearback-chaos-"))
    run = Run(folder, size, seed)
    run.say(f"The seed is {seed}. Logs are in {folder}.")
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        found = await run.whole()
    except BenchError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except asyncio.CancelledError:
        run.say("Stopped.")
        return 130
    for rows in (report.ledger(found), report.recovery(found), report.memory(found)):
        print(f"\n{report.on_screen(rows)}")  # noqa: T201
    print("\n".join(["", *report.wrongs(found), *(f"{name}: {told}" for name, told in found.counts.items()), report.verdict(found)]))  # noqa: T201
    if given.out:
        report.write(found, given.out)
    if found.adds_up and not given.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if found.adds_up else 1


if __name__ == "__main__":
    disk.in_own_namespace()
    sys.exit(asyncio.run(main(options())))
