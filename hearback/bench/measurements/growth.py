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
    """Hearback holds some long conversations, stock Rasa the first of them, each as far as `long_seconds` allow."""
    length = max(size.depths) + size.around
    held: dict[str, list[list[float]]] = {side.name: [] for side in stands}
    for seed in range(size.long_conversations):
        for side in stands:
            if seed == 0 or side is stands.own:
                work = long_conversation(side.door(), long_script(300 + seed, length), seconds=size.long_seconds)
                held[side.name].append((await stands.turns(side, work)).milliseconds)
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
            key=f"growth_{depth}", title=f"Message {depth} against message {first}", unit="times",
            at_most=1.5 if depth == max(size.depths) else None, of_itself=True,
            hearback=ratio(own[depth], own[first]), stock=ratio(stock.get(depth), stock.get(first)),
        )
        for depth in size.depths if depth >= 100
    ]  # fmt: skip
    reached = max((len(one) for one in held.get("stock", [])), default=0)
    notes = [
        f"Stock Rasa answered {reached} messages of its long conversation in {size.long_seconds:.0f} s; message {depth} was not reached."
        for depth in size.depths if stands.stock and reached < depth + size.around
    ][:1]  # fmt: skip
    return Found(lines, {"long_conversations": held}, notes)
