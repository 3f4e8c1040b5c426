"""`python -m hearback.bench`: run both, measure, write the table. Ctrl-C stops what was started."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path

from hearback.bench import machine, pictures, report
from hearback.bench.measurements import growth, installed, kinds, latency, learning, load, memory, starting
from hearback.bench.own import Own
from hearback.bench.processes import BenchError
from hearback.bench.report import Found
from hearback.bench.stands import QUICK, Size, Stands
from hearback.bench.stock import EPOCHS, Stock
from hearback.settings import ROOT, Settings

DOCS = ROOT / "docs" / "benchmarks"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hearback.bench", description="Measure Hearback beside stock Rasa 3.6.21.")
    parser.add_argument("--quick", action="store_true", help="small counts, to see that it works: the numbers tell little")
    parser.add_argument("--without-stock", action="store_true", help="measure Hearback only")
    parser.add_argument("--epochs", type=int, help=f"epochs of stock Rasa's training; default {EPOCHS}, most of an hour on two cores")
    parser.add_argument("--retrain", action="store_true", help="train stock Rasa even when it has a model of the same data")
    parser.add_argument(
        "--out", type=Path, help="folder for the results; default docs/benchmarks, with less than everything the data folder"
    )
    return parser.parse_args()


class Steps:
    """Says what is being done, for how long, and keeps what was found."""

    def __init__(self) -> None:
        self.found, self._begun = Found(), time.monotonic()

    def say(self, sentence: str) -> None:
        print(f"[{time.monotonic() - self._begun:5.0f} s] {sentence}", flush=True)  # noqa: T201

    def keep(self, found: Found) -> None:
        self.found.lines += found.lines
        self.found.samples.update(found.samples)
        for line in report.rows(found.lines):
            print(f"          {line[0]}: {line[1]} (stock {line[2]}, ratio {line[3]})", flush=True)  # noqa: T201


async def measure_all(stands: Stands, size: Size, steps: Steps, *, retrain: bool) -> None:
    for side in stands:
        steps.say(f"Preparing {side.title}.")
        await side.prepare()
    steps.say("Training. Stock Rasa's takes most of an hour the first time.")
    steps.keep(await learning.measure(stands, size, again=retrain))
    steps.say("Weighing the environments.")
    steps.keep(await installed.measure(stands, size))
    steps.say("Starting and stopping.")
    steps.keep(await starting.measure(stands, size))
    await asyncio.sleep(size.rest)
    at_rest = memory.weigh(stands)
    await stands.warm_up()
    for title, measurement in (
        ("One citizen.", latency), (f"{size.citizens} citizens.", load), ("Long conversations.", growth), ("Kinds of answers.", kinds),
    ):  # fmt: skip
        steps.say(title)
        steps.keep(await measurement.measure(stands, size))
    await asyncio.sleep(size.rest)
    steps.keep(memory.compare({"at rest": at_rest, "after the run": memory.weigh(stands)}))


async def main(given: argparse.Namespace) -> int:
    home = Settings.from_environ().home.absolute() / "bench"
    stands = Stands(Own(home), None if given.without_stock else Stock(home, given.epochs))
    size, steps, about = QUICK if given.quick else Size(), Steps(), machine.about()
    whole = asyncio.current_task()
    assert whole is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, whole.cancel)
    try:
        await measure_all(stands, size, steps, retrain=given.retrain)
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
        "turns without an answer": ", ".join(f"{name} {count}" for name, count in stands.failed.items()),
    }
    if stands.stock:
        about["epochs of stock Rasa"] = str(given.epochs or EPOCHS)
    out = given.out or (home / "results" if given.quick or given.without_stock else DOCS)
    drawn = pictures.draw(out, steps.found.samples, about["machine"])
    report.write(out, lines=steps.found.lines, samples=steps.found.samples, about=about, pictures=drawn)
    print(f"\n{report.table(steps.found.lines)}\n\nThe results are in {out}.", flush=True)  # noqa: T201
    return 1 if stands.failed.get("hearback") else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(options())))
