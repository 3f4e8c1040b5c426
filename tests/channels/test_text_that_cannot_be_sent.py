"""A text at which our own code fails neither keeps the sender busy nor holds up anybody else."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import update
from text_world import text_world

from engagement.tables import messages


async def test_a_text_of_a_channel_that_nobody_sends_is_looked_at_now_and_then(tmp_path: Path) -> None:
    async with text_world(tmp_path, scale=100) as world:
        await world.stop()
        broken = await world.reply(1, "of no channel")
        await world.log._database.write(
            lambda connection: connection.execute(
                update(messages).where(messages.c.conversation_id == broken, messages.c.author == "bot").values(channel="pigeon")
            )
        )
        world.start()
        await asyncio.sleep(1.5)  # more than its lease
        before = world.log._database.asked["doubtful"]
        await asyncio.sleep(1.0)
        assert world.log._database.asked["doubtful"] - before < 10
        await world.becomes(await world.reply(2, "of another citizen"), "delivered")
