"""Whether it worked: what was declared done, what citizens say of it, and how many say nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from engagement.measures.registry import ALL, Cell, Sheet, Sums, measure
from engagement.measures.rows import Column, Rows
from engagement.measures.sql import hours_between, month_of, within
from engagement.measures.values import Days, Period, Ratio
from engagement.tables import outcomes

DIMENSIONS = 4
ANSWERED = outcomes.c.confirmed.is_not(None)
MINE = outcomes.c.confirmed.is_distinct_from("not_mine")


def _rows(period: Period, at: Column, fields: dict[str, ColumnElement[bool] | None], *where: ColumnElement[bool]) -> Rows:
    key: dict[str, Column] = {"channel": outcomes.c.channel, "service": outcomes.c.service_code, "partner": outcomes.c.partner}
    of = (*where, *within(at, period))
    return Rows(source=outcomes, conversation=outcomes.c.conversation_id, at=at, key=key, fields=fields, where=of)


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
    def rows(cls, period: Period) -> Rows:
        request, mine, asked = outcomes.c.subject == "request", and_(ANSWERED, MINE), outcomes.c.asked_at.is_not(None)
        return _rows(
            period,
            outcomes.c.declared_at,
            {
                "done": None,
                "asked": asked,
                "asked_answered": and_(asked, ANSWERED),
                "silent": and_(asked, ~ANSWERED),
                "answered": mine,
                "fixed": outcomes.c.confirmed == "fixed",
                "requests_answered": and_(request, mine),
                "requests_no": and_(request, outcomes.c.confirmed.in_(("partly", "not_fixed"))),
            },
            outcomes.c.declared == "done",
        )


@measure(
    "confirmed_outcome_rate",
    "Of outcomes declared done and answered by the citizen, the share that the citizen says is fixed.",
    better="high",
    numerator=("fixed",),
    denominator=("answered",),
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


@measure(
    "response_rate",
    "Of outcomes about which the citizen was asked, the share that was answered.",
    better="high",
    numerator=("asked_answered",),
    denominator=("asked",),
)
def response_rate(declared: Declared) -> Ratio:
    return Ratio(declared.asked_answered, declared.asked)


@measure(
    "disagreement_rate",
    "Of requests declared done and answered by the citizen, the share not confirmed: not fixed, or only partly.",
    better="low",
    numerator=("requests_no",),
    denominator=("requests_answered",),
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
    def rows(cls, period: Period) -> Rows:
        done = outcomes.c.declared == "done"
        fields = {
            "rounds": None,
            "done": done,
            "answered": and_(done, ANSWERED, MINE),
            "fixed": and_(done, outcomes.c.confirmed == "fixed"),
        }
        return _rows(period, outcomes.c.created_at, fields, outcomes.c.subject == "request")


@measure(
    "declared_and_confirmed",
    "Of requests, the share declared done; beside it what the citizens who answered say of those.",
    numerator=("done",),
    denominator=("rounds",),
)
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
    def rows(cls, period: Period) -> Rows:
        later = outcomes.c.confirmed_at >= outcomes.c.declared_at
        return _rows(period, outcomes.c.declared_at, {"hours": None}, outcomes.c.declared == "done", ANSWERED, later)

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        rows = cls.rows(sheet.period)
        key, hours = (*rows.key.values(), month_of(rows.at)), hours_between(outcomes.c.declared_at, outcomes.c.confirmed_at)
        found: dict[tuple[str | None, ...], Counter[int]] = {}
        for row in sheet.connection.execute(select(*key, hours, func.count()).where(*rows.where).group_by(*key, hours)):
            found.setdefault(tuple(row[:DIMENSIONS]), Counter())[row[DIMENSIONS]] += row[DIMENSIONS + 1]
        return [(key, (hours,)) for key, hours in found.items()]

    @classmethod
    def none(cls) -> Waits:
        return cls(Counter())


@measure(
    "days_to_confirm",
    "Days from being declared done to the citizen's answer, the median.",
    by=ALL,
    numerator=("hours",),
    denominator=("hours",),
)
def days_to_confirm(waits: Waits) -> Days:
    return Days(waits.hours)


@dataclass(frozen=True)
class Standing(Sums):
    """Requests' rounds as they stand now: not declared yet; a "no" on which nobody has acted, and whose time is over."""

    open: int
    unsettled: int
    overdue: int

    @classmethod
    def rows(cls, period: Period) -> Rows:
        fields: dict[str, ColumnElement[bool] | None]
        no = and_(outcomes.c.confirmed.in_(("partly", "not_fixed")), outcomes.c.settled_at.is_(None))
        fields = {"open": outcomes.c.declared.is_(None), "unsettled": no, "overdue": and_(no, outcomes.c.act_by < period.now)}
        return _rows(period, outcomes.c.created_at, fields, outcomes.c.subject == "request", or_(outcomes.c.declared.is_(None), no))


def _share(numerator: int, denominator: int) -> float | None:
    return Ratio(numerator, denominator).value
