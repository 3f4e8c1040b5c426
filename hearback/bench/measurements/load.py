"""How much a crowd gets answered: citizens side by side, each sending the next message once the last one is answered."""

from __future__ import annotations

from typing import Any

from hearback.bench.client import Turns, conversations
from hearback.bench.measurements.latency import milliseconds, processor, waits
from hearback.bench.report import Found, Line, middle
from hearback.bench.sentences import scripts
from hearback.bench.stands import Size, Stands

AT_LEAST = {20: 5.0}


async def measure(stands: Stands, size: Size) -> Found:
    """Each crowd in rounds, turn about."""
    found = Found()
    for citizens in size.crowds:
        held: dict[str, list[Turns]] = {side.name: [] for side in stands}
        for round in range(size.crowd_rounds):
            for side in stands:
                work = conversations(side.door(), scripts(200 + round), citizens=citizens, seconds=size.crowd_seconds)
                held[side.name].append(await stands.turns(side, work))
        found.add(_crowd(stands, citizens, held))
    return found


def _crowd(stands: Stands, citizens: int, held: dict[str, list[Turns]]) -> Found:
    rates = {name: [turns.per_second for turns in listed] for name, listed in held.items()}
    middles = {name: middle(listed) for name, listed in rates.items()}
    for name, rate in middles.items():
        stands.capacity[name] = max(stands.capacity.get(name, 0), rate or 0)
    waited = {name: milliseconds(listed) for name, listed in held.items()}
    key, title = f"crowd_{citizens}", f"with {citizens} citizens"
    used, notes = processor(key, title, held)
    lines = [
        Line(
            key=f"turns_per_second_{citizens}", title=f"Turns a second {title}", unit="1/s", at_least=AT_LEAST.get(citizens),
            hearback=middles["hearback"], stock=middles.get("stock"),
        ),
        *waits(key, title, waited), used,
    ]  # fmt: skip
    samples: dict[str, Any] = {key: waited, f"{key}_turns_per_second": rates}
    return Found(lines, samples, notes)
