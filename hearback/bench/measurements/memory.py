"""What the processes weigh, at rest and after ten thousand turns."""

from __future__ import annotations

import asyncio
import math
from dataclasses import asdict

from hearback.bench.client import conversations
from hearback.bench.processes import Weight
from hearback.bench.report import Found, Line
from hearback.bench.sentences import CONVERSATION, scripts
from hearback.bench.stands import Side, Size, Stands

CITIZENS = 20


async def at_rest(stands: Stands, size: Size) -> Found:
    """Both freshly started, with empty stores."""
    for side in stands:
        await side.stop()
        side.forget()
        await stands.start(side)
    await asyncio.sleep(size.rest)
    return _compare("at_rest", "at rest", _weigh(stands))


async def after_turns(stands: Stands, size: Size) -> Found:
    """As many turns as are wanting of `turns` since the start of a side; stock Rasa gets them for as long as its seconds last."""
    for side in stands:
        wanting = math.ceil((size.turns - stands.answered.get(side.name, 0)) / len(CONVERSATION))
        seconds = size.turns_seconds if side is stands.own else size.stock_turns_seconds
        if wanting > 0:
            await stands.turns(side, conversations(side.door(), scripts(600), citizens=CITIZENS, count=wanting, seconds=seconds))
    await asyncio.sleep(size.rest)
    found = _compare("after_turns", f"after {size.turns:,} turns", _weigh(stands))
    found.notes += [
        f"{side.title} was weighed after {count:,} turns: that was all in its time."
        for side in stands if (count := stands.answered.get(side.name, 0)) < size.turns
    ]  # fmt: skip
    return found


def _weigh(stands: Stands) -> dict[str, list[Weight]]:
    return {side.name: _weights(side) for side in stands}


def _weights(side: Side) -> list[Weight]:
    return side.running.weights() if side.running else []


def _compare(key: str, moment: str, weights: dict[str, list[Weight]]) -> Found:
    """All processes together by PSS, and Rasa's alone by RSS."""
    own, stock = weights["hearback"], weights.get("stock", [])
    lines = [
        Line(
            key=f"memory_{key}", title=f"Memory {moment}, all processes (PSS)", unit="MB",
            hearback=sum(one.pss for one in own) or None, stock=sum(one.pss for one in stock) or None,
        ),
        Line(
            key=f"memory_rasa_{key}", title=f"Memory {moment}, the Rasa process (RSS)", unit="MB", at_most=0.35,
            hearback=_rasa(own), stock=_rasa(stock),
        ),
    ]  # fmt: skip
    return Found(lines, {f"memory_{key}": {name: [asdict(one) for one in listed] for name, listed in weights.items()}})


def _rasa(weights: list[Weight]) -> float | None:
    return next((one.rss for one in weights if one.name == "rasa"), None)
