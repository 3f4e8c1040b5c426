"""What service teams read of requests: the three facts of each round, whose clock runs, what it cost, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from engagement.database import Database, reads
from engagement.tables import conversations, handovers, outcome_events, outcomes, request_updates, requests
from engagement.values import NO

PAGE = 50
SHOWN = ("all", "disagreements", "overdue", "waiting")
COUNTED = 10_000  # requests of a filter are counted so far
COSTS = ("cost_texts", "cost_turns", "cost_staff", "cost_overhead")
SPENT = sum((conversations.c[name] for name in COSTS[1:]), conversations.c[COSTS[0]])
_DISAGREES = outcomes.c.confirmed.in_(NO) & outcomes.c.settled_at.is_(None)
_WAITS = outcomes.c.declared.is_not(None) & outcomes.c.state.in_(("waiting", "asked", "reminded"))
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which requests, beside what `show` says; None: any."""

    service: str | None = None
    partner: str | None = None
    channel: str | None = None
    state: str | None = None


ANY = Wanted()


class RequestReview:
    _database: Database

    @reads
    def requests(
        self,
        connection: Connection,
        page: int = 1,
        per_page: int = PAGE,
        show: str = "all",
        wanted: Wanted = ANY,
        now: datetime | None = None,
        total: int | None = None,
    ) -> tuple[list[Row], int]:
        """A page of requests and how many there are: who says no and waits for somebody to act comes first, then the newest.

        `show` leaves `disagreements` alone, of them those whose time is over by `now` (overdue), or what `waiting` for the citizen's
        answer is. What is `wanted` is counted up to one more than COUNTED. `total` is how many there are, where it is known.
        """
        no = select(outcomes.c.request_id, func.min(outcomes.c.act_by).label("act_by"))
        no_ = no.where(_DISAGREES, outcomes.c.request_id.is_not(None)).group_by(outcomes.c.request_id).subquery()
        if wanted == ANY and show != "waiting":
            of, query = no_.c.request_id, select(no_.c.request_id)  # without a look at all the others
        else:
            of, both = requests.c.id, no_.c.request_id == requests.c.id
            query = self._of(select(of).join(no_, both, isouter=show == "waiting"), wanted)
        if show == "overdue":
            query = query.where(no_.c.act_by < now)
        elif show == "waiting":
            query = query.where(of.in_(select(outcomes.c.request_id).where(_WAITS)))
        if total is None:
            some = (self._of(select(requests.c.id), wanted) if show == "all" else query).limit(COUNTED + 1).subquery()
            count = self._total(show, now) if wanted == ANY else select(func.count()).select_from(some)
            total = int(connection.execute(count).scalar_one())
        offset = (max(page, 1) - 1) * per_page
        order = (no_.c.act_by.is_(None), no_.c.act_by, of.desc())
        ids = list(connection.execute(query.order_by(*order).limit(per_page).offset(offset)).scalars())
        if show == "all" and len(ids) < per_page:  # the rest by its index, however long
            before = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
            rest = self._of(select(requests.c.id).where(requests.c.id.not_in(select(no_.c.request_id))), wanted)
            more = rest.order_by(requests.c.id.desc()).limit(per_page - len(ids)).offset(max(0, offset - before))
            ids += connection.execute(more).scalars()
        found = {row["id"]: row for row in self._whole(connection, requests.c.id.in_(ids))}
        return [found[one] for one in ids], total

    @reads
    def requests_of(self, connection: Connection, conversation_id: str) -> list[Row]:
        """The requests that were raised in a conversation, oldest first."""
        return self._whole(connection, requests.c.conversation_id == conversation_id)

    @reads
    def request(self, connection: Connection, request_id: int) -> Row | None:
        """One request: its rounds, each with its history and the hand-over about it, and what was said of it later."""
        found = self._whole(connection, requests.c.id == request_id)
        if not found:
            return None
        (row,) = found
        about = {f"outcome:{one['id']}": one for one in row["rounds"]}
        for one in row["rounds"]:
            one["events"], one["handover"] = [], None
        by_id = {one["id"]: one for one in row["rounds"]}
        for event in connection.execute(self._history(by_id)):
            by_id[event.outcome_id]["events"].append(dict(event._mapping))
        for handover in connection.execute(select(handovers).where(handovers.c.key.in_(about))):
            about[handover.key]["handover"] = dict(handover._mapping)
        row["updates"] = []
        if row["reference"]:
            later = select(request_updates).where(request_updates.c.reference == row["reference"]).order_by(request_updates.c.id)
            row["updates"] = [dict(update._mapping) for update in connection.execute(later)]
        return row

    @reads
    def request_counts(self, connection: Connection, now: datetime | None = None) -> dict[str, int]:
        """How many requests each list shows."""
        row = connection.execute(select(*(self._total(name, now).scalar_subquery().label(name) for name in SHOWN))).one()
        return {name: int(number) for name, number in row._mapping.items()}

    @reads
    def costs(self, connection: Connection, conversation_id: str) -> dict[str, float]:
        """What the conversation cost, and what partners got for what was asked for in it, in pence."""
        fees = select(func.sum(outcomes.c.fee)).where(outcomes.c.conversation_id == conversation_id).scalar_subquery()
        query = select(*(conversations.c[name] for name in COSTS), fees.label("fees")).where(conversations.c.id == conversation_id)
        row = connection.execute(query).one()
        return {**{name.removeprefix("cost_"): getattr(row, name) for name in COSTS}, "fees": row.fees or 0.0}

    @reads
    def outcomes(self, connection: Connection, conversation_id: str) -> list[Row]:
        """Everything done for the citizen in this conversation, or asked about in it, round by round, each with its history."""
        ours = (outcomes.c.conversation_id == conversation_id) | (outcomes.c.asked_in == conversation_id)
        rows = [dict(row._mapping) for row in connection.execute(select(outcomes).where(ours).order_by(outcomes.c.id))]
        if not rows:
            return []
        events: dict[int, list[Row]] = {row["id"]: [] for row in rows}
        for event in connection.execute(self._history(events)):
            events[event.outcome_id].append(dict(event._mapping))
        return [{**row, "events": events[row["id"]]} for row in rows]

    def _history(self, outcome_ids: dict[int, Any]) -> Select[Any]:
        return select(outcome_events).where(outcome_events.c.outcome_id.in_(outcome_ids)).order_by(outcome_events.c.at, outcome_events.c.id)

    def _of(self, query: Select[Any], wanted: Wanted) -> Select[Any]:
        if wanted.service:
            query = query.where(requests.c.service_code == wanted.service)
        if wanted.state:
            query = query.where(requests.c.state == wanted.state)
        if wanted.partner:
            query = query.where(requests.c.id.in_(select(outcomes.c.request_id).where(outcomes.c.partner == wanted.partner)))
        if wanted.channel:
            query = query.join(conversations, conversations.c.id == requests.c.conversation_id)
            query = query.where(conversations.c.channel == wanted.channel)
        return query

    def _total(self, show: str, now: datetime | None) -> Select[Any]:
        if show == "all":
            return select(func.count()).select_from(requests)
        which = _WAITS if show == "waiting" else _DISAGREES if show == "disagreements" else _DISAGREES & (outcomes.c.act_by < now)
        return select(func.count(outcomes.c.request_id.distinct())).where(which)

    def _whole(self, connection: Connection, which: Any) -> list[Row]:
        rows = connection.execute(
            select(requests, conversations.c.channel, SPENT.label("spent"))
            .join(conversations, conversations.c.id == requests.c.conversation_id)
            .where(which)
            .order_by(requests.c.id)
        ).all()
        if not rows:
            return []
        rounds = self._rounds(connection, [row.id for row in rows])
        shared = self._shares(connection, {row.conversation_id for row in rows})
        return [
            {
                **row._mapping,
                "rounds": rounds.get(row.id, []),
                "cost": sum(row.spent / shared[row.conversation_id] + (one["fee"] or 0.0) for one in rounds.get(row.id, [])),
            }
            for row in rows
        ]

    def _rounds(self, connection: Connection, ids: Sequence[int]) -> dict[int, list[Row]]:
        rounds: dict[int, list[Row]] = {}
        for row in connection.execute(select(outcomes).where(outcomes.c.request_id.in_(ids)).order_by(outcomes.c.round)):
            rounds.setdefault(row.request_id, []).append(dict(row._mapping))
        return rounds

    def _shares(self, connection: Connection, conversation_ids: set[str]) -> dict[str, int]:
        """Among how many outcomes the cost of each conversation is shared."""
        counted = select(outcomes.c.conversation_id, func.count().label("number")).where(outcomes.c.conversation_id.in_(conversation_ids))
        return {row.conversation_id: row.number for row in connection.execute(counted.group_by(outcomes.c.conversation_id))}
