"""What is heard from the back office of the requests that it has: by asking, by reading its updates, or because it tells us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from engagement.database import Database, reads, writes
from engagement.notices import Notices
from engagement.outcome_events import as_outcome, read_outcomes
from engagement.requests import all_requests, as_request
from engagement.tables import marks, outcomes, requests
from engagement.values import Notice, Outcome, Request
from hearback.clock import Clock

WATCHED = timedelta(days=180)  # after its end a request is looked at for so long: it may be taken up again
PUBLISHED = timedelta(days=90)  # older answers are not told any more
AT_ONCE = 500  # references in one question to the database
CARED_FOR = ("accepted", "scheduled", "done", "not_ours", "no_action", "duplicate")  # what citizens wish to hear of


class Watch(Notices):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @reads
    def due(self, connection: Connection, limit: int) -> list[Request]:
        """Requests to look at now in the back office, longest due first; one without a reference has a token to ask about, or nothing."""
        query = all_requests().where(requests.c.watch_at <= self._clock.now(), requests.c.state == "sent").order_by(requests.c.watch_at)
        query = query.limit(limit)
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
        ours = self._ours(connection, {one.reference for one in notices})
        told = []
        for one in sorted((one for one in notices if one.reference in ours), key=lambda one: one.at):
            of = all_requests().where(requests.c.reference == one.reference, requests.c.state == "sent").with_for_update(of=requests)
            rows = connection.execute(of.order_by(requests.c.id)).all()
            if any([self._of_request(connection, row, one, now) for row in rows]) and one.reference not in told:
                told.append(one.reference)
        if mark:
            name, at = mark
            row = self._database.insert(marks).values(name=name, at=at)
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": at}))
        return told

    def _ours(self, connection: Connection, references: Collection[str]) -> set[str]:
        """Which of these are requests of our citizens; lists of the back office hold everybody's."""
        found: set[str] = set()
        listed = sorted(references)
        for at in range(0, len(listed), AT_ONCE):
            some = requests.c.reference.in_(listed[at : at + AT_ONCE])
            found.update(connection.execute(select(requests.c.reference).where(some, requests.c.state == "sent")).scalars())
        return found

    @reads
    def mark(self, connection: Connection, name: str) -> datetime | None:
        """How far this list was read."""
        at: datetime | None = connection.execute(select(marks.c.at).where(marks.c.name == name)).scalar_one_or_none()
        return at

    @reads
    def anything(self, connection: Connection) -> bool:
        """Whether there is any request to hear of."""
        watched = select(requests.c.id).where(requests.c.watch_at.is_not(None), requests.c.state == "sent").limit(1)
        return connection.execute(watched).first() is not None

    @writes
    def look_soon(self, connection: Connection, reference: str) -> None:
        """Something happened to this request of which we do not know what it means."""
        same = (requests.c.reference == reference) & (requests.c.state == "sent")
        connection.execute(update(requests).where(same).values(watch_at=self._clock.now()))

    @reads
    def unpublished(self, connection: Connection, limit: int = 50) -> list[Outcome]:
        """What citizens said of requests that the back office has not been told, or that they have changed since."""
        news = outcomes.c.published_at.is_distinct_from(outcomes.c.confirmed_at) & outcomes.c.reference.is_not(None)
        lately = outcomes.c.confirmed_at > self._clock.now() - PUBLISHED
        query = read_outcomes().where(outcomes.c.subject == "request", outcomes.c.confirmed.is_not(None), lately, news)
        return [as_outcome(row) for row in connection.execute(query.order_by(outcomes.c.confirmed_at).limit(limit))]

    @writes
    def published(self, connection: Connection, outcome: Outcome) -> None:
        """The back office has been told this answer."""
        connection.execute(update(outcomes).where(outcomes.c.id == outcome.id).values(published_at=outcome.confirmed_at))

    @reads
    def untold(self, connection: Connection, limit: int = 50) -> list[Request]:
        """Requests whose citizen wishes to hear of what has changed, as often as they chose."""
        changed = requests.c.progress.is_distinct_from(requests.c.progress_told) & requests.c.progress.in_(CARED_FOR)
        wished = requests.c.updates & ((requests.c.hears == "all") | requests.c.progress.not_in(("accepted", "scheduled")))
        query = all_requests().where(requests.c.state == "sent", changed, wished).order_by(requests.c.id).limit(limit)
        return [as_request(row) for row in connection.execute(query)]
