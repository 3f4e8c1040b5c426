"""What each kind of answer costs: a fixed utterance, an action, an action that asks the back office. Stock Rasa has utterances only."""

from __future__ import annotations

import random

from hearback.bench.client import Turns, connections, opened, said, turn
from hearback.bench.report import Found, Line, middle
from hearback.bench.sentences import KINDS, held_out
from hearback.bench.stands import Side, Size, Stands


async def measure(stands: Stands, size: Size) -> Found:
    waited: dict[str, dict[str, list[float]]] = {side.name: {} for side in stands}
    for kind in ("thanks", *KINDS):
        chance = random.Random(kind)
        texts = [chance.choice(held_out(kind)) for _ in range(size.kinds)]
        for side in stands:
            waited[side.name][kind] = (await stands.turns(side, _ask(side, texts))).milliseconds
    lines = [
        Line(
            key=f"kind_{kind}", title=f"A citizen says {kind}", unit="ms", hearback=middle(waited["hearback"][kind]),
            stock=middle(waited["stock"][kind]) if "stock" in waited else None,
        )
        for kind in waited["hearback"]
    ]  # fmt: skip
    return Found(lines, {"kinds": waited})


async def _ask(side: Side, texts: list[str]) -> Turns:
    """Each sentence is the second of a new conversation: the first turn of a session costs more than others."""
    turns, door = Turns(), side.door()
    async with connections() as session:
        for text in texts:
            if conversation := await opened(door, session, turns):
                await said(door, session, conversation, "hello")
                await turn(door, session, conversation, text, turns)
    return turns
