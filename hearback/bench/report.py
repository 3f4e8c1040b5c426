"""What the bench found: lines with medians and ratios, as a table on the screen, JSON, and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing measured on both sides. A target holds for the ratio Hearback / stock, or with `of_itself` for Hearback's own value."""

    key: str
    title: str
    unit: str
    hearback: float | None = None
    stock: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    of_itself: bool = False

    @property
    def ratio(self) -> float | None:
        return ratio(self.hearback, self.stock)

    @property
    def target(self) -> str:
        bound = [f"{sign} {limit:g}" for sign, limit in (("≤", self.at_most), ("≥", self.at_least)) if limit is not None]
        return f"{'Hearback' if self.of_itself else 'ratio'} {bound[0]}" if bound else ""

    @property
    def met(self) -> bool | None:
        """None where there is no target or nothing to hold against it."""
        value = self.hearback if self.of_itself else self.ratio
        if value is None or (self.at_most is None and self.at_least is None):
            return None
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)

    @property
    def missed(self) -> str:
        """A sentence on a target that was not met; empty where there is none, or it was, or nothing was measured."""
        if self.met is not False:
            return ""
        value = self.hearback if self.of_itself else self.ratio
        limit = self.at_most if self.at_most is not None else self.at_least
        assert value is not None and limit
        by = f"{abs(value / limit - 1):.0%} {'more' if value > limit else 'less'}"
        whose = f"{number(value)} {self.unit}" if self.of_itself else f"{number(value)} times stock Rasa's"
        wanted = f"at {'most' if self.at_most is not None else 'least'} {limit:g}"
        return f"Missed: {self.title[0].lower()}{self.title[1:]} is {whose} and was to be {wanted}, {by} than that."


@dataclass
class Found:
    """What one measurement found: its lines, the samples behind them for JSON and the pictures, and sentences that go with them."""

    lines: list[Line] = field(default_factory=list)
    samples: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        self.lines += other.lines
        self.samples.update(other.samples)
        self.notes += other.notes


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that `share` (0 to 1) of the values do not exceed, between two of them in proportion; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def middle(values: Iterable[float]) -> float | None:
    """The median, or None of nothing."""
    listed = list(values)
    return median(listed) if listed else None


def ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def number(value: float | None) -> str:
    """Three figures are all that a noisy machine can tell."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


HEAD = ("", "Hearback", "stock Rasa", "ratio", "target", "met")


def rows(lines: Iterable[Line]) -> list[tuple[str, ...]]:
    verdict = {True: "yes", False: "no", None: ""}
    return [
        (f"{one.title}, {one.unit}", number(one.hearback), number(one.stock), number(one.ratio), one.target, verdict[one.met])
        for one in lines
    ]


def table(lines: Iterable[Line]) -> str:
    """Columns for a screen."""
    written = [HEAD, *rows(lines)]
    widths = [max(len(row[at]) for row in written) for at in range(len(HEAD))]

    def line(row: tuple[str, ...]) -> str:
        cells = zip(row, widths, "<>>><<", strict=True)
        return "  ".join(f"{cell:{side}{width}}" for cell, width, side in cells).rstrip()

    return "\n".join(map(line, written))


def verdicts(lines: Iterable[Line]) -> list[str]:
    """A sentence for each target that was missed or could not be held against anything, or one that there is none."""
    targeted = [one for one in lines if one.target]
    sentences = [one.missed for one in targeted if one.missed]
    if unknown := [one.title for one in targeted if one.met is None]:
        sentences.append(f"Not measured on both sides: {'; '.join(unknown)}.")
    return sentences or ["Every target was met."] if targeted else []


def write(folder: Path, *, found: Found, about: Mapping[str, Any], pictures: Sequence[str]) -> None:
    """latest.json and README.md."""
    folder.mkdir(parents=True, exist_ok=True)
    told = [{**asdict(one), "ratio": one.ratio, "met": one.met} for one in found.lines]
    parts = [f'"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in (("about", dict(about)), ("notes", found.notes))]
    parts.append(_listed("lines", "[]", [json.dumps(line, ensure_ascii=False) for line in told]))
    samples = [f"{json.dumps(name)}: {json.dumps(_rounded(value))}" for name, value in found.samples.items()]
    parts.append(_listed("samples", "{}", samples))
    (folder / "latest.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    (folder / "README.md").write_text(_markdown(found, about, pictures), encoding="utf-8")


def read(path: Path) -> tuple[list[Line], dict[str, Any]]:
    """The lines and what is said about them, of a latest.json."""
    value = json.loads(path.read_text(encoding="utf-8"))
    return [Line(**{name: one for name, one in line.items() if name not in ("ratio", "met")}) for line in value["lines"]], value["about"]


def markdown_table(lines: Iterable[Line]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (HEAD, ("---", *["---:"] * 3, "---", "---"), *rows(lines))]


OPENING = """\
# Hearback beside stock Rasa

Written by `make bench`; numbers by hand go elsewhere. Both ran on this machine in this run, turn about, so ratios tell more than
milliseconds. Hearback is driven through its web door, every message and answer written durably first; stock Rasa 3.6.21 (default
pipeline and policies, the same training sentences, SQL tracker store) through its REST channel. The citizens of the bench run on the
same machine. What is measured how, and in whose favour that is: [decision 21](../decisions/0021-benchmark.md).
"""
OTHERS = """\
How long measures take over a million messages is in [measures.md](measures.md), how long the console's pages take while fifty people
click in [console.md](console.md) and [dashboards.md](dashboards.md).
"""


def _markdown(found: Found, about: Mapping[str, Any], pictures: Sequence[str]) -> str:
    return "\n".join(
        [
            OPENING,
            *markdown_table(found.lines),
            "",
            *(f"{sentence}\n" for sentence in verdicts(found.lines)),
            *(f"![{name.removesuffix('.png').replace('_', ' ')}]({name})\n" for name in pictures),
            "## Besides",
            "",
            *(f"- {note}" for note in found.notes),
            "",
            "## The machine and the run",
            "",
            *(f"- {name}: {value}" for name, value in about.items()),
            "",
            OTHERS,
        ]
    )


def _listed(name: str, brackets: str, items: Iterable[str]) -> str:
    """JSON with each item in a line of its own."""
    inside = ",\n  ".join(items)
    return f'"{name}": {brackets[0]}\n  {inside}\n{brackets[1]}'


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 1)
    if isinstance(value, Mapping):
        return {str(name): _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, (list, tuple)) else value
