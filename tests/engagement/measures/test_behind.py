"""Behind each figure stand the conversations that were counted: as many as it says, for each measure and part."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from chance import BY_CHANCE, MOMENTS, NOW, Rows, cities, reckoned
from hypothesis import given
from sqlalchemy import Connection, func, select

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.measures.book import OF, NothingBehind
from engagement.measures.registry import MEASURES
from engagement.measures.rows import behind
from engagement.measures.values import Period
from engagement.tables import conversations, outcomes

UNITS = {name for name, one in MEASURES.items() if one.numerator != ("spent",)} - {"days_to_confirm", "mean_confidence"}
SPENT = [conversations.c[name] for name in ("cost_texts", "cost_turns", "cost_staff", "cost_overhead")]


def pence(row: Any) -> Fraction:
    return sum((Fraction(str(one)) for one in row), Fraction())


def counted(connection: Connection, query: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def figures(found: Any, period: Period) -> Any:
    """Each measure, part and figure, with the conversations behind it."""
    for name, one in found.items():
        parts = [("", one.whole), *((by, part) for by, parts in one.by.items() for part in parts)]
        for by, part in parts:
            for of in OF:
                fields = getattr(one.measure, of)
                sums = next(sums for sums in one.measure.sums.OF or (one.measure.sums,) if set(fields) <= set(sums.rows(period).fields))
                yield name, by, part, of, behind(sums.rows(period), fields, by=by, part=part.name)


@BY_CHANCE
@given(rows=cities(), start=MOMENTS)
def test_as_many_stand_behind_a_figure_as_it_counts(connection: Connection, rows: Rows, start: datetime) -> None:
    for period in (Period(now=NOW), Period(now=NOW, start=start, end=start + timedelta(days=60))):
        for name, by, part, of, query in figures(reckoned(connection, rows, period), period):
            if name in UNITS or (of == "denominator" and name != "cost_per_contact"):
                expected = part.counted.numerator if of == "numerator" else part.counted.denominator
                assert counted(connection, query) == expected, (name, by, part.name, of)


@BY_CHANCE
@given(rows=cities())
def test_what_stands_behind_a_cost_cost_it(connection: Connection, rows: Rows) -> None:
    period = Period(now=NOW)
    for name, by, part, of, query in figures(reckoned(connection, rows, period), period):
        if not by and name.startswith("cost_") and of == "numerator":
            ids = set(connection.execute(query).scalars())
            spent = sum((pence(one) for one in connection.execute(select(*SPENT).where(conversations.c.id.in_(ids)))), Fraction())
            fees = connection.execute(select(outcomes.c.fee).where(outcomes.c.fee.is_not(None))).scalars()
            assert part.counted.pence == spent + sum((Fraction(str(fee)) for fee in fees), Fraction()), name
        if name == "cost_per_contact" and not by and of == "denominator":
            assert len(set(connection.execute(query).scalars())) == part.counted.denominator


async def test_both_databases_find_what_stands_behind(city: Any, log: EngagementLog, database: Database) -> None:
    """Twelve potholes of one partner, a third of them a no, whose tasks were left at the second question."""
    asked = [{"task": "report", "did": did, "step": step} for did, step in (("begun", "where"), ("asked", "where"), ("asked", "photo"))]
    for number in range(12):
        conversation = await city.text(f"+4477009000{number:02}", *asked)
        reference = await city.request(conversation, lat=51.5, long=-0.1)
        await city.done(reference)
        await city.says(reference, "not_fixed" if number % 3 == 0 else "fixed", after_days=1)
        await log.hand_over(conversation, key=f"h{number}", reason="talk_to_person")
    city.time.move(days=20)
    found = await log.measures.measured()
    for name, by, part, of, _ in figures(found, Period(now=city.time.at)):
        query = log.measures.behind(name, of=of, by=by, part=part.name)
        number = await database.read(lambda connection, query=query: counted(connection, query))  # type: ignore[misc]
        if name in UNITS or (of == "denominator" and name != "cost_per_contact"):
            assert number == (part.counted.numerator if of == "numerator" else part.counted.denominator), (name, by, part.name, of)
    funnel = {one.name: (one.counted.numerator, one.counted.denominator) for one in found["task_funnel"].by["step"]}
    assert funnel == {"report: photo": (12, 12), "report: where": (0, 12)}
    assert found["disagreement_rate"].whole.counted.numerator == 4


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("nothing", {}),
        ("response_rate", {"of": "words"}),
        ("response_rate", {"by": "step"}),
        ("response_rate", {"by": "month", "part": "x"}),
        ("response_rate", {"by": "month"}),
    ],
)
def test_nothing_stands_behind_what_there_is_not(log: EngagementLog, name: str, more: dict[str, str]) -> None:
    with pytest.raises(NothingBehind):
        log.measures.behind(name, **more)
