"""How well the assistant understands what citizens write in their own words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Integer, and_, cast, func, select

from engagement.measures.registry import Cell, Sheet, Sums, measure
from engagement.measures.rows import Rows
from engagement.measures.sql import month_of, number, within
from engagement.measures.values import Mean, Period, Ratio
from engagement.tables import messages

NOT_UNDERSTOOD = "nlu_fallback"


@dataclass(frozen=True)
class Heard(Sums):
    """Messages in citizens' own words that the assistant read; a picked choice is none. Confidence in whole thousandths."""

    DIMENSIONS = ("channel", "intent", "month")

    heard: int
    not_understood: int
    understood: int
    thousandths: int
    squares: int

    @classmethod
    def rows(cls, period: Period) -> Rows:
        missed = messages.c.intent == NOT_UNDERSTOOD
        own = (messages.c.author == "citizen", messages.c.intent.is_not(None), messages.c.payload.is_(None))
        return Rows(
            source=messages,
            conversation=messages.c.conversation_id,
            at=messages.c.created_at,
            key={"channel": messages.c.channel, "intent": messages.c.intent},
            fields={"heard": None, "not_understood": missed, "understood": and_(~missed, messages.c.confidence.is_not(None))},
            where=(*own, *within(messages.c.created_at, period)),
        )

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        rows = cls.rows(sheet.period)
        key = (rows.key["channel"], rows.key["intent"], month_of(rows.at))
        understood, missed = rows.fields["understood"], rows.fields["not_understood"]
        assert understood is not None and missed is not None
        thousandths = cast(func.round(messages.c.confidence * 1000), Integer)
        sums = (func.sum(one).filter(understood) for one in (thousandths, thousandths * thousandths))
        query = select(*key, func.count(), number(missed), number(understood), *(func.coalesce(one, 0) for one in sums))
        found = sheet.connection.execute(query.where(*rows.where).group_by(*key))
        return [(tuple(row[:3]), tuple(int(one) for one in row[3:])) for row in found]


@measure(
    "fallback_rate",
    "Of messages in citizens' own words, the share that the assistant did not understand.",
    better="low",
    by=("channel", "month"),
    numerator=("not_understood",),
    denominator=("heard",),
)
def fallback_rate(heard: Heard) -> Ratio:
    return Ratio(heard.not_understood, heard.heard)


@measure(
    "mean_confidence",
    "How sure the assistant was of what it understood, from 0 to 1, the mean.",
    better="high",
    numerator=("understood",),
    denominator=("understood",),
)
def mean_confidence(heard: Heard) -> Mean:
    return Mean(heard.thousandths, heard.squares, heard.understood)
