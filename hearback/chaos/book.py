"""What the citizens saw: every message they sent, when it was taken and when its answer was read."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Said:
    """A message of a citizen's. `name` is the client_id or MessageSid under which it was sent again and again until it was taken."""

    channel: str
    name: str
    began: float
    tries: int = 0
    taken: float | None = None
    answered: float | None = None
    id: int | None = None  # the door's own, where it tells one


@dataclass
class Chat:
    """A web chat as its window saw it: the ids of the lines in the order they came."""

    id: str
    lines: list[int] = field(default_factory=list)
    live: bool = False  # it listened to the live line, and must have seen every line


@dataclass
class Book:
    """Once it is `closing`, no conversation is begun; those that were go on to their end."""

    said: list[Said] = field(default_factory=list)
    chats: dict[str, Chat] = field(default_factory=dict)
    references: list[str] = field(default_factory=list)  # that citizens were told in answer to "send it"
    kept: int = 0  # reports that the citizen was told will be sent later
    passed_on: int = 0  # conversations that ended with a person, because the assistant could not answer
    off_script: list[str] = field(default_factory=list)  # what a citizen did not expect to read
    closing: bool = False

    @property
    def taken(self) -> int:
        return sum(one.taken is not None for one in self.said)

    @property
    def answered(self) -> int:
        return sum(one.answered is not None for one in self.said)

    def began(self, channel: str, name: str) -> Said:
        self.said.append(said := Said(channel, name, time.monotonic()))
        return said

    def next_answer(self, after: float) -> float | None:
        """Seconds from a moment until a message was answered that was taken after it."""
        later = [one.answered - after for one in self.said if one.answered is not None and one.taken is not None and one.taken > after]
        return min(later, default=None)

    def caught_up(self, at: float) -> float | None:
        """Seconds from a moment until all that had been taken by then was answered."""
        waiting = [one for one in self.said if one.taken is not None and one.taken <= at and (one.answered is None or one.answered > at)]
        if any(one.answered is None for one in waiting):
            return None
        return max((one.answered - at for one in waiting if one.answered is not None), default=0.0)
