"""How much a crowd gets answered: citizens side by side, each sending the next message once the last one is answered."""

from __future__ import annotations

from hearback.bench.client import conversations
from hearback.bench.report import Found, Line, middle, percentile
from hearback.bench.sentences import scripts
from hearback.bench.stands import Size, Stands


async def measure(stands: Stands, size: Size) -> Found:
    waited: dict[str, list[float]] = {side.name: [] for side in stands}
    rates: dict[str, list[float]] = {side.name: [] for side in stands}
    for round in range(size.crowd_rounds):
        for side in stands:
            turns = await conversations(
                side.door(), scripts(200 + round), citizens=size.citizens, count=size.crowd_conversations, seconds=size.round_seconds
            )
            waited[side.name] += stands.count(side, turns).milliseconds
            rates[side.name].append(turns.per_second)
    lines = [
        Line(
            key="turns_per_second", title=f"Turns a second with {size.citizens} citizens", unit="1/s", at_least=5,
            hearback=middle(rates["hearback"]), stock=middle(rates.get("stock", [])),
        ),
        *(
            Line(
                key=f"crowd_{name}", title=f"A turn with {size.citizens} citizens, {name}", unit="ms",
                hearback=percentile(waited["hearback"], share), stock=percentile(waited.get("stock", []), share),
            )
            for name, share in (("p50", 0.5), ("p95", 0.95))
        ),
    ]  # fmt: skip
    return Found(lines, {"crowd": waited, "crowd_turns_per_second": rates})
