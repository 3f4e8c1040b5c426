"""Pictures: how turns spread with one citizen and with crowds, at a fixed rate, and how the cost of a turn grows with the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from hearback.bench.report import percentile

COLOURS = {"hearback": "#00703c", "stock": "#505a5f"}
NAMES = {"hearback": "Hearback", "stock": "stock Rasa 3.6.21"}
SPREADS = (
    ("latency", "A turn with 1 citizen"), ("crowd_20", "A turn with 20 citizens"), ("crowd_100", "A turn with 100 citizens"),
    ("steady", "A turn at a fixed rate, from when it was due"),
)  # fmt: skip
SMOOTH = 5
SHARES = [share / 200 for share in range(199)]


def draw(folder: Path, samples: Mapping[str, Any], machine: str) -> list[str]:
    """Write the pictures of what was measured; returns their names."""
    import matplotlib

    matplotlib.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    if spreads := [(samples[key], title) for key, title in SPREADS if any(samples.get(key, {}).values())]:
        drawn.append(_turns(folder / "turns.png", spreads, machine))
    if any(map(any, samples.get("long_conversations", {}).values())):
        drawn.append(_growth(folder / "growth.png", samples["long_conversations"], machine))
    return drawn


def _turns(path: Path, spreads: Sequence[tuple[Mapping[str, list[float]], str]], machine: str) -> str:
    """For each crowd, which share of the turns was answered within which time."""
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    down = (len(spreads) + 1) // 2
    figure, grid = pyplot.subplots(down, min(2, len(spreads)), figsize=(10, 3.6 * down), constrained_layout=True, squeeze=False)
    places = list(grid.flat)
    for axes, (waited, title) in zip(places, spreads, strict=False):
        for name, milliseconds in waited.items():
            within = [percentile(milliseconds, share) for share in SHARES]
            axes.plot(within, [share * 100 for share in SHARES], color=COLOURS[name], label=NAMES[name], linewidth=2)
        axes.set(title=title, xlabel="milliseconds", ylabel="answered by then, %")
        axes.set(xscale="log", ylim=(0, 100))
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.grid(alpha=0.3, which="both")
    for axes in places[len(spreads) :]:
        axes.axis("off")
    figure.legend(*places[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.suptitle(machine, fontsize=8)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return path.name


def _growth(path: Path, long_conversations: Mapping[str, list[list[float]]], machine: str) -> str:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 4.2), constrained_layout=True)
    lengths = {name: min(map(len, conversations), default=0) for name, conversations in long_conversations.items()}
    for name, conversations in long_conversations.items():
        length = lengths[name]
        cost = [median(one[at] for one in conversations) for at in range(length)]
        smooth = [median(cost[max(0, at - SMOOTH) : at + SMOOTH + 1]) for at in range(length)]
        axes.plot(range(1, length + 1), smooth, color=COLOURS[name], label=NAMES[name], linewidth=2)
        if 0 < length < max(lengths.values()):
            axes.annotate(f" message {length}: its time was up", (length, smooth[-1]), color=COLOURS[name], va="center")
    axes.set(title="The cost of a turn in one long conversation", xlabel="message", ylabel="milliseconds", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend(loc="best")
    figure.suptitle(machine, fontsize=8)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return path.name
