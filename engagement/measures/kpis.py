"""The four of GOV.UK: cost per transaction, user satisfaction, completion rate, digital take-up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from engagement.measures.costs import Costs
from engagement.measures.registry import Cell, Key, Sheet, Sums, measure
from engagement.measures.rows import Rows
from engagement.measures.sql import month_of, number, within
from engagement.measures.values import Cost, Period, Ratio, rounded
from engagement.tables import conversations, handovers, ratings, tasks

CONTACTED = conversations.c.contacted_at.is_not(None)


@dataclass(frozen=True)
class Tasks(Sums):
    """Tasks that citizens began in the period. `finished`: handed over, and a colleague closed the hand-over and said how long it took."""

    DIMENSIONS = ("channel", "service", "month")

    started: int
    completed: int
    elsewhere: int
    finished: int

    @classmethod
    def rows(cls, period: Period) -> Rows:
        closed = exists().where(
            handovers.c.conversation_id == tasks.c.conversation_id,
            handovers.c.created_at <= tasks.c.ended_at,  # it is asked for in the turn that ends the task
            handovers.c.closed_at >= tasks.c.ended_at,
            handovers.c.state == "closed",
            handovers.c.minutes.is_not(None),
        )
        return Rows(
            source=tasks,
            conversation=tasks.c.conversation_id,
            at=tasks.c.started_at,
            key={"channel": tasks.c.channel, "service": tasks.c.service_code},
            fields={
                "started": None,
                "completed": tasks.c.end == "completed",
                "elsewhere": tasks.c.end == "elsewhere",
                "finished": and_(tasks.c.end == "handed_over", closed),
            },
            where=tuple(within(tasks.c.started_at, period)),
        )


@measure(
    "completion_rate",
    "Of tasks that citizens began, the share that came to its end; that it is somebody else's job, said so, is an end.",
    better="high",
    numerator=("completed", "elsewhere"),
    denominator=("started",),
)
def completion_rate(done: Tasks) -> Ratio:
    """Who goes away in the middle has begun."""
    return Ratio(done.completed + done.elsewhere, done.started, {"completed": done.completed, "elsewhere": done.elsewhere})


@measure(
    "digital_take_up",
    "Of tasks that were finished, the share that the assistant finished alone; the rest were finished by staff.",
    better="high",
    numerator=("completed", "elsewhere"),
    denominator=("completed", "elsewhere", "finished"),
)
def digital_take_up(done: Tasks) -> Ratio:
    digital = done.completed + done.elsewhere
    return Ratio(digital, digital + done.finished)


@dataclass(frozen=True)
class Transactions(Sums):
    """What everything cost, and what was finished for it by the assistant or by staff."""

    DIMENSIONS = ("channel", "month")
    OF = (Costs, Tasks)

    pence: Fraction
    finished: int

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        added: dict[Key, list[Any]] = {}
        for (channel, _, _, month), numbers in sheet.cells(Costs):
            added.setdefault((channel, month), [Fraction(), 0])[0] += Costs(*numbers).pence
        for (channel, _, month), numbers in sheet.cells(Tasks):
            done = Tasks(*numbers)
            added.setdefault((channel, month), [Fraction(), 0])[1] += done.completed + done.elsewhere + done.finished
        return [(key, tuple(numbers)) for key, numbers in added.items()]


@measure(
    "cost_per_transaction",
    "What everything costs, for each task that was finished by the assistant or by staff.",
    better="low",
    numerator=("spent",),
    denominator=("completed", "elsewhere", "finished"),
)
def cost_per_transaction(all_of_it: Transactions) -> Cost:
    return Cost(all_of_it.pence, Fraction(all_of_it.finished))


@dataclass(frozen=True)
class Ratings(Sums):
    """Web chats that ended in the period, where each is asked, and what was answered."""

    DIMENSIONS = ("channel", "month")

    asked: int
    answered: int
    satisfied: int
    points: int

    @classmethod
    def rows(cls, period: Period) -> Rows:
        at = func.coalesce(conversations.c.ended_at, ratings.c.created_at)
        ended = and_(conversations.c.channel == "web", conversations.c.ended_at.is_not(None), CONTACTED)
        return Rows(
            source=conversations.outerjoin(ratings, ratings.c.conversation_id == conversations.c.id),
            conversation=conversations.c.id,
            at=at,
            key={"channel": conversations.c.channel},
            fields={"asked": None, "answered": ratings.c.score.is_not(None), "satisfied": ratings.c.score >= 4},
            where=(or_(ratings.c.score.is_not(None), ended), *within(at, period)),
        )

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        rows = cls.rows(sheet.period)
        key = (rows.key["channel"], month_of(rows.at))
        numbers = (func.count(), func.count(ratings.c.score), number(ratings.c.score >= 4), func.coalesce(func.sum(ratings.c.score), 0))
        query = select(*key, *numbers).select_from(rows.source).where(*rows.where).group_by(*key)
        return [(tuple(row[:2]), tuple(row[2:])) for row in sheet.connection.execute(query)]


@measure(
    "user_satisfaction",
    "Of citizens who rated their chat at its end from 1 to 5, the share who gave 4 or 5.",
    better="high",
    numerator=("satisfied",),
    denominator=("answered",),
)
def user_satisfaction(rated: Ratings) -> Ratio:
    mean = rounded(Fraction(rated.points, rated.answered), 2) if rated.answered >= 10 else None
    return Ratio(rated.satisfied, rated.answered, {"mean": mean, "asked": rated.asked, "answered": rated.answered})
