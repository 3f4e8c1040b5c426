"""What travels between the desk and the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


class NotOpen(Exception):
    """The citizen has ended this chat."""


class NotYours(Exception):
    """Another colleague has this conversation, or nobody (`holder` None)."""

    def __init__(self, holder: str | None) -> None:
        self.holder = holder


class Stopped(Exception):
    """The citizen asked us to stop texting."""


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody of the service teams; `name` is what citizens read, no `teams` are all."""

    id: int
    name: str
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A colleague's time with a conversation. `quiet`: their browser has given no sign for a while, and another may take it."""

    id: int
    conversation_id: str
    staff_id: int
    name: str
    team: str
    claimed_at: datetime
    seen_at: datetime
    quiet: bool
    ended_at: datetime | None = None
    ended: str | None = None
    result: str | None = None
    minutes: float | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What became of taking a conversation over: `claim` is whose it is now."""

    claim: Claim
    won: bool
    new: bool


@dataclass(frozen=True, kw_only=True)
class InLine:
    """A conversation in the inbox: why it waits, or who has it."""

    conversation_id: str
    channel: str
    language: str
    state: str
    since: datetime
    reason: str | None
    team: str | None
    priority: int
    first_words: str | None
    last_words: str | None
    last_at: datetime | None
    unanswered: int
    handover_id: int | None = None
    details: dict[str, Any] | None = None
    call: bool = False  # the citizen left a way to be reached
    claim: Claim | None = None


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """How the inbox stands: it changes when anything in it does. `latest` is the newest message of each conversation asked about."""

    mark: str
    waiting: int
    latest: dict[str, tuple[int, str]]  # message id, state of the conversation
