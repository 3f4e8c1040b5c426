"""What one piece of news does to a request and its round: written down once, in its order, whichever way it came."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engagement.rounds import Rounds, who
from engagement.tables import outcome_events, outcomes, requests
from engagement.values import CLOSED, Notice
from hearback import back_office

OURS = re.compile(r"HB-[0-9A-F]{10}")  # update_ids of what we wrote there ourselves, see `tag_of`
PLAIN = ("open", "done")  # what is made of no more than open and closed
SECOND = timedelta(seconds=1)  # back offices date to the second
SKEW = timedelta(days=1)  # what is dated longer before the request was made is dated wrongly
SETTLES = timedelta(minutes=15)  # so long a look may show what was before the latest news


class Notices(Rounds):
    def _of_request(self, connection: Connection, row: Row[Any], notice: Notice, now: datetime) -> bool:
        """Whether it was news of this request."""
        outcome = self._latest(connection, row.id)
        if outcome is None or OURS.fullmatch(notice.update_id):
            return False
        known = _as_known(row, notice, now)
        if known is None:
            return False
        if known.source == "poll":
            return self._looked_at(connection, row, outcome, known, now)
        key = _key(row, notice)
        if self._heard_otherwise(connection, row, known):
            return False
        if guess := self._looked_like(connection, row, known, key):
            return self._made_exact(connection, row, outcome, known, guess, key, now)
        if not self._written(connection, outcome, known, key):
            return False
        if _late(row, known):
            return self._heard_late(connection, row, outcome, known, now)
        self._apply(connection, row, outcome, known, now)
        return True

    # By looking.

    def _looked_at(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> bool:
        """A look shows how the request is, not what happened: news is what differs from what we know."""
        if notice.seen_at and row.progress_at and notice.seen_at < row.progress_at:
            return False  # we have heard more since we asked
        if notice.word == row.progress and notice.given in (None, row.detailed_status):
            return self._details(connection, row, outcome, notice, now)
        if row.progress_at and notice.at < row.progress_at - SECOND:
            if (notice.seen_at or now) - row.progress_at < SETTLES:
                return False
            notice = replace(notice, at=notice.seen_at or now)
        if notice.given is None and row.detailed_status and back_office.word_of(row.detailed_status) is None:
            notice = replace(notice, given=row.detailed_status)  # this is what the unknown state means
        key = f"{row.id}:poll:{notice.word}:{notice.given or ''}:{(notice.seen_at or now).isoformat()}"
        self._written(connection, outcome, notice, key)
        self._apply(connection, row, outcome, notice, now)
        return True

    def _details(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> bool:
        """The state is the same; who does it, by when, or what is said of it may not be."""
        said = notice.notes is not None and notice.notes != row.status_notes and notice.at > (row.progress_at or row.created_at)
        told = self._progress_of(row.id).where(outcome_events.c.source != "poll").limit(1)
        if said and (said := connection.execute(told).first() is None):  # where we are told, what is said of it comes that way
            key = f"{row.id}:poll:notes:{_short(notice.notes or '')}:{notice.at.isoformat()}"
            said = self._written(connection, outcome, notice, key)
        change = {
            **({"status_notes": notice.notes} if said else {}),
            **({"agency_responsible": notice.agency} if notice.agency and notice.agency != row.agency_responsible else {}),
            **({"expected_at": notice.expected_at} if notice.expected_at and notice.expected_at != row.expected_at else {}),
        }
        if change:
            connection.execute(update(requests).where(requests.c.id == row.id).values(updated_at=now, **change))
        if notice.partner and (notice.agency, notice.partner, notice.contractor) != (
            outcome.agency_responsible, outcome.partner, outcome.contractor
        ):  # fmt: skip
            self._change(connection, outcome.id, now, **who(outcome, notice))
        return bool(change)

    # By being told.

    def _heard_otherwise(self, connection: Connection, row: Row[Any], notice: Notice) -> bool:
        """Whether the feed and a push tell the same, under other names."""
        twin = self._progress_of(row.id).where(
            outcome_events.c.value == notice.word, outcome_events.c.given.is_not_distinct_from(notice.given),
            outcome_events.c.notes.is_not_distinct_from(notice.notes), outcome_events.c.source.not_in(("poll", notice.source)),
            outcome_events.c.at.between(notice.at - SECOND, notice.at + SECOND),
        )  # fmt: skip
        return connection.execute(twin.limit(1)).first() is not None

    def _looked_like(self, connection: Connection, row: Row[Any], notice: Notice, key: str) -> Row[Any] | None:
        """The look that showed what this tells, perhaps as no more than open or closed."""
        if connection.execute(select(outcome_events.c.id).where(outcome_events.c.key == key)).first():
            return None
        since = self._progress_of(row.id).where(outcome_events.c.at >= notice.at - SECOND)
        first = connection.execute(since.order_by(outcome_events.c.at, outcome_events.c.id).limit(1)).one_or_none()
        if first is None or first.source != "poll":
            return None
        same = (first.value, first.given) == (notice.word, notice.given)
        guessed = first.given is None and first.value in PLAIN and (first.value in CLOSED) == notice.closed
        return first if same or guessed else None

    def _made_exact(
        self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, guess: Row[Any], key: str, now: datetime
    ) -> bool:
        """One change is one event: that of the look becomes that of the news."""
        exact = {"key": key, "at": notice.at, "value": notice.word, "given": notice.given, "notes": notice.notes, "source": notice.source}
        connection.execute(update(outcome_events).where(outcome_events.c.id == guess.id).values(**exact))
        if (guess.value, guess.given) == (notice.word, notice.given):
            return False
        if (row.progress, row.detailed_status) == (guess.value, guess.given):
            self._apply(connection, row, outcome, notice, now)
        return True

    def _heard_late(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> bool:
        """What came after it stands. But where it was closed and taken up again since, the round had ended with it."""
        if notice.closed and not outcome.declared and row.progress not in CLOSED and self._was_open(connection, row.id, notice.at):
            self._say_done(connection, row, outcome, notice, now)
            after = self._latest(connection, row.id)
            assert after is not None
            change = self._taken_up_again(connection, row, after, now)
            connection.execute(update(requests).where(requests.c.id == row.id).values(updated_at=now, **change))
        return True

    def _was_open(self, connection: Connection, request_id: int, at: datetime) -> bool:
        """Whether nobody had closed it before, so that this is no comment to an earlier end."""
        before = self._progress_of(request_id).where(outcome_events.c.at < at)
        last = connection.execute(before.order_by(outcome_events.c.at.desc(), outcome_events.c.id.desc()).limit(1)).one_or_none()
        return last is None or last.value not in CLOSED

    def _progress_of(self, request_id: int) -> Any:
        """The events of a request in all its rounds."""
        return (
            select(outcome_events)
            .join(outcomes, outcomes.c.id == outcome_events.c.outcome_id)
            .where(outcomes.c.request_id == request_id, outcome_events.c.fact == "progress")
        )


def _as_known(row: Row[Any], notice: Notice, now: datetime) -> Notice | None:
    """In the words and times that make sense for this request; None for what was before its citizen joined.

    News that shows no more than open or closed takes nothing back of a finer state that was heard before; a word that nobody knows
    leaves the request as it was.
    """
    word = notice.word or row.progress or "open"
    if notice.given is None and word in PLAIN and row.progress is not None and (word in CLOSED) == (row.progress in CLOSED):
        word = row.progress
    at = min(notice.at, now)
    if at < row.created_at and row.followed:
        if notice.source != "poll":
            return None
        at = row.created_at
    elif at < row.created_at - SKEW:
        at = now
    return replace(notice, word=word, at=at)


def _late(row: Row[Any], notice: Notice) -> bool:
    return row.progress_at is not None and notice.at < row.progress_at.replace(microsecond=0)


def _key(row: Row[Any], notice: Notice) -> str:
    heard = notice.update_id or f"{notice.word}:{notice.given or ''}:{notice.at.isoformat()}"
    return f"{row.id}:update:{heard if len(heard) <= 120 else _short(heard)}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
