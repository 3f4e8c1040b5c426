"""The verbs of retention: what is due, what may go, a batch that goes, and the day's run of which there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from engagement.database import Database, reads, writes
from engagement.erasure import Erasures
from engagement.privacy.rules import FORGOTTEN, RULES, WORDS, Cursor
from engagement.tables import audit, marks, retention_rules, retention_runs
from hearback.clock import Clock
from hearback.dates import local

LEASE = timedelta(minutes=5)  # a run that wrote nothing for so long has lost its process
MOST_COUNTED = 100_000


@dataclass(frozen=True, kw_only=True)
class Due:
    """What a rule takes: `count` ends at MOST_COUNTED. `waits`: the rule is new or shorter, and nobody has confirmed it."""

    name: str
    days: int
    count: int
    oldest: datetime | None
    waits: bool


@dataclass(frozen=True, kw_only=True)
class Run:
    id: int
    day: str
    state: str  # running, done
    started_at: datetime
    ended_at: datetime | None
    gone: dict[str, int]
    waiting: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The keys that went, the date of the latest that was looked at, and where the next batch begins: None when this was the last."""

    keys: list[Any]
    last: datetime | None
    next: Cursor | None


class Retention:
    def __init__(self, database: Database, clock: Clock, erasures: Erasures) -> None:
        self._database, self._clock, self._erasures = database, clock, erasures

    async def due(self, days: Mapping[str, int]) -> list[Due]:
        """What would go today by each rule, `days` by its name; nothing does. One reading a rule, so that nobody waits for all."""
        return [await self._due(name, days[name]) for name in RULES]

    @reads
    def _due(self, connection: Connection, name: str, days: int) -> Due:
        count, oldest = self._count(connection, name, days)
        return Due(name=name, days=days, count=count, oldest=oldest, waits=bool(count) and not self._confirmed(connection, name, days))

    def _count(self, connection: Connection, name: str, days: int) -> tuple[int, datetime | None]:
        rule = RULES[name]
        some = select(rule.date.label("date")).where(*rule.conditions(connection, self._before(days))).limit(MOST_COUNTED).subquery()
        count, oldest = connection.execute(select(func.count(), func.min(some.c.date))).one()
        return int(count), oldest

    def _before(self, days: int) -> datetime:
        return self._clock.now() - timedelta(days=days)

    def _confirmed(self, connection: Connection, name: str, days: int) -> bool:
        known = connection.execute(select(retention_rules.c.days).where(retention_rules.c.name == name)).scalar_one_or_none()
        return known is not None and days >= known

    async def allowed(self, name: str, days: int) -> int:
        """0 where the rule may run now, else how many would go by it, which waits to be confirmed.

        A rule that is longer than before, or by which nothing would go, needs nobody's word: it is written down as it is.
        """
        due = await self._due(name, days)
        if due.waits:
            return due.count
        await self._in_use(name, days)
        return 0

    @writes
    def _in_use(self, connection: Connection, name: str, days: int) -> None:
        self._keep(connection, name, days, None)

    @writes
    def confirm(self, connection: Connection, name: str, days: int, *, staff_id: int) -> None:
        """An administrator has seen what would go by a rule, and lets it."""
        self._keep(connection, name, days, staff_id)
        note = {"rule": name, "days": days}
        connection.execute(audit.insert().values(at=self._clock.now(), staff_id=staff_id, action="confirmed_retention", details=note))

    def _keep(self, connection: Connection, name: str, days: int, staff_id: int | None) -> None:
        now = self._clock.now()
        row = self._database.insert(retention_rules).values(name=name, days=days, confirmed_by=staff_id, confirmed_at=now)
        changed = {"days": days, "confirmed_by": staff_id, "confirmed_at": now}
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=changed, where=retention_rules.c.days != days))

    @writes
    def claim(self, connection: Connection) -> int | None:
        """The run of today, where no other process has it or had it; what a process left in the middle is taken up again."""
        now = self._clock.now()
        until = now + self._clock.lease(LEASE)
        new = self._database.insert(retention_runs).values(
            day=local(now).date().isoformat(), state="running", leased_until=until, started_at=now, gone={}, waiting={}
        )
        left = (retention_runs.c.state == "running") & (retention_runs.c.leased_until < now)
        taken = new.on_conflict_do_update(index_elements=["day"], set_={"leased_until": until}, where=left)
        id = connection.execute(taken.returning(retention_runs.c.id)).scalar_one_or_none()
        return int(id) if id is not None else None

    async def batch(self, run: int, name: str, days: int, after: Cursor | None) -> Batch:
        """Take away some of what is due by a rule behind `after`, count it, and keep the run for this process.

        Looking takes no turn of those who write. What lies outside the log is the caller's: photos' files, and Rasa's memory (for which
        see `forgotten`).
        """
        keys, last = await self._look(name, days, after)
        full = len(keys) == RULES[name].at_once
        return Batch(keys=await self._take(run, name, days, keys), last=last and last[0], next=last if full else None)

    @reads
    def _look(self, connection: Connection, name: str, days: int, after: Cursor | None) -> tuple[list[Any], Cursor | None]:
        rule = RULES[name]
        query = select(rule.key.label("key"), rule.date.label("date"))
        query = query.where(*rule.conditions(connection, self._before(days)), *rule.behind(after))
        rows = connection.execute(query.order_by(*rule.order).limit(rule.at_once)).all()
        return [row.key for row in rows], (rows[-1].date, rows[-1].key) if rows else None

    @writes
    def _take(self, connection: Connection, run: int, name: str, days: int, keys: list[Any]) -> list[Any]:
        rule = RULES[name]
        if keys:  # something may have been said, or a hold been placed, since they were looked up
            still = select(rule.key).where(rule.key.in_(keys), *rule.conditions(connection, self._before(days)))
            keys = list(connection.execute(still.order_by(*rule.order)).scalars())
        if keys and rule.act:
            rule.act(connection, keys)
        if name == WORDS:
            self._erasures.begin_old(connection, keys)
        self._count_gone(connection, run, name, len(keys))
        return keys

    def _count_gone(self, connection: Connection, run: int, name: str, number: int) -> None:
        gone = connection.execute(select(retention_runs.c.gone).where(retention_runs.c.id == run)).scalar_one()
        gone = {**gone, name: gone.get(name, 0) + number} if number else gone
        kept = self._clock.now() + self._clock.lease(LEASE)
        connection.execute(update(retention_runs).where(retention_runs.c.id == run).values(gone=gone, leased_until=kept))

    @writes
    def forgotten(self, connection: Connection, at: datetime) -> None:
        """Rasa's memory is deleted of every conversation that was silent since `at`."""
        row = self._database.insert(marks).values(name=FORGOTTEN, at=at)
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": at}))

    @writes
    def end(self, connection: Connection, run: int, waiting: Mapping[str, int]) -> None:
        ended = {"state": "done", "ended_at": self._clock.now(), "waiting": dict(waiting)}
        connection.execute(update(retention_runs).where(retention_runs.c.id == run).values(**ended))

    @reads
    def runs(self, connection: Connection, limit: int = 14) -> list[Run]:
        """The latest runs, newest first."""
        columns = [retention_runs.c[name] for name in ("id", "day", "state", "started_at", "ended_at", "gone", "waiting")]
        rows = connection.execute(select(*columns).order_by(retention_runs.c.id.desc()).limit(limit))
        return [Run(**row._mapping) for row in rows]
