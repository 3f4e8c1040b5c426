"""What the run found: tables on the screen, JSON, and docs/benchmarks/chaos.md."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from hearback.chaos.faults import Played
from hearback.chaos.ledger import SHOWN, Line
from hearback.chaos.product import Life

FLAT_SHARE, FLAT_MEGABYTES = 1.25, 40.0  # more than both is growth
LONG_ENOUGH = 180.0  # seconds that a process must have lived to tell whether it grows
Row = Sequence[str]


@dataclass(frozen=True)
class Grown:
    """The longest life of a process of this name: its age, and megabytes after the first third and at the end."""

    name: str
    seconds: float
    early: float
    late: float

    @property
    def flat(self) -> bool:
        young = self.seconds < LONG_ENOUGH
        return young or self.late <= self.early * FLAT_SHARE or self.late - self.early <= FLAT_MEGABYTES


@dataclass(frozen=True, kw_only=True)
class Report:
    about: dict[str, str]
    counts: dict[str, str]
    lines: list[Line]
    played: list[Played]
    grown: list[Grown]
    complaints: list[str]
    not_played: list[str]

    @property
    def adds_up(self) -> bool:
        return not self.complaints and not any(line.wrong for line in self.lines) and all(one.flat for one in self.grown)


def grown(lives: Iterable[Life]) -> list[Grown]:
    """By name, the longest life that was watched."""
    best: dict[str, Grown] = {}
    for life in lives:
        begun, ended = life.weights[0][0], life.weights[-1][0]
        early = next(weight for at, weight in life.weights if at >= begun + (ended - begun) / 3)
        one = Grown(life.name, ended - begun, early, median(weight for _, weight in life.weights[-3:]))
        if life.name not in best or best[life.name].seconds < one.seconds:
            best[life.name] = one
    return [best[name] for name in sorted(best)]


def ledger(report: Report) -> list[Row]:
    rows: list[Row] = [("What must hold", "Looked at", "Wrong")]
    rows += [(line.title, f"{line.looked_at:,}", f"{len(line.wrong):,}" if line.wrong else "none") for line in report.lines]
    return [*rows, ("no process is left behind, all start and stop", "", f"{len(report.complaints)}" if report.complaints else "none")]


def recovery(report: Report) -> list[Row]:
    """By kind of fault: seconds from its end to the next answer, and until all that had been taken before its end was answered."""
    by_kind: dict[str, list[Played]] = defaultdict(list)
    for one in report.played:
        by_kind[one.kind].append(one)
    rows: list[Row] = [("Fault", "Times", "Next answer, median s", "worst s", "All caught up, median s", "worst s")]
    for kind in sorted(by_kind):
        soon = [one.next_answer for one in by_kind[kind] if one.next_answer is not None]
        all_of = [one.caught_up for one in by_kind[kind] if one.caught_up is not None]
        rows.append((kind, str(len(by_kind[kind])), *_middle_and_worst(soon), *_middle_and_worst(all_of)))
    return rows


def memory(report: Report) -> list[Row]:
    rows: list[Row] = [("Process", "Longest life, s", "After a third, MB", "At the end, MB", "")]
    for one in report.grown:
        told = "grows" if not one.flat else "flat" if one.seconds >= LONG_ENOUGH else "too young to tell"
        rows.append((one.name, f"{one.seconds:.0f}", f"{one.early:.0f}", f"{one.late:.0f}", told))
    return rows


def _middle_and_worst(values: list[float]) -> tuple[str, str]:
    return (f"{median(values):.1f}", f"{max(values):.1f}") if values else ("", "")


def on_screen(rows: list[Row]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def wrongs(report: Report) -> list[str]:
    """Everything that does not hold, with examples."""
    found = [f"{line.title}: {one}" for line in report.lines for one in line.wrong[:SHOWN]]
    return (
        found + report.complaints + [f"{one.name} grew from {one.early:.0f} to {one.late:.0f} MB" for one in report.grown if not one.flat]
    )


def verdict(report: Report) -> str:
    return "Everything adds up." if report.adds_up else "It does not add up."


def as_json(report: Report) -> str:
    return json.dumps({"adds_up": report.adds_up, **asdict(report)}, indent=1)


def _in_markdown(rows: list[Row]) -> str:
    head, *rest = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, f"|{'---|' * len(rows[0])}", *rest])


def write(report: Report, folder: Path) -> None:
    """chaos.json and chaos.md."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "chaos.json").write_text(as_json(report) + "\n")
    parts = [
        "# Faults",
        "`make chaos` writes this: citizens write by web chat and text message while everything around and inside a running Hearback is "
        "broken, one thing after another, now and then two at once. What is broken and what is promised: "
        "[decision 18](../decisions/0018-faults.md).",
        _in_markdown([("", ""), *report.about.items(), *report.counts.items()]),
        f"## Does it add up?\n\n**{verdict(report)}**",
        _in_markdown(ledger(report)),
        *(["\n".join(f"- {one}" for one in wrongs(report))] if not report.adds_up else []),
        "## Time to recover\n\nFrom the end of a fault (for a kill: from the kill) until the next message of anybody was answered, "
        "and until all that had been taken by then was.",
        _in_markdown(recovery(report)),
        *([f"Not played on this machine: {', '.join(report.not_played)}."] if report.not_played else []),
        "## Memory\n\nEach process is killed many times, so that its longest life tells most.",
        _in_markdown(memory(report)),
    ]
    (folder / "chaos.md").write_text("\n\n".join(parts) + "\n")
