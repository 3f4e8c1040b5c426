"""Which conversations a list is of: one filter, made into conditions on the columns that lists have beside each conversation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, literal_column, or_, select

from engagement.review_requests import PAGE
from engagement.tables import conversations, handovers, mentions, requests

LOW_CONFIDENCE = 0.6  # below it the assistant was not sure
LOW_RATING = 2
STATES = ("open", "waiting", "with_staff", "ended")
OUTCOMES = ("fixed", "partly", "not_fixed", "not_mine", "no_answer", "declared")
SETS = {
    "task": "task_names", "service": "services", "partner": "partners", "outcome": "outcome_words", "reason": "handover_reasons",
}  # fmt: skip
GONE = ("erasing", "erased")


@dataclass(frozen=True, kw_only=True)
class Behind:
    """What stands behind a figure: `of` is numerator or denominator, `by` and `part` the part of it."""

    measure: str
    of: str = "numerator"
    by: str | None = None
    part: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which conversations; None and "" mean any. All that are given must fit."""

    channel: str | None = None
    state: str | None = None  # open, waiting, with_staff, ended, unanswered, undelivered, worth (a look)
    text: str | None = None
    task: str | None = None
    service: str | None = None
    partner: str | None = None
    outcome: str | None = None  # one of OUTCOMES
    language: str | None = None
    confidence: str | None = None  # low
    rating: str | None = None  # low
    reason: str | None = None  # of a hand-over
    since: datetime | None = None  # of the last change
    until: datetime | None = None  # before it
    citizen: int | None = None  # a contact's id; 0 is nobody's
    measure: Behind | None = None
    behind: Any | None = None  # a select of conversations' ids that `measure` stands for
    page: int = 1
    per_page: int = PAGE

    @property
    def narrow(self) -> bool:
        """Whether anything but the state, the text and the page is given."""
        plain = {"state", "text", "page", "per_page"}
        return any(getattr(self, one.name) not in (None, "") for one in fields(self) if one.name not in plain)


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a conversation must be, the text left aside; every column of it is in the index that lists walk along."""
    of = conversations.c
    given = {
        **{name: (getattr(wanted, name), of[name] == getattr(wanted, name)) for name in ("channel", "language")},
        **{name: (getattr(wanted, name), _has(of[column], getattr(wanted, name))) for name, column in SETS.items()},
        "state": (wanted.state in STATES, of.state == wanted.state),
        # The nought stands in the index as it is: a bound value would not be it.
        "unanswered": (wanted.state == "unanswered", of.unanswered > literal_column("0")),
        "undelivered": (wanted.state == "undelivered", of.undelivered > literal_column("0")),
        "confidence": (wanted.confidence == "low", of.lowest_confidence < LOW_CONFIDENCE),
        "rating": (wanted.rating == "low", of.rating <= LOW_RATING),
    }
    found = [condition for wish, condition in given.values() if wish]
    if wanted.since is not None:
        found.append(of.updated_at >= wanted.since)
    if wanted.until is not None:
        found.append(of.updated_at < wanted.until)
    if wanted.citizen is not None:
        found.append(_of_citizen(wanted.citizen))
    if wanted.behind is not None:
        found.append(of.id.in_(wanted.behind.correlate(None)))
    return found


def _has(column: ColumnElement[Any], word: str | None) -> ColumnElement[bool]:
    return column.contains(f"|{word}|", autoescape=True)


def stale(now: datetime) -> datetime:
    """A task that was left before this moment was given up."""
    return now - timedelta(days=1)


def _of_citizen(contact_id: int) -> ColumnElement[bool]:
    """Their own conversations, and those in which they wrote this number or address, or left it for a request or a call."""
    left = [select(table.c.conversation_id).where(table.c.contact_id == contact_id) for table in (requests, handovers, mentions)]
    return or_(conversations.c.contact_id == contact_id, *(conversations.c.id.in_(one) for one in left))
