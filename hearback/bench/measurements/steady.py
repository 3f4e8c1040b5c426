"""Citizens who write when they like, not when the assistant is ready: turns at a fixed rate, waits counted from the moment each was due.

A loop in which everybody waits for an answer sends less to who is slow, and so hides the waits (coordinated omission). Here a stall
delays every turn that falls due meanwhile, and each of them counts.
"""

from __future__ import annotations

from hearback.bench.client import Turns, conversations
from hearback.bench.measurements.latency import SHARES
from hearback.bench.open_loop import at_rate
from hearback.bench.report import Found, Line, percentile
from hearback.bench.sentences import scripts
from hearback.bench.stands import Side, Size, Stands

SHARE = 0.6  # of what a side can do; more and the queue itself would be measured
PROBE = 20  # citizens


async def measure(stands: Stands, size: Size) -> Found:
    """Both at a rate that stock Rasa can bear, then Hearback alone at the same share of what it can do itself."""
    for side in stands:
        if not stands.capacity.get(side.name):
            work = conversations(side.door(), scripts(400), citizens=PROBE, seconds=size.steady_seconds / 3)
            stands.capacity[side.name] = (await stands.turns(side, work)).per_second
    found, rate = Found(), SHARE * stands.capacity.get("stock", 0)
    if rate:
        both = {side.name: await _held(stands, size, side, rate) for side in stands}
        found.add(_found("steady", f"at {rate:.1f} turns a second", both))
    rate = SHARE * stands.capacity["hearback"]
    if rate:
        alone = {"hearback": await _held(stands, size, stands.own, rate)}
        found.add(_found("steady_high", f"at {rate:.1f} turns a second", alone))
    return found


async def _held(stands: Stands, size: Size, side: Side, rate: float) -> Turns:
    return await stands.turns(side, at_rate(side.door(), scripts(500), rate=rate, seconds=size.steady_seconds))


def _found(key: str, title: str, held: dict[str, Turns]) -> Found:
    waited = {name: turns.milliseconds for name, turns in held.items()}
    lines = [
        Line(
            key=f"{key}_{name}", title=f"A turn {title}, from when it was due, {name}", unit="ms",
            hearback=percentile(waited["hearback"], share), stock=percentile(waited.get("stock", []), share),
        )
        for name, share in SHARES
    ]  # fmt: skip
    notes = [
        f"{name}: {turns.failed} turns {title} were not answered; each counts as the longest wait."
        for name, turns in held.items() if turns.failed
    ]  # fmt: skip
    return Found(lines, {key: waited}, notes)
