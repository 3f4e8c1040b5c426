"""How well each side understands wording that its training never saw, and how long it takes for a message."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bot.nlu.report import TURNED_AWAY, held_out, mistyped
from hearback.bench.report import Found, Line, middle
from hearback.bench.stands import Side, Size, Stands

AWAY = "out_of_scope"


@dataclass(frozen=True)
class Understood:
    """Intents that are right, and those understood from the words as they stand and from the words with two slips of the finger."""

    right: list[str]
    told: list[str]
    mistyped: list[str]
    milliseconds: list[float]


async def measure(stands: Stands, size: Size) -> Found:
    """Each side's model in a process of its own, with nothing else running of it; the held-out files of `tests/nlu`, English."""
    pairs = held_out()
    if size.sentences is not None:
        pairs = random.Random(1).sample(pairs, min(size.sentences, len(pairs)))
    texts, right = [text for text, _ in pairs], [intent for _, intent in pairs]
    await stands.stop()
    found = {side.name: await _understood(side, texts, right) for side in stands}
    own, stock = found["hearback"], found.get("stock")
    lines = [
        _line("understanding_errors", "Wording never seen, understood wrongly", own, stock, "told", at_most=0.5),
        _line("understanding_typos", "Wording never seen, two typos, understood wrongly", own, stock, "mistyped"),
        Line(
            key="understanding_away", title="Out of scope, taken for a task", unit="%", hearback=_let_in(own),
            stock=_let_in(stock) if stock else None,
        ),
        Line(
            key="understanding_milliseconds", title="Understanding of a message", unit="ms", hearback=middle(own.milliseconds),
            stock=middle(stock.milliseconds) if stock else None,
        ),
    ]  # fmt: skip
    samples = {name: {"told": one.told, "mistyped": one.mistyped, "milliseconds": one.milliseconds} for name, one in found.items()}
    return Found(lines, {"understanding": {"right": right, **samples}})


async def _understood(side: Side, texts: list[str], right: list[str]) -> Understood:
    told, milliseconds = await side.parse([*texts, *map(mistyped, texts)])
    count = len(texts)
    return Understood(right, told[:count], told[count:], milliseconds[:count])


def wrong(right: Sequence[str], told: Sequence[str]) -> float | None:
    """Percent. What is out of scope is right where the assistant turns it away, be it by an intent or for want of a sure one."""
    errors = [other not in TURNED_AWAY if one == AWAY else one != other for one, other in zip(right, told, strict=True)]
    return 100 * sum(errors) / len(errors) if errors else None


def _line(key: str, title: str, own: Understood, stock: Understood | None, field: str, at_most: float | None = None) -> Line:
    return Line(
        key=key, title=title, unit="%", at_most=at_most, hearback=wrong(own.right, getattr(own, field)),
        stock=wrong(stock.right, getattr(stock, field)) if stock else None,
    )  # fmt: skip


def _let_in(one: Understood) -> float | None:
    away = [other for right, other in zip(one.right, one.told, strict=True) if right == AWAY]
    return wrong([AWAY] * len(away), away)
