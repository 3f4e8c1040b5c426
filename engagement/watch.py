"""What is heard from the back office of the requests that it has: by asking, by reading its updates, or because it tells us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engagement.database import Database, reads, writes
from engagement.outcome_events import OutcomeRows
from engagement.requests import all_requests, as_request
from engagement.tables import marks, requests
from engagement.values import CLOSED, Notice, Request
from hearback import costs
from hearback.clock import Clock

WATCHED = timedelta(days=180)  # after its end a request is looked at for so long: it may be taken up again
CARED_FOR = ("accepted", "scheduled", "done", "not_ours", "no_action", "duplicate")  # what citizens wish to hear of


class Watch(OutcomeRows):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @reads
    def due(self, connection: Connection, limit: int) -> list[Request]:
        """Requests to look at now in the back office, longest due first; one without a reference has a token to ask about."""
        now = self._clock.now()
        query = (
            all_requests().where(requests.c.watch_at <= now, requests.c.reference.is_not(None)).order_by(requests.c.watch_at).limit(limit)
        )
        return [as_request(row) for row in connection.execute(query)]

    @writes
    def looked(self, connection: Connection, keys: Sequence[str], *, again: datetime | None, failed: bool = False) -> None:
        """These were looked at, or could not be (`failed`); `again` is when to look next, None for no more."""
        failures = requests.c.watch_failures + 1 if failed else 0
        connection.execute(update(requests).where(requests.c.key.in_(keys)).values(watch_at=again, watch_failures=failures))

    @writes
    def noticed(self, connection: Connection, notices: Sequence[Notice], *, mark: tuple[str, datetime] | None = None) -> list[str]:
        """Write down what the back office says; returns the references about which it was news.

        `mark` is how far a list was read, kept in the same commit: after a crash it is read from there again, and nothing is missed.
        """
        now = self._clock.now()
        told = [one.reference for one in sorted(notices, key=lambda one: one.at) if self._notice(connection, one, now)]
        if mark:
            name, at = mark
            row = self._database.insert(marks).values(name=name, at=at)
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": at}))
        return told

    @reads
    def mark(self, connection: Connection, name: str) -> datetime | None:
        """How far this list was read."""
        at: datetime | None = connection.execute(select(marks.c.at).where(marks.c.name == name)).scalar_one_or_none()
        return at

    @reads
    def untold(self, connection: Connection, limit: int = 50) -> list[Request]:
        """Requests whose citizen wishes to hear of what has changed, as often as they chose."""
        changed = requests.c.progress.is_distinct_from(requests.c.progress_told) & requests.c.progress.in_(CARED_FOR)
        wished = requests.c.updates & ((requests.c.hears == "all") | requests.c.progress.not_in(("accepted", "scheduled")))
        query = all_requests().where(requests.c.state == "sent", changed, wished).order_by(requests.c.id).limit(limit)
        return [as_request(row) for row in connection.execute(query)]

    def _notice(self, connection: Connection, notice: Notice, now: datetime) -> bool:
        rows = connection.execute(all_requests().where(requests.c.reference == notice.reference, requests.c.state == "sent")).all()
        return any([self._of_request(connection, row, notice, now) for row in rows])

    def _of_request(self, connection: Connection, row: Row[Any], notice: Notice, now: datetime) -> bool:
        outcome = self._latest(connection, row.id)
        if outcome is None:
            return False
        heard = notice.update_id or f"{notice.word}:{notice.given or ''}:{notice.at.isoformat()}"
        notice = _as_known(row, notice)
        if notice.source == "poll" and not _differs(row, notice):
            return False
        news = self._event(
            connection, outcome.id, key=f"{row.id}:{notice.source if notice.update_id else 'poll'}:{heard}"[:200], at=notice.at,
            fact="progress", value=notice.word, given=notice.given, notes=notice.notes, source=notice.source,
        )  # fmt: skip
        if not news or (row.progress_at is not None and notice.at < row.progress_at):
            return news  # heard late: what came after it stands
        change: dict[str, Any] = {
            "status": "closed" if notice.closed else "open", "progress": notice.word, "progress_at": notice.at,
            "status_notes": notice.notes if notice.notes is not None else row.status_notes,
            "detailed_status": notice.given or (row.detailed_status if row.progress == notice.word else None),
        }  # fmt: skip
        change |= {"agency_responsible": notice.agency} if notice.agency else {}
        change |= {"expected_at": notice.expected_at} if notice.expected_at else {}
        who = {
            "agency_responsible": notice.agency or outcome.agency_responsible,
            "partner": notice.partner or outcome.partner,
            "contractor": notice.contractor or outcome.contractor,
        }
        if notice.closed and outcome.declared != notice.word:
            change["declared_at"] = notice.at
            paid = notice.word == "done" and outcome.round == 1
            fee = {"fee": costs.partner_fee(row.service_code)} if paid else {}
            given = notice.given or "closed"
            self._declare(connection, outcome, now, word=notice.word, at=notice.at, declared_status=given, **who, **fee)
            self._event(
                connection, outcome.id, key=f"{outcome.id}:declared:{notice.word}:{notice.at.isoformat()}", at=notice.at, fact="declared",
                value=notice.word, given=notice.given, notes=notice.notes, source=notice.source,
            )  # fmt: skip
        elif not notice.closed and outcome.declared:
            change |= {"declared_at": None, **self._taken_up_again(connection, row, outcome, now)}
        else:
            self._change(connection, outcome.id, now, **who)
        connection.execute(update(requests).where(requests.c.id == row.id).values(updated_at=now, **change))
        return True

    def _taken_up_again(self, connection: Connection, row: Row[Any], outcome: Row[Any], now: datetime) -> dict[str, Any]:
        """The back office works on it again, of its own or because we asked: a new round, and the question of the old one lapses."""
        if outcome.state in ("waiting", "asked", "reminded"):
            self._change(connection, outcome.id, now, state="dropped", due_at=None)
        self._begin_round(connection, as_request(row), number=outcome.round + 1, now=now, task=outcome.task)
        return {"watch_at": now}


def _as_known(row: Row[Any], notice: Notice) -> Notice:
    """A look that shows no more than open or closed takes nothing back of a finer state that was heard before."""
    if notice.given is None and row.progress is not None and notice.closed == (row.progress in CLOSED):
        return replace(notice, word=row.progress)
    return notice


def _differs(row: Row[Any], notice: Notice) -> bool:
    """Whether a request as it looks now says anything else than what we know."""
    seen = {
        "progress": notice.word, "detailed_status": notice.given, "status_notes": notice.notes, "agency_responsible": notice.agency,
        "expected_at": notice.expected_at,
    }  # fmt: skip
    return any(value is not None and value != getattr(row, name) for name, value in seen.items())
