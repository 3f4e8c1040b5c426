"""Worth a look: the conversations from which a reviewer can make the assistant better, and in which order.

A conversation's rank is the sum of the points of every reason that it has; of the same rank the newest comes first. Only the newest
`CANDIDATES` that nobody has looked at, or that went on since, are ranked. To change what counts, change `REASONS`, and nothing else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, or_

from engagement.filters import GONE, LOW_RATING, stale
from engagement.tables import conversations

CLOSE = 0.15  # a margin between the first and the second intent below which it could have been either
CANDIDATES = 2_000
_of = conversations.c


def _has(column: ColumnElement[Any], *words: str) -> ColumnElement[bool]:
    return or_(*(column.contains(f"|{word}|", autoescape=True) for word in words))


def reasons(now: datetime) -> dict[str, tuple[int, ColumnElement[bool]]]:
    """Points and condition by reason."""
    gave_up = or_(_has(_of.task_ends, "cancelled", "failed"), _has(_of.task_ends, "open") & (_of.updated_at < stale(now)))
    return {
        "disagrees": (5, _has(_of.outcome_words, "not_fixed", "partly")),
        "not_understood": (4, _of.fallbacks > 0),
        "corrected": (4, _of.corrections > 0),
        "low_rating": (3, _of.rating <= LOW_RATING),
        "close_call": (3, _of.lowest_margin < CLOSE),
        "gave_up": (2, gave_up),
    }


def points(now: datetime) -> ColumnElement[int]:
    """A conversation's rank."""
    parts = [case((condition, worth), else_=0) for worth, condition in reasons(now).values()]
    return sum(parts[1:], parts[0])


def waits(now: datetime) -> list[ColumnElement[bool]]:
    """Whether a conversation is in the queue."""
    unseen = _of.looked_at.is_(None) | (_of.looked_at < _of.updated_at)
    return [or_(*(condition for _, condition in reasons(now).values())), unseen, _of.state.not_in(GONE)]
