"""Two pictures: how turns spread, and how the cost of a turn grows with the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from hearback.bench.report import percentile

COLOURS = {"hearback": "#00703c", "stock": "#505a5f"}
NAMES = {"hearback": "Hearback", "stock": "stock Rasa 3.6.21"}
SMOOTH = 5


def draw(folder: Path, samples: Mapping[str, Any], machine: str) -> list[str]:
    """Write the pictures; returns their names."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    if not {"latency", "crowd_20", "long_conversations"} <= samples.keys():
        return []
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), constrained_layout=True)
    for axes, key, title in ((left, "latency", "1 citizen"), (right, "crowd_20", "20 citizens")):
        for name, waited in samples[key].items():
            shares = [share / 200 for share in range(199)]
            axes.plot(
                [percentile(waited, share) for share in shares], [share * 100 for share in shares], color=COLOURS[name], label=NAMES[name]
            )
        axes.set(title=f"A turn with {title}", xlabel="milliseconds", ylabel="answered by then, %", xscale="log", ylim=(0, 100))
        axes.grid(alpha=0.3, which="both")
        axes.legend()
    figure.suptitle(machine, fontsize=8)
    figure.savefig(folder / "turns.png", dpi=110)
    pyplot.close(figure)

    figure, axes = pyplot.subplots(figsize=(8, 4), constrained_layout=True)
    for name, conversations in samples["long_conversations"].items():
        length = min(map(len, conversations))
        cost = [median(one[at] for one in conversations) for at in range(length)]
        smooth = [median(cost[max(0, at - SMOOTH) : at + SMOOTH + 1]) for at in range(length)]
        axes.plot(range(1, length + 1), smooth, color=COLOURS[name], label=NAMES[name])
    axes.set(title="The cost of a turn in one long conversation", xlabel="message", ylabel="milliseconds", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    figure.suptitle(machine, fontsize=8)
    figure.savefig(folder / "growth.png", dpi=110)
    pyplot.close(figure)
    return ["turns.png", "growth.png"]
