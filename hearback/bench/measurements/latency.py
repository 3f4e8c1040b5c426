"""How long a citizen waits for an answer who has the assistant to themselves."""

from __future__ import annotations

from hearback.bench.client import conversations
from hearback.bench.report import Found, Line, percentile
from hearback.bench.sentences import scripts
from hearback.bench.stands import Size, Stands

SHARES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


async def measure(stands: Stands, size: Size) -> Found:
    """Conversations of six turns, one after another; the two sides take turns, so that both see the same noise."""
    waited: dict[str, list[float]] = {side.name: [] for side in stands}
    for round in range(size.rounds):
        for side in stands:
            turns = await conversations(
                side.door(), scripts(100 + round), citizens=1, count=size.conversations, seconds=size.round_seconds
            )  # fmt: skip
            waited[side.name] += stands.count(side, turns).milliseconds
    lines = [
        Line(
            key=f"latency_{name}", title=f"A turn with 1 citizen, {name}", unit="ms", at_most=0.4 if name == "p50" else None,
            hearback=percentile(waited["hearback"], share), stock=percentile(waited.get("stock", []), share),
        )
        for name, share in SHARES
    ]  # fmt: skip
    return Found(lines, {"latency": waited})
