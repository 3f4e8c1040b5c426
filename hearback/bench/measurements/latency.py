"""How long a citizen waits for an answer who has the assistant to themselves, and what the processors do for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hearback.bench.client import Turns, conversations
from hearback.bench.report import Found, Line, middle, percentile
from hearback.bench.sentences import scripts
from hearback.bench.stands import Size, Stands

SHARES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
AT_MOST = {"latency_p50": 0.4}


async def measure(stands: Stands, size: Size) -> Found:
    """Conversations of six turns, one after another; the two sides take turns, so that both see the same noise."""
    held: dict[str, list[Turns]] = {side.name: [] for side in stands}
    for round in range(size.rounds):
        for side in stands:
            work = conversations(side.door(), scripts(100 + round), citizens=1, count=size.conversations, seconds=size.round_seconds)
            held[side.name].append(await stands.turns(side, work))
    waited = {name: milliseconds(listed) for name, listed in held.items()}
    used, notes = processor("latency", "with 1 citizen", held)
    rates = {name: middle(turns.per_second for turns in listed) for name, listed in held.items()}
    rate = Line(
        key="turns_per_second_1", title="Turns a second with 1 citizen", unit="1/s", hearback=rates["hearback"], stock=rates.get("stock")
    )
    return Found([rate, *waits("latency", "with 1 citizen", waited), used], {"latency": waited}, notes)


def milliseconds(held: Iterable[Turns]) -> list[float]:
    return [one for turns in held for one in turns.milliseconds]


def waits(key: str, title: str, waited: Mapping[str, list[float]]) -> list[Line]:
    """A line for each percentile of a turn."""
    return [
        Line(
            key=f"{key}_{name}", title=f"A turn {title}, {name}", unit="ms", at_most=AT_MOST.get(f"{key}_{name}"),
            hearback=percentile(waited.get("hearback", []), share), stock=percentile(waited.get("stock", []), share),
        )
        for name, share in SHARES
    ]  # fmt: skip


def processor(key: str, title: str, held: Mapping[str, list[Turns]]) -> tuple[Line, list[str]]:
    """Processor time of a turn: a line of all processes together, a sentence with each. It tells more than the clock on a busy machine."""
    each: dict[str, dict[str, float]] = {}
    notes = []
    for side, listed in held.items():
        if count := sum(len(turns.milliseconds) for turns in listed):
            names = sorted({name for turns in listed for name in turns.processor})
            each[side] = {name: 1000 * sum(turns.processor.get(name, 0) for turns in listed) / count for name in names}
            told = ", ".join(f"{name} {used:.1f}" for name, used in each[side].items())
            bench = 1000 * sum(turns.bench for turns in listed) / count
            notes.append(f"Processor time of a turn {title}, {side}: {told} ms; the bench itself {bench:.1f} ms.")
    line = Line(
        key=f"{key}_processor", title=f"Processor time of a turn {title}", unit="ms",
        hearback=sum(each.get("hearback", {}).values()) or None, stock=sum(each.get("stock", {}).values()) or None,
    )  # fmt: skip
    return line, notes
