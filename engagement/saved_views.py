"""Filters that somebody gave a name, for themselves or for everybody."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, delete, func, or_, select, update

from engagement.database import Database, reads, writes
from engagement.tables import saved_views, staff
from hearback.clock import Clock

MOST = 50  # that one person may keep


class TooManyViews(Exception):
    """This person keeps as many views as one may."""


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """`query` is what stands in the list's address; `mine`: whoever asks may rename and delete it."""

    id: int
    name: str
    query: str
    shared: bool
    by: str
    mine: bool


class SavedViews:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @reads
    def of(self, connection: Connection, staff_id: int) -> list[SavedView]:
        """A person's own views and those that others share, by name."""
        seen = or_(saved_views.c.staff_id == staff_id, saved_views.c.shared)
        rows = connection.execute(_query().where(seen).order_by(func.lower(saved_views.c.name), saved_views.c.id).limit(500))
        return [_view(row, staff_id) for row in rows]

    @writes
    def save(self, connection: Connection, staff_id: int, name: str, query: str, *, shared: bool) -> SavedView:
        """Keep a filter under a name; the same person's same name again replaces it. Raises TooManyViews."""
        mine = saved_views.c.staff_id == staff_id
        others = select(func.count()).select_from(saved_views).where(mine, saved_views.c.name != name)
        if connection.execute(others).scalar_one() >= MOST:
            raise TooManyViews
        kept = {"query": query, "shared": shared}
        row = self._database.insert(saved_views).values(staff_id=staff_id, name=name, created_at=self._clock.now(), **kept)
        connection.execute(row.on_conflict_do_update(index_elements=["staff_id", "name"], set_=kept))
        return _view(connection.execute(_query().where(mine, saved_views.c.name == name)).one(), staff_id)

    @writes
    def rename(self, connection: Connection, staff_id: int, view_id: int, name: str, *, shared: bool) -> bool:
        """Give a view of one's own another name; False where there is no such, or another has that name."""
        taken = select(saved_views.c.id).where(
            saved_views.c.staff_id == staff_id, saved_views.c.name == name, saved_views.c.id != view_id
        )  # fmt: skip
        if connection.execute(taken).first():
            return False
        mine = (saved_views.c.id == view_id) & (saved_views.c.staff_id == staff_id)
        return connection.execute(update(saved_views).where(mine).values(name=name, shared=shared)).rowcount > 0

    @writes
    def remove(self, connection: Connection, staff_id: int, view_id: int) -> bool:
        """Delete a view of one's own; False where there is no such."""
        mine = (saved_views.c.id == view_id) & (saved_views.c.staff_id == staff_id)
        return connection.execute(delete(saved_views).where(mine)).rowcount > 0


def _query() -> Any:
    return select(saved_views, staff.c.username.label("by")).join(staff, staff.c.id == saved_views.c.staff_id)


def _view(row: Row[Any], staff_id: int) -> SavedView:
    known = {one.name: getattr(row, one.name) for one in fields(SavedView) if one.name != "mine"}
    return SavedView(**known, mine=row.staff_id == staff_id)
