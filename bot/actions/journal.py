"""What becomes of tasks in a turn, for the log.

{"task", "did": begun | turned | corrected | asked | ended, "to", "step", "end", "service"}.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.actions.task import CANCELLED, ELSEWHERE, Task

OPTIONAL = "add_more"


class Journal:
    """`entries` are oldest first. A task that follows on another by our invitation is none of the citizen's own."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def compare(self, before: Sequence[Task], after: Sequence[Task]) -> None:
        """Tasks that the citizen began in this turn, and those that they dropped."""
        for task in before:
            if all(task is not one for one in after) and task.end == CANCELLED:
                self.ended(task)
        for task in after:
            if all(task is not one for one in before):
                self._add(task, "begun")

    def turned(self, earlier: Task, other: Task) -> None:
        """A task turned out to be another, which goes on in its place."""
        self.entries.append({"task": earlier.name, "did": "turned", "to": other.name, **({"service": other.code} if other.code else {})})

    def corrected(self, task: Task) -> None:
        """The citizen put right what was understood before."""
        self._add(task, "corrected")

    def asked(self, task: Task, step: str) -> None:
        """Whoever was told, in this question, that it is somebody else's job may leave it at that."""
        self._add(task, "asked", step=step, **({"end": ELSEWHERE} if task.end == ELSEWHERE else {}))

    def ended(self, task: Task) -> None:
        self._add(task, "ended", end=task.end)

    def _add(self, task: Task, did: str, **more: str) -> None:
        if not task.optional:
            self.entries.append({"task": task.name, "did": did, **more, **({"service": task.code} if task.code else {})})


def cancelled(kept: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries for tasks, as they stand in Rasa's slot, that the citizen stopped."""
    return [{"task": one["task"], "did": "ended", "end": CANCELLED} for one in kept if one["task"] != OPTIONAL]
