"""Whether it worked: what was declared done, what citizens say of it, and how many say nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from engagement.measures.registry import ALL, Cell, Sheet, Sums, measure
from engagement.measures.sql import hours_between, month_of, number, within
from engagement.measures.values import Days, Ratio
from engagement.tables import outcomes

DIMENSIONS = 4
ANSWERED = outcomes.c.confirmed.is_not(None)
MINE = outcomes.c.confirmed.is_distinct_from("not_mine")


@dataclass(frozen=True)
class Declared(Sums):
    """Outcomes that were declared done in the period. `silent`: asked and not answered; the last four are of requests alone."""

    done: int
    asked: int
    asked_answered: int
    silent: int
    answered: int  # not_mine left out, as in the rest
    fixed: int
    requests_answered: int
    requests_no: int

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        request = outcomes.c.subject == "request"
        mine = and_(ANSWERED, MINE)
        asked = outcomes.c.asked_at.is_not(None)
        month = month_of(outcomes.c.declared_at)
        query = (
            select(
                outcomes.c.channel, outcomes.c.service_code, outcomes.c.partner, month,
                func.count(), number(asked), number(and_(asked, ANSWERED)), number(and_(asked, ~ANSWERED)), number(mine),
                number(outcomes.c.confirmed == "fixed"), number(and_(request, mine)),
                number(and_(request, outcomes.c.confirmed.in_(("partly", "not_fixed")))),
            )
            .where(outcomes.c.declared == "done", *within(outcomes.c.declared_at, sheet.period))
            .group_by(outcomes.c.channel, outcomes.c.service_code, outcomes.c.partner, month)
        )  # fmt: skip
        return [(tuple(row[:DIMENSIONS]), tuple(row[DIMENSIONS:])) for row in sheet.connection.execute(query)]


@measure(
    "confirmed_outcome_rate",
    "Of outcomes declared done and answered by the citizen, the share that the citizen says is fixed.",
    better="high",
)
def confirmed_outcome_rate(declared: Declared) -> Ratio:
    """Bounds: as if all who were asked and said nothing had said no, and as if all had said that it is fixed."""
    heard = declared.answered + declared.silent
    return Ratio(
        declared.fixed,
        declared.answered,
        {
            "asked": declared.asked,
            "asked_answered": declared.asked_answered,
            "response_rate": _share(declared.asked_answered, declared.asked),
            "silent": declared.silent,
            "if_none_fixed": _share(declared.fixed, heard),
            "if_all_fixed": _share(declared.fixed + declared.silent, heard),
        },
    )


@measure("response_rate", "Of outcomes about which the citizen was asked, the share that was answered.", better="high")
def response_rate(declared: Declared) -> Ratio:
    return Ratio(declared.asked_answered, declared.asked)


@measure(
    "disagreement_rate",
    "Of requests declared done and answered by the citizen, the share not confirmed: not fixed, or only partly.",
    better="low",
)
def disagreement_rate(declared: Declared) -> Ratio:
    """Numerator partly + not_fixed; denominator answered, not_mine left out."""
    return Ratio(declared.requests_no, declared.requests_answered)


@dataclass(frozen=True)
class Raised(Sums):
    """Rounds of requests that began in the period: a request that was opened again counts anew."""

    rounds: int
    done: int
    answered: int
    fixed: int

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        done = outcomes.c.declared == "done"
        month = month_of(outcomes.c.created_at)
        query = (
            select(
                outcomes.c.channel, outcomes.c.service_code, outcomes.c.partner, month,
                func.count(), number(done), number(and_(done, ANSWERED, MINE)), number(and_(done, outcomes.c.confirmed == "fixed")),
            )
            .where(outcomes.c.subject == "request", *within(outcomes.c.created_at, sheet.period))
            .group_by(outcomes.c.channel, outcomes.c.service_code, outcomes.c.partner, month)
        )  # fmt: skip
        return [(tuple(row[:DIMENSIONS]), tuple(row[DIMENSIONS:])) for row in sheet.connection.execute(query)]


@measure("declared_and_confirmed", "Of requests, the share declared done; beside it what the citizens who answered say of those.")
def declared_and_confirmed(raised: Raised) -> Ratio:
    confirmed = Ratio(raised.fixed, raised.answered)
    low, high = confirmed.interval
    return Ratio(
        raised.done,
        raised.rounds,
        {
            "confirmed": confirmed.value,
            "confirmed_low": low,
            "confirmed_high": high,
            "confirmed_numerator": raised.fixed,
            "confirmed_denominator": raised.answered,
        },
    )


@dataclass(frozen=True)
class Waits(Sums):
    """How long it took from "done" to the citizen's answer."""

    hours: Counter[int]

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        month, hours = month_of(outcomes.c.declared_at), hours_between(outcomes.c.declared_at, outcomes.c.confirmed_at)
        key = (outcomes.c.channel, outcomes.c.service_code, outcomes.c.partner, month)
        query = (
            select(*key, hours, func.count())
            .where(outcomes.c.declared == "done", ANSWERED, outcomes.c.confirmed_at >= outcomes.c.declared_at)
            .where(*within(outcomes.c.declared_at, sheet.period))
            .group_by(*key, hours)
        )
        found: dict[tuple[str | None, ...], Counter[int]] = {}
        for row in sheet.connection.execute(query):
            found.setdefault(tuple(row[:DIMENSIONS]), Counter())[row[DIMENSIONS]] += row[DIMENSIONS + 1]
        return [(key, (hours,)) for key, hours in found.items()]

    @classmethod
    def none(cls) -> Waits:
        return cls(Counter())


@measure("days_to_confirm", "Days from being declared done to the citizen's answer, the median.", by=ALL)
def days_to_confirm(waits: Waits) -> Days:
    return Days(waits.hours)


def _share(numerator: int, denominator: int) -> float | None:
    return Ratio(numerator, denominator).value
