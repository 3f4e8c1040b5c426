"""The picture of right and understood intents."""

from __future__ import annotations

from collections import Counter
from pathlib import Path


def draw(path: Path, right: list[str], told: list[str]) -> None:
    """One row a right intent, one column an understood one; a cell is the share of its row."""
    import matplotlib
    import numpy as np

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = sorted({*right, *told})
    at = {name: place for place, name in enumerate(names)}
    cells = np.zeros((len(names), len(names)))
    for (one, other), times in Counter(zip(right, told, strict=True)).items():
        cells[at[one], at[other]] = times
    cells /= np.maximum(cells.sum(axis=1, keepdims=True), 1)
    figure, axes = pyplot.subplots(figsize=(11, 10), constrained_layout=True)
    axes.imshow(cells, cmap="Greens", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(cells), strict=True):
        value = cells[row, column]
        axes.text(column, row, f"{value * 100:.0f}", ha="center", va="center", fontsize=6, color="white" if value > 0.5 else "black")
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set(xlabel="understood", ylabel="right", title="Of each intent's sentences, % understood as")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
