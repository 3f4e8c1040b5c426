"""What open chats cost that only listen, and how soon a message and a colleague's answer stand in one of them. Hearback only."""

from __future__ import annotations

from dataclasses import asdict

from hearback.bench import idle
from hearback.bench.report import Found, Line, percentile
from hearback.bench.stands import Size, Stands

MICROSECONDS = 1_000_000


async def measure(stands: Stands, size: Size) -> Found:
    """The doors alone, with a stand-in for the assistant. Stock Rasa has no open chats: its answer ends with the request."""
    await stands.stop()
    found = await idle.measure(size.windows, size.idle_seconds, size.deliveries)
    among = f"among {size.windows:,} open chats"
    busy = MICROSECONDS * found.processor_seconds / found.seconds / found.connections
    lines = [
        Line(key="idle_memory", title=f"An open chat, memory, {among}", unit="KB", hearback=found.kilobytes),
        Line(key="idle_processor", title=f"An open chat, processor time each second, {among}", unit="µs", hearback=busy),
        Line(
            key="idle_queries", title=f"Database queries in {found.seconds:.0f} s more than without them", unit="queries",
            hearback=found.queries,
        ),
        *(
            Line(key=f"{key}_{name}", title=f"{title} {among}, {name}", unit="ms", hearback=percentile(took, share))
            for key, title, took in (
                ("delivery", "A citizen's message shown", found.deliveries),
                ("staff_reply", "A colleague's answer delivered", found.replies),
            )
            for name, share in (("p50", 0.5), ("p95", 0.95))
        ),
    ]  # fmt: skip
    return Found(lines, {"idle": asdict(found)})
