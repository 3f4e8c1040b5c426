"""How citizens and the council get on: who asks again, who comes back, who gives up where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true

from engagement.measures.registry import Cell, Sheet, Sums, measure
from engagement.measures.rows import Rows
from engagement.measures.sql import each_of, month_of, within
from engagement.measures.values import Period, Ratio
from engagement.places import SOON
from engagement.tables import conversations, handovers, outcomes, requests, tasks

GONE_AFTER = timedelta(days=1)  # who has not answered a question for so long has gone away


@dataclass(frozen=True)
class Contacts(Sums):
    """Conversations in which the citizen wrote something that is answered. `handed`: a person was asked for, not about a "no"."""

    DIMENSIONS = ("channel", "month")

    contacts: int
    handed: int

    @classmethod
    def rows(cls, period: Period) -> Rows:
        at = conversations.c.contacted_at
        about_a_no = handovers.c.reason.like("outcome\\_%", escape="\\")
        return Rows(
            source=conversations,
            conversation=conversations.c.id,
            at=at,
            key={"channel": conversations.c.channel},
            fields={"contacts": None, "handed": exists().where(handovers.c.conversation_id == conversations.c.id, ~about_a_no)},
            where=(at.is_not(None), *within(at, period)),
        )


@measure(
    "handover_rate",
    "Of contacts, the share in which a person was asked for.",
    numerator=("handed",),
    denominator=("contacts",),
)
def handover_rate(all_: Contacts) -> Ratio:
    return Ratio(all_.handed, all_.contacts)


@dataclass(frozen=True)
class Repeats(Sums):
    """Requests of the period. `again`: somebody had asked for the same shortly before (see `engagement/places.py`)."""

    DIMENSIONS = ("channel", "service", "month")

    asked: int
    again: int

    @classmethod
    def rows(cls, period: Period) -> Rows:
        return Rows(
            source=requests.join(conversations, conversations.c.id == requests.c.conversation_id),
            conversation=requests.c.conversation_id,
            at=requests.c.created_at,
            key={"channel": conversations.c.channel, "service": requests.c.service_code},
            fields={"asked": None, "again": requests.c.repeat_of.is_not(None)},
            where=(requests.c.linked_to.is_(None), *within(requests.c.created_at, period)),
        )


@measure(
    "repeat_contact",
    "Of requests, the share where the same had been asked for in the two weeks before, at the same place or by the same citizen.",
    better="low",
    numerator=("again",),
    denominator=("asked",),
)
def repeat_contact(asked: Repeats) -> Ratio:
    return Ratio(asked.again, asked.asked)


@dataclass(frozen=True)
class FirstContacts(Sums):
    """Contacts of the period whose two weeks are over. `settled`: the citizen needed no other (see `first_contact_success`)."""

    DIMENSIONS = ("channel", "month")

    contacts: int
    settled: int

    @classmethod
    def rows(cls, period: Period) -> Rows:
        ended = select(tasks.c.conversation_id).where(tasks.c.end.in_(("completed", "elsewhere"))).distinct().subquery()
        no, fixed = outcomes.c.confirmed.in_(("partly", "not_fixed")), and_(outcomes.c.confirmed == "fixed", outcomes.c.round == 1)
        said = (
            select(outcomes.c.conversation_id, _any(no).label("no"), _any(fixed).label("fixed"))
            .where(outcomes.c.confirmed.is_not(None))
            .group_by(outcomes.c.conversation_id)
            .subquery()
        )
        later = requests.alias("later")
        again = select(requests.c.conversation_id).join(later, later.c.repeat_of == requests.c.id).distinct().subquery()
        settled = and_(
            func.coalesce(said.c.no, 0) == 0,
            or_(said.c.fixed == 1, and_(ended.c.conversation_id.is_not(None), again.c.conversation_id.is_(None))),
        )
        source = (
            conversations.outerjoin(ended, ended.c.conversation_id == conversations.c.id)
            .outerjoin(said, said.c.conversation_id == conversations.c.id)
            .outerjoin(again, again.c.conversation_id == conversations.c.id)
        )
        at = conversations.c.contacted_at
        return Rows(
            source=source,
            conversation=conversations.c.id,
            at=at,
            key={"channel": conversations.c.channel},
            fields={"contacts": None, "settled": settled},
            where=(at <= period.now - SOON, *within(at, period)),
        )


@measure(
    "first_contact_success",
    "Of contacts more than two weeks ago, the share confirmed as fixed at the first go, or done without anybody asking again.",
    better="high",
    numerator=("settled",),
    denominator=("contacts",),
)
def first_contact_success(first: FirstContacts) -> Ratio:
    """Not where the citizen said no to any outcome of it."""
    return Ratio(first.settled, first.contacts)


@dataclass(frozen=True)
class Citizens(Sums):
    """Citizens whom we know again by their number, by the channel and month in which they first came in the period."""

    DIMENSIONS = ("channel", "month")
    MONTHS = False  # who comes once in each of two months comes twice in both

    known: int
    returned: int

    @classmethod
    def rows(cls, period: Period) -> Rows:
        """The first conversation of each citizen."""
        whose = conversations.c.contact_id
        order = (conversations.c.contacted_at, conversations.c.id)
        came = (
            select(
                conversations.c.id,
                conversations.c.channel,
                conversations.c.contacted_at,
                func.row_number().over(partition_by=whose, order_by=order).label("place"),
                func.count().over(partition_by=whose).label("times"),
            )
            .where(whose.is_not(None), conversations.c.contacted_at.is_not(None), *within(conversations.c.contacted_at, period))
            .subquery()
        )
        return Rows(
            source=came,
            conversation=came.c.id,
            at=came.c.contacted_at,
            key={"channel": came.c.channel},
            fields={"known": None, "returned": came.c.times > 1},
            where=(came.c.place == 1,),
        )


@measure(
    "returning_citizens",
    "Of citizens whom we know again by their number, the share with more than one conversation.",
    numerator=("returned",),
    denominator=("known",),
)
def returning_citizens(citizens: Citizens) -> Ratio:
    return Ratio(citizens.returned, citizens.known)


@dataclass(frozen=True)
class Steps(Sums):
    """Questions of tasks that were begun in the period, each counted once a task."""

    DIMENSIONS = ("step", "channel", "month")

    reached: int
    given_up: int

    @classmethod
    def rows(cls, period: Period) -> Rows:
        step = each_of(tasks.c.steps).table_valued("value")
        return Rows(
            source=tasks.join(step, true()),
            conversation=tasks.c.conversation_id,
            at=tasks.c.started_at,
            key={"step": tasks.c.task + ": " + step.c.value, "channel": tasks.c.channel},
            fields={"reached": None, "given_up": and_(_gone(period), step.c.value == tasks.c.step)},
            where=(tasks.c.steps.is_not(None), *within(tasks.c.started_at, period)),
        )

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        month, gone = month_of(tasks.c.started_at), _gone(sheet.period)
        key = (tasks.c.task, tasks.c.channel, month, tasks.c.steps, case((gone, tasks.c.step)))
        query = select(*key, func.count()).where(tasks.c.steps.is_not(None), *within(tasks.c.started_at, sheet.period)).group_by(*key)
        cells: list[Cell] = []
        for task, channel, when, steps, given_up_at, number_of in sheet.connection.execute(query):
            for step in steps.split("|"):
                cells.append(((f"{task}: {step}", channel, when), (number_of, number_of if step == given_up_at else 0)))
        return cells


@measure(
    "task_funnel",
    "Of the questions that citizens were asked in their tasks, the share at which they gave up.",
    by=("step", "channel", "month"),
    numerator=("given_up",),
    denominator=("reached",),
)
def task_funnel(steps: Steps) -> Ratio:
    """By task and question: how many got there, and how many gave up there."""
    return Ratio(steps.given_up, steps.reached)


def _gone(period: Period) -> ColumnElement[bool]:
    return or_(tasks.c.end == "cancelled", and_(tasks.c.end.is_(None), tasks.c.stepped_at <= period.now - GONE_AFTER))


def _any(condition: Any) -> Any:
    return func.max(case((condition, 1), else_=0))
