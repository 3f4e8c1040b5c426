"""The table in README.md, between two markers, from docs/benchmarks/latest.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hearback.bench.report import Line, markdown_table, read, verdicts

BEGIN, END = "<!-- bench: begin, written by `make bench` -->", "<!-- bench: end -->"
NOT_YET = "Not measured yet: `make bench` writes a table here."
KEYS = (
    "latency_p50", "turns_per_second_20", "growth_1000", "ready", "training_seconds", "installed", "memory_rasa_at_rest",
    "memory_rasa_after_turns", "understanding_errors", "staff_reply_p50",
)  # fmt: skip


def block(lines: Iterable[Line], about: Mapping[str, Any]) -> str:
    """What stands between the markers: the lines of `KEYS`, what was missed, where and when it was measured."""
    known = {line.key: line for line in lines}
    shown = [known[key] for key in KEYS if key in known]
    measured = f"Measured {about['when']} on {about['machine']}, in one run of `make bench`, both with an SQL store."
    return "\n".join([*markdown_table(shown), "", *verdicts(shown), "", measured])


def placed(page: str, written: str) -> str:
    """The page with `written` between its markers. Raises ValueError where they are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page has no place between {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n{written}\n{END}{after}"


def of(latest: Path) -> str:
    """What stands between the markers for a latest.json, or for none yet."""
    return block(*read(latest)) if latest.is_file() else NOT_YET


def write(page: Path, latest: Path) -> None:
    page.write_text(placed(page.read_text(encoding="utf-8"), of(latest)), encoding="utf-8")
