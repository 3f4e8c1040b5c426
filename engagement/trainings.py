"""Trainings that take up approved examples: one at a time, seen by everybody, and honest about one that was broken off."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, select, update

from engagement.database import Database, reads, writes
from engagement.tables import examples, staff, teachings
from hearback.clock import Clock

LEASE = timedelta(seconds=60)  # real time; a training that says nothing for so long was broken off
SHOWN = 20
Row = dict[str, Any]


class Trainings:
    _database: Database
    _clock: Clock

    @writes
    def begin(self, connection: Connection, *, by: int | None) -> int | None:
        """Begin a training; None while another one runs."""
        now = self._clock.now()
        self._interrupt(connection)
        added = connection.execute(
            self._database.insert(teachings)
            .values(state="running", step="begun", by=by, started_at=now, lease_until=now + self._clock.lease(LEASE))
            .on_conflict_do_nothing()
            .returning(teachings.c.id)
        )
        row = added.one_or_none()
        return row.id if row else None

    @writes
    def go_on(self, connection: Connection, teaching_id: int, step: str | None = None, values: Mapping[str, Any] | None = None) -> bool:
        """Say that the training is still at it, and where; False once it is no longer this process's."""
        now = self._clock.now()
        self._interrupt(connection)
        mine = (teachings.c.id == teaching_id) & (teachings.c.state == "running")
        change: Row = {"lease_until": now + self._clock.lease(LEASE), **(values or {}), **({"step": step} if step else {})}
        return connection.execute(update(teachings).where(mine).values(**change)).rowcount == 1

    @writes
    def end(
        self,
        connection: Connection,
        teaching_id: int,
        state: str,
        *,
        result: Mapping[str, Any] | None = None,
        error: str | None = None,
        changes: Mapping[int, Mapping[str, Any]] | None = None,
    ) -> bool:
        """promoted, refused, failed or nothing; `changes` {example id: what it did to it} go with their examples to taught or gate."""
        mine = (teachings.c.id == teaching_id) & teachings.c.state.in_(("running", "interrupted"))
        ended = dict(state=state, step="ended", result=result, error=error, ended_at=self._clock.now(), lease_until=None)
        if connection.execute(update(teachings).where(mine).values(**ended)).rowcount == 0:
            return False
        became = {"promoted": "taught", "refused": "gate"}.get(state)
        for example_id, change in (changes or {}).items() if became else ():
            ours = (examples.c.id == example_id) & (examples.c.state == "approved")
            connection.execute(update(examples).where(ours).values(state=became, teaching_id=teaching_id, change=dict(change)))
        return True

    @writes
    def fit_examples(self, connection: Connection, learned: Collection[int]) -> list[int]:
        """The model in use learned from these: others that were taught are rolled back, these are taught. Returns those rolled back."""
        gone = connection.execute(select(examples.c.id).where(examples.c.state == "taught", examples.c.id.not_in(learned))).scalars().all()
        connection.execute(update(examples).where(examples.c.id.in_(gone)).values(state="rolled_back"))
        back = examples.c.id.in_(learned) & (examples.c.state == "rolled_back")
        connection.execute(update(examples).where(back).values(state="taught"))
        return list(gone)

    @reads
    def approved(self, connection: Connection) -> list[Row]:
        """What the next training takes up, in the order in which it was proposed."""
        return [
            dict(row._mapping) for row in connection.execute(select(examples).where(examples.c.state == "approved").order_by(examples.c.id))
        ]

    @reads
    def taught(self, connection: Connection) -> list[Row]:
        """What all trainings before took up and is still in use."""
        return [
            dict(row._mapping) for row in connection.execute(select(examples).where(examples.c.state == "taught").order_by(examples.c.id))
        ]

    @writes
    def running(self, connection: Connection) -> Row | None:
        """The training that runs; one whose time is over is marked as interrupted."""
        self._interrupt(connection)
        row = connection.execute(_teachings().where(teachings.c.state == "running")).one_or_none()
        return dict(row._mapping) if row else None

    @reads
    def teaching(self, connection: Connection, teaching_id: int) -> Row | None:
        row = connection.execute(_teachings().where(teachings.c.id == teaching_id)).one_or_none()
        return dict(row._mapping) if row else None

    @reads
    def teachings(self, connection: Connection) -> list[Row]:
        """The latest trainings, the newest first, without their results."""
        rows = connection.execute(_teachings().order_by(teachings.c.id.desc()).limit(SHOWN))
        return [{**row._mapping, "result": None} for row in rows]

    @reads
    def examples_of(self, connection: Connection, teaching_id: int) -> list[Row]:
        """The examples whose latest training this was."""
        rows = connection.execute(select(examples).where(examples.c.teaching_id == teaching_id).order_by(examples.c.id))
        return [dict(row._mapping) for row in rows]

    def _interrupt(self, connection: Connection) -> None:
        now = self._clock.now()
        over = (teachings.c.state == "running") & (teachings.c.lease_until < now)
        connection.execute(update(teachings).where(over).values(state="interrupted", ended_at=now, lease_until=None))


def _in_state(connection: Connection, state: str) -> list[Row]:
    rows = connection.execute(select(examples).where(examples.c.state == state).order_by(examples.c.id))
    return [dict(row._mapping) for row in rows]


def _teachings() -> Select[Any]:
    return select(teachings, staff.c.username).outerjoin(staff, staff.c.id == teachings.c.by)
