"""Training from nothing, on the same sentences."""

from __future__ import annotations

from typing import Any

from hearback.bench.report import Found, Line
from hearback.bench.stands import Size, Stands


async def measure(stands: Stands, size: Size) -> Found:
    """Stock Rasa's training takes most of an hour: a model that is there is used again, with the time that it took."""
    own = await stands.own.train() if size.training else {}
    stock: dict[str, Any] = {}
    if stands.stock:
        stock = ({} if stands.stock.retrain else stands.stock.trained()) or await stands.stock.train(stands.say)
    lines = [
        Line(
            key=f"training_{name}", title=f"Training, {title}", unit=unit, at_most=0.2 if name != "megabytes" else None,
            hearback=own.get(name), stock=stock.get(name),
        )
        for name, title, unit in (
            ("seconds", "by the clock", "s"), ("processor_seconds", "of all cores", "s"), ("megabytes", "peak memory", "MB"),
        )
    ]  # fmt: skip
    notes = [f"Stock Rasa was trained on {stock['when']}, epochs: {stock['epochs']}."] if stock else []
    return Found(lines, {"training": {"hearback": own, "stock": stock}}, notes)
