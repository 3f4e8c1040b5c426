"""What a turn costs late in a long conversation, against early in it."""

from __future__ import annotations

from hearback.bench.client import long_conversation
from hearback.bench.report import Found, Line, middle, ratio
from hearback.bench.sentences import long_script
from hearback.bench.stands import Size, Stands


def window(milliseconds: list[float], depth: int, around: int) -> list[float]:
    """The turns around the message that is `depth`th in its conversation."""
    return milliseconds[max(0, depth - 1 - around) : depth + around] if len(milliseconds) >= depth else []


async def measure(stands: Stands, size: Size) -> Found:
    """Each side holds the same long conversations, one at a time, turn about."""
    length = max(size.depths) + size.around
    held: dict[str, list[list[float]]] = {side.name: [] for side in stands}
    for seed in range(size.long_conversations):
        for side in stands:
            turns = await long_conversation(side.door(), long_script(300 + seed, length), seconds=size.long_seconds)
            held[side.name].append(stands.count(side, turns).milliseconds)
    cost = {
        name: {depth: middle(one for turns in conversations for one in window(turns, depth, size.around)) for depth in size.depths}
        for name, conversations in held.items()
    }
    own, stock = cost["hearback"], cost.get("stock", {})
    lines = [
        Line(key=f"message_{depth}", title=f"Message {depth} of one conversation", unit="ms", hearback=own[depth], stock=stock.get(depth))
        for depth in size.depths
    ]
    first = min(size.depths)
    lines += [
        Line(
            key=f"growth_{depth}", title=f"Message {depth} against message {first}", unit="times", at_most=2.0 if depth == 100 else None,
            of_itself=True, hearback=ratio(own[depth], own[first]), stock=ratio(stock.get(depth), stock.get(first)),
        )
        for depth in size.depths if depth >= 100
    ]  # fmt: skip
    return Found(lines, {"long_conversations": held})
