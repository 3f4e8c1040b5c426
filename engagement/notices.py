"""What one piece of news does to a request and its round: written down once, in its order, whichever way it came."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from engagement.outcome_events import OutcomeRows
from engagement.requests import as_request
from engagement.tables import outcome_events, outcomes, requests
from engagement.values import CLOSED, Notice
from hearback import costs

OURS = re.compile(r"HB-[0-9A-F]{10}")  # update_ids of what we wrote there ourselves, see `tag_of`
PLAIN = ("open", "done")  # what is made of no more than open and closed
SECOND = timedelta(seconds=1)  # back offices date to the second
SKEW = timedelta(days=1)  # what is dated longer before the request was made is dated wrongly
SETTLES = timedelta(minutes=15)  # so long a look may show what was before the latest news


class Notices(OutcomeRows):
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
        if self._heard_before(connection, row, known) or not self._written(connection, row, outcome, known, key):
            return False
        if _late(row, known) and not self._refines(connection, row, known, key):
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
        key = f"{row.id}:poll:{notice.word}:{notice.given or ''}:{(notice.seen_at or now).isoformat()}"
        self._written(connection, row, outcome, notice, key)
        self._apply(connection, row, outcome, notice, now)
        return True

    def _details(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> bool:
        """The state is the same; who does it, by when, or what is said of it may not be."""
        said = notice.notes is not None and notice.notes != row.status_notes and notice.at > (row.progress_at or row.created_at)
        told = self._progress_of(row.id).where(outcome_events.c.source != "poll").limit(1)
        if said and (said := connection.execute(told).first() is None):  # where we are told, what is said of it comes that way
            key = f"{row.id}:poll:notes:{_short(notice.notes or '')}:{notice.at.isoformat()}"
            said = self._written(connection, row, outcome, notice, key)
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
            self._change(connection, outcome.id, now, **_who(outcome, notice))
        return bool(change)

    # By being told.

    def _heard_before(self, connection: Connection, row: Row[Any], notice: Notice) -> bool:
        """Whether this came another way already: from the feed and by a push, or a look showed what it did."""
        same = (outcome_events.c.value == notice.word) & outcome_events.c.given.is_not_distinct_from(notice.given)
        about = self._progress_of(row.id)
        twin = about.where(
            same, outcome_events.c.source != notice.source, outcome_events.c.source != "poll",
            outcome_events.c.notes.is_not_distinct_from(notice.notes), outcome_events.c.at.between(notice.at - SECOND, notice.at + SECOND),
        )  # fmt: skip
        if connection.execute(twin.limit(1)).first():
            return True
        since = about.where(outcome_events.c.at >= notice.at - SECOND).order_by(outcome_events.c.at, outcome_events.c.id)
        first = connection.execute(since.limit(1)).one_or_none()
        return first is not None and first.source == "poll" and (first.value, first.given) == (notice.word, notice.given)

    def _refines(self, connection: Connection, row: Row[Any], notice: Notice, key: str) -> bool:
        """Whether it says more exactly what a look showed as no more than open or closed."""
        if notice.given is None or row.detailed_status is not None or notice.closed != (row.progress in CLOSED):
            return False
        since = self._progress_of(row.id).where(outcome_events.c.at >= notice.at - SECOND, outcome_events.c.key != key)
        return {(one.source, one.given) for one in connection.execute(since)} == {("poll", None)}

    def _heard_late(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> bool:
        """What came after it stands. But where it was closed and taken up again since, the round had ended with it."""
        if notice.closed and not outcome.declared and row.progress not in CLOSED and notice.at >= outcome.created_at - SECOND:
            self._say_done(connection, row, outcome, notice, now)
            after = self._latest(connection, row.id)
            assert after is not None
            change = self._taken_up_again(connection, row, after, now)
            connection.execute(update(requests).where(requests.c.id == row.id).values(updated_at=now, **change))
        return True

    def _progress_of(self, request_id: int) -> Any:
        """The events of a request in all its rounds."""
        return (
            select(outcome_events)
            .join(outcomes, outcomes.c.id == outcome_events.c.outcome_id)
            .where(outcomes.c.request_id == request_id, outcome_events.c.fact == "progress")
        )

    # What it does.

    def _written(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, key: str) -> bool:
        return self._event(
            connection, outcome.id, key=key, at=notice.at, fact="progress", value=notice.word, given=notice.given, notes=notice.notes,
            source=notice.source,
        )  # fmt: skip

    def _apply(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> None:
        at = max(notice.at, row.progress_at) if row.progress_at else notice.at
        change: dict[str, Any] = {
            "status": "closed" if notice.closed else "open", "progress": notice.word, "progress_at": at,
            "status_notes": notice.notes if notice.notes is not None else row.status_notes,
            "detailed_status": notice.given or (row.detailed_status if row.progress == notice.word else None),
        }  # fmt: skip
        change |= {"agency_responsible": notice.agency} if notice.agency else {}
        change |= {"expected_at": notice.expected_at} if notice.expected_at else {}
        if notice.closed and outcome.declared != notice.word:
            change["declared_at"] = notice.at
            self._say_done(connection, row, outcome, notice, now)
        elif not notice.closed and outcome.declared:
            change |= self._taken_up_again(connection, row, outcome, now)
        else:
            finer = {"declared_status": notice.given} if notice.closed and notice.given else {}
            self._change(connection, outcome.id, now, **_who(outcome, notice), **finer)
        connection.execute(update(requests).where(requests.c.id == row.id).values(updated_at=now, **change))

    def _say_done(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> None:
        """The round is declared over. Its partner's fee is due once, for the first round of whoever reported it."""
        first = outcome.round == 1 and not row.followed
        fee = {"fee": costs.partner_fee(row.service_code) if notice.word == "done" else None} if first else {}
        self._declare(
            connection,
            outcome,
            now,
            word=notice.word,
            at=notice.at,
            declared_status=notice.given or "closed",
            **_who(outcome, notice),
            **fee,
        )
        self._event(
            connection, outcome.id, key=f"{outcome.id}:declared:{notice.word}:{notice.at.isoformat()}", at=notice.at, fact="declared",
            value=notice.word, given=notice.given, notes=notice.notes, source=notice.source,
        )  # fmt: skip
        self._settle(connection, row, outcome, notice, now)

    def _settle(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> None:
        """Somebody has acted on the "no" of the round before, of this request or of the one that it is linked to."""
        before = and_(outcomes.c.request_id == row.id, outcomes.c.round < outcome.round)
        linked = and_(outcomes.c.reference == row.linked_to, outcomes.c.remedy_reference == row.reference, outcomes.c.remedy == "linked")
        of = or_(before, linked) if row.linked_to and row.reference else before
        unsettled = select(outcomes.c.id).where(of, outcomes.c.act_by.is_not(None), outcomes.c.settled_at.is_(None))
        for outcome_id in connection.execute(unsettled).scalars().all():
            self._change(connection, outcome_id, now, settled_at=notice.at)
            self._event(
                connection, outcome_id, key=f"{outcome_id}:settled", at=notice.at, fact="settled", value=notice.word, given=notice.given,
                source=notice.source,
            )  # fmt: skip

    def _taken_up_again(self, connection: Connection, row: Row[Any], outcome: Row[Any], now: datetime) -> dict[str, Any]:
        """The back office works on it again, of its own or because we asked: a new round, and the question of the old one lapses."""
        if outcome.state in ("waiting", "asked", "reminded"):
            self._change(connection, outcome.id, now, state="dropped", due_at=None)
        self._begin_round(connection, as_request(row), number=outcome.round + 1, now=now, task=outcome.task)
        return {"declared_at": None, "watch_at": now}


def _as_known(row: Row[Any], notice: Notice, now: datetime) -> Notice | None:
    """In the words and times that make sense for this request; None for what was before its citizen joined.

    News that shows no more than open or closed takes nothing back of a finer state that was heard before; a word that nobody knows
    leaves the request as it was.
    """
    word = notice.word or row.progress or "open"
    if notice.given is None and word in PLAIN and row.progress is not None and (word in CLOSED) == (row.progress in CLOSED):
        word = row.progress
    at = min(notice.at, now)
    if at < row.created_at:
        if row.followed and notice.source != "poll":
            return None
        at = now if at < row.created_at - SKEW and not row.followed else row.created_at
    return replace(notice, word=word, at=at)


def _late(row: Row[Any], notice: Notice) -> bool:
    return row.progress_at is not None and notice.at < row.progress_at.replace(microsecond=0)


def _key(row: Row[Any], notice: Notice) -> str:
    heard = notice.update_id or f"{notice.word}:{notice.given or ''}:{notice.at.isoformat()}"
    return f"{row.id}:update:{heard if len(heard) <= 120 else _short(heard)}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _who(outcome: Row[Any], notice: Notice) -> dict[str, Any]:
    if not notice.partner:
        return {}
    return {"agency_responsible": notice.agency or outcome.agency_responsible, "partner": notice.partner, "contractor": notice.contractor}
