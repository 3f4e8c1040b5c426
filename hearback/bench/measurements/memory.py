"""What the processes weigh, at rest and after the run."""

from __future__ import annotations

from dataclasses import asdict

from hearback.bench.processes import Weight
from hearback.bench.report import Found, Line
from hearback.bench.stands import Stands

Weights = dict[str, list[Weight]]


def weigh(stands: Stands) -> Weights:
    return {side.name: side.running.weights() if side.running else [] for side in stands}


def compare(moments: dict[str, Weights]) -> Found:
    """All processes together by PSS, and Rasa's alone by RSS, at each moment."""
    lines = []
    for moment, weights in moments.items():
        own, stock = weights["hearback"], weights.get("stock", [])
        lines += [
            Line(
                key=f"memory_{moment.replace(' ', '_')}", title=f"Memory {moment}, all processes (PSS)", unit="MB",
                hearback=sum(one.pss for one in own) or None, stock=sum(one.pss for one in stock) or None,
            ),
            Line(
                key=f"memory_rasa_{moment.replace(' ', '_')}", title=f"Memory {moment}, the Rasa process (RSS)", unit="MB", at_most=0.35,
                hearback=_rasa(own), stock=_rasa(stock),
            ),
        ]  # fmt: skip
    samples = {moment: {name: [asdict(one) for one in listed] for name, listed in weights.items()} for moment, weights in moments.items()}
    return Found(lines, {"memory": samples})


def _rasa(weights: list[Weight]) -> float | None:
    return next((one.rss for one in weights if one.name == "rasa"), None)
