"""From the command to the first citizen: all of Hearback's processes ready, against stock Rasa's one."""

from __future__ import annotations

import time

from hearback.bench.report import Found, Line, middle
from hearback.bench.stands import Size, Stands


async def measure(stands: Stands, size: Size) -> Found:
    """Start each side some times with a trained model."""
    seconds: dict[str, list[float]] = {side.name: [] for side in stands}
    for side in stands:
        side.forget()
    for _ in range(size.starts):
        for side in stands:
            await side.stop()
            begun = time.perf_counter()
            await stands.start(side)
            seconds[side.name].append(time.perf_counter() - begun)
            await side.stop()
    line = Line(
        key="ready", title="Start to ready", unit="s", at_most=0.3, hearback=middle(seconds["hearback"]),
        stock=middle(seconds.get("stock", [])),
    )  # fmt: skip
    return Found([line], {"ready": seconds})
