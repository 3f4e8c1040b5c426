"""What the two Python environments take on the disk, with compiled bytecode, without tools for development."""

from __future__ import annotations

import asyncio

from hearback.bench.report import Found, Line
from hearback.bench.stands import Size, Stands


async def measure(stands: Stands, size: Size) -> Found:
    own = await stands.own.size()
    stock = await asyncio.to_thread(stands.stock.size) if stands.stock else None
    return Found([Line(key="installed", title="Installed", unit="MB", hearback=own, stock=stock)])
