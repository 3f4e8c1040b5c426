"""Going back to a model that was in use before: its reviewed files and it itself, so that nothing has to be trained."""

from __future__ import annotations

import asyncio

from engagement.log import EngagementLog
from hearback.models import Models


class CannotGoBack(Exception):
    """`why`: unknown, in_use, changed (the rest of what it learned from), running (a training)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def go_back(log: EngagementLog, models: Models, model: str, *, by: str | None) -> list[int]:
    """Put a model in use again; returns the ids of the examples that are thereby withdrawn. Raises CannotGoBack."""
    if await log.teaching.running():
        raise CannotGoBack("running")
    listed = {one["model"]: one for one in await asyncio.to_thread(models.listed)}
    wanted = listed.get(model)
    if wanted is None:
        raise CannotGoBack("unknown")
    if not wanted["back"]:
        raise CannotGoBack("in_use" if wanted["in_use"] else "changed")
    record = {name: value for name, value in wanted.items() if name not in ("in_use", "fits", "back")}
    await asyncio.to_thread(lambda: models.promote(record, why="went_back", by=by))
    return await log.teaching.fit_examples(record["examples"])
