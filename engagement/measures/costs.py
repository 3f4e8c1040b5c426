"""What it costs: what conversations cost the council and what partners get, shared out and added up exactly.

A conversation's cost is shared equally among the outcomes that were asked for in it; where there is none, it is of no service.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import exists, func, select

from engagement.measures.registry import Cell, Key, Sheet, Sums, measure
from engagement.measures.rows import Rows
from engagement.measures.sql import MICRO, micro, month_of, number, within
from engagement.measures.values import Cost, Period
from engagement.tables import conversations, outcomes

TOTAL = conversations.c.cost_texts + conversations.c.cost_turns + conversations.c.cost_staff + conversations.c.cost_overhead


@dataclass(frozen=True)
class Costs(Sums):
    """Pence of conversations and fees of what began in the period. A contact with several outcomes counts with a part for each."""

    conversations: Fraction
    fees: Fraction
    contacts: Fraction
    handled: int
    confirmed: int

    @property
    def pence(self) -> Fraction:
        return self.conversations + self.fees

    @classmethod
    def rows(cls, period: Period) -> Rows:
        """A row for each outcome, and one for each conversation without: what cells add up, one by one."""
        alone = func.coalesce(conversations.c.contacted_at, conversations.c.created_at)
        at = func.coalesce(outcomes.c.created_at, alone)
        return Rows(
            source=conversations.outerjoin(outcomes, outcomes.c.conversation_id == conversations.c.id),
            conversation=conversations.c.id,
            at=at,
            key={
                "channel": func.coalesce(outcomes.c.channel, conversations.c.channel),
                "service": outcomes.c.service_code,
                "partner": outcomes.c.partner,
            },
            fields={
                "spent": None,
                "contacts": conversations.c.contacted_at.is_not(None),
                "handled": outcomes.c.handled_at.is_not(None),
                "confirmed": outcomes.c.confirmed == "fixed",
            },
            where=tuple(within(at, period)),
        )

    @classmethod
    def cells(cls, sheet: Sheet) -> Iterable[Cell]:
        added: dict[Key, list[Any]] = {}
        for row in sheet.connection.execute(_with_outcomes(sheet)):
            *key, parts, spent, fees, contacts, handled, confirmed = row
            until = added.setdefault(tuple(key), [Fraction(), Fraction(), Fraction(), 0, 0])
            until[0] += Fraction(int(spent), MICRO * parts)
            until[1] += Fraction(int(fees or 0), MICRO)
            until[2] += Fraction(contacts, parts)
            until[3] += handled
            until[4] += confirmed
        for row in sheet.connection.execute(_without_outcomes(sheet)):
            until = added.setdefault((row[0], None, None, row[1]), [Fraction(), Fraction(), Fraction(), 0, 0])
            until[0] += Fraction(int(row[2]), MICRO)
            until[2] += row[3]
        return [(key, tuple(numbers)) for key, numbers in added.items()]


def _with_outcomes(sheet: Sheet) -> Any:
    shared = select(outcomes.c.conversation_id, func.count().label("parts")).group_by(outcomes.c.conversation_id).subquery()
    key = (outcomes.c.channel, outcomes.c.service_code, outcomes.c.partner, month_of(outcomes.c.created_at), shared.c.parts)
    return (
        select(
            *key, func.sum(micro(TOTAL)), func.sum(micro(outcomes.c.fee)), number(conversations.c.contacted_at.is_not(None)),
            number(outcomes.c.handled_at.is_not(None)), number(outcomes.c.confirmed == "fixed"),
        )
        .select_from(outcomes)
        .join(conversations, conversations.c.id == outcomes.c.conversation_id)
        .join(shared, shared.c.conversation_id == outcomes.c.conversation_id)
        .where(*within(outcomes.c.created_at, sheet.period))
        .group_by(*key)
    )  # fmt: skip


def _without_outcomes(sheet: Sheet) -> Any:
    at = func.coalesce(conversations.c.contacted_at, conversations.c.created_at)
    month = month_of(at)
    return (
        select(conversations.c.channel, month, func.sum(micro(TOTAL)), number(conversations.c.contacted_at.is_not(None)))
        .where(~exists().where(outcomes.c.conversation_id == conversations.c.id), *within(at, sheet.period))
        .group_by(conversations.c.channel, month)
    )


@measure(
    "cost_per_contact",
    "What a conversation costs in which a citizen wrote to us, with what partners got for it.",
    better="low",
    numerator=("spent",),
    denominator=("contacts",),
)
def cost_per_contact(costs: Costs) -> Cost:
    return Cost(costs.pence, costs.contacts, _beside(costs))


@measure(
    "cost_per_handled",
    "What it costs for each outcome for which the assistant or a colleague has done their part.",
    better="low",
    numerator=("spent",),
    denominator=("handled",),
)
def cost_per_handled(costs: Costs) -> Cost:
    return Cost(costs.pence, Fraction(costs.handled), _beside(costs))


@measure(
    "cost_per_confirmed_outcome",
    "What it costs in all for each outcome that the citizen says is fixed.",
    better="low",
    numerator=("spent",),
    denominator=("confirmed",),
)
def cost_per_confirmed_outcome(costs: Costs) -> Cost:
    return Cost(costs.pence, Fraction(costs.confirmed), _beside(costs))


def _beside(costs: Costs) -> dict[str, Any]:
    return {"conversations_pence": Cost(costs.conversations, Fraction(1)).numerator, "fees_pence": Cost(costs.fees, Fraction(1)).numerator}
