"""What the bin rounds system tells us, read leniently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backoffice.records import moment, number, rows_of, text_of

USUAL_DELIVERY_DAYS = 10  # where the system does not say
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, kw_only=True)
class Household:
    uprn: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A day on which a container is emptied; `state` is due, collected or missed_reported."""

    on: date
    container: str
    state: str
    round: str = ""

    @property
    def moved(self) -> bool:
        """Whether it is not on the weekday of its round ("TU-A"), because of a bank holiday before it."""
        usual = self.round[:2].upper()
        return usual in WEEKDAYS and WEEKDAYS[self.on.weekday()] != usual

    @classmethod
    def read(cls, row: dict[str, Any]) -> Collection | None:
        on, container = day_of(row.get("date")), text_of(row.get("container"))
        if on is None or container is None:
            return None
        return cls(on=on, container=container, state=text_of(row.get("state")) or "due", round=text_of(row.get("round")) or "")


@dataclass(frozen=True, kw_only=True)
class Container:
    """A bin, box or caddy: its key in the rounds system, its name in people's words, what ordering one costs in pounds."""

    key: str
    name: str
    purpose: str = ""
    size: str = ""
    price: float = 0.0
    price_note: str = ""
    delivery_days: int = USUAL_DELIVERY_DAYS

    @classmethod
    def read(cls, row: dict[str, Any]) -> Container | None:
        key = text_of(row.get("container"))
        if key is None:
            return None
        days = number(row.get("delivery_days"))
        return cls(
            key=key,
            name=text_of(row.get("name")) or key,
            purpose=text_of(row.get("for")) or "",
            size=text_of(row.get("size")) or "",
            price=number(row.get("price")) or 0.0,
            price_note=text_of(row.get("price_note")) or "",
            delivery_days=int(days or USUAL_DELIVERY_DAYS),
        )


@dataclass(frozen=True, kw_only=True)
class Missed:
    """Whether a missed collection can be reported: `reason` is empty, or the rounds system's word for why not."""

    day: date | None
    reason: str
    reference: str | None = None
    report_from: datetime | None = None
    working_days: int | None = None

    @classmethod
    def read(cls, row: dict[str, Any]) -> Missed:
        days = number(row.get("within_working_days"))
        return cls(
            day=day_of(row.get("date")),
            reason=text_of(row.get("reason")) or "",
            reference=text_of(row.get("reported_as")) or text_of(row.get("reference")),
            report_from=moment(row.get("report_from")),
            working_days=None if days is None else int(days),
        )


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A half day on which bulky waste is collected."""

    on: date
    period: str
    places: int

    @classmethod
    def read(cls, row: dict[str, Any]) -> Slot | None:
        on = day_of(row.get("date"))
        return None if on is None else cls(on=on, period=text_of(row.get("period")) or "", places=int(number(row.get("places")) or 0))


@dataclass(frozen=True, kw_only=True)
class BulkyRules:
    """(number of items, price in pounds) pairs, the concession, and what is never taken."""

    prices: tuple[tuple[int, float], ...]
    percent: int
    concession: str
    not_taken: tuple[str, ...]

    @classmethod
    def read(cls, row: dict[str, Any]) -> BulkyRules:
        concession = row.get("concession") if isinstance(row.get("concession"), dict) else {}
        pairs = [(number(one.get("items")), number(one.get("price"))) for one in rows_of(row.get("prices"))]
        refused = row.get("not_taken")
        return cls(
            prices=tuple((int(items), price) for items, price in pairs if items and price is not None),
            percent=int(number((concession or {}).get("percent")) or 0),
            concession=text_of((concession or {}).get("for")) or "",
            not_taken=tuple(str(one) for one in refused) if isinstance(refused, list) else (),
        )


def day_of(value: Any) -> date | None:
    """An ISO 8601 day, or None."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
