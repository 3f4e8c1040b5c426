"""`python -m hearback.bench`: run both, measure, write the table. Ctrl-C stops what was started."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path

import aiohttp

from hearback.bench import headline, machine, pictures, plan, report
from hearback.bench.own import Own
from hearback.bench.processes import BenchError
from hearback.bench.report import Found
from hearback.bench.stands import QUICK, Size, Stands
from hearback.bench.stock import EPOCHS, Stock
from hearback.settings import ROOT, Settings

FAILURES = (BenchError, aiohttp.ClientError, TimeoutError, OSError, asyncio.IncompleteReadError)
DOCS = ROOT / "docs" / "benchmarks"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hearback.bench", description="Measure Hearback beside stock Rasa 3.6.21.")
    parser.add_argument("--quick", action="store_true", help="small counts, to see that it works: the numbers tell little")
    parser.add_argument("--without-stock", action="store_true", help="measure Hearback only")
    parser.add_argument("--only", default="", help=f"measure only these, with commas between: {', '.join(plan.NAMES)}")
    parser.add_argument("--epochs", type=int, help=f"epochs of stock Rasa's training; default {EPOCHS}, most of an hour on two cores")
    parser.add_argument("--retrain", action="store_true", help="train stock Rasa even when it has a model of the same data")
    parser.add_argument(
        "--out", type=Path, help="folder for the results; default docs/benchmarks, with less than everything the data folder"
    )
    given = parser.parse_args()
    try:
        given.parts = plan.chosen(name.strip() for name in given.only.split(",") if name.strip())
    except ValueError as error:
        parser.error(str(error))
    return given


class Steps:
    """Says what is being done, for how long, and keeps what was found."""

    def __init__(self) -> None:
        self.found, self._begun = Found(), time.monotonic()

    def say(self, sentence: str) -> None:
        print(f"[{time.monotonic() - self._begun:5.0f} s] {sentence}", flush=True)  # noqa: T201

    def keep(self, found: Found) -> None:
        self.found.add(found)
        for line in report.rows(found.lines):
            print(f"          {line[0]}: {line[1]} (stock {line[2]}, ratio {line[3]})", flush=True)  # noqa: T201
        for note in found.notes:
            print(f"          {note}", flush=True)  # noqa: T201


async def measure_all(stands: Stands, size: Size, steps: Steps, parts: list[plan.Part]) -> None:
    """One part after the other; what fails in one is said and the others go on."""
    for side in stands:
        steps.say(f"Preparing {side.title}.")
        await side.prepare()
    for part in parts:
        steps.say(f"{part.title}.")
        try:
            if part.standing:
                await stands.stand()
            steps.keep(await part.measure(stands, size))
        except FAILURES as error:
            stands.unmeasured.append(part.name)
            steps.keep(Found(notes=[f"{part.title}: not measured. {error or type(error).__name__}"]))


async def main(given: argparse.Namespace) -> int:
    home, steps, about = Settings.from_environ().home.absolute() / "bench", Steps(), machine.about()
    stands = Stands(Own(home), None if given.without_stock else Stock(home, given.epochs, given.retrain), steps.say)
    _end_on_signals()
    steps.say(plan.told(given.parts, quick=given.quick))
    try:
        await measure_all(stands, QUICK if given.quick else Size(), steps, given.parts)
    except BenchError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except asyncio.CancelledError:
        print("Stopped.", file=sys.stderr)  # noqa: T201
        return 130
    finally:
        await stands.stop()
    about |= {
        "load after": machine.load(),
        "turns without an answer": ", ".join(f"{name} {count}" for name, count in stands.failed.items()) or "none",
        "stopped by itself": ", ".join(f"{name} {count} times" for name, count in stands.fell.items()) or "none",
    }
    if stands.stock:
        about["epochs of stock Rasa"] = str(given.epochs or EPOCHS)
    whole = not (given.quick or given.without_stock or given.only)
    out = given.out or (DOCS if whole else home / "results")
    drawn = pictures.draw(out, steps.found.samples, about["machine"])
    report.write(out, found=steps.found, about=about, pictures=drawn)
    if out == DOCS:
        headline.write(ROOT / "README.md", out / "latest.json")
    missed = "\n".join(report.verdicts(steps.found.lines))
    print(f"\n{report.table(steps.found.lines)}\n\n{missed}\nThe results are in {out}.", flush=True)  # noqa: T201
    return 1 if stands.failed.get("hearback") or stands.unmeasured else 0


def _end_on_signals() -> None:
    """The first Ctrl-C ends the run, which then stops what it started; more of them do not hinder it in that."""
    whole, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert whole is not None
    task = whole

    def end() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: None)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(options())))
