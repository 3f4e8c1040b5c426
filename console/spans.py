"""Which time a page about measures is of, and with which other time it is compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from aiohttp import web

from console.measuring import read_period
from console.parts import CLOCK
from console.query import BadQuery
from console.times import UK

PERIODS = ("year", "month", "last-month", "all", "custom")
COMPARISONS = ("previous", "year", "none")
TREND = 12  # months before the last one that a trend shows
Limits = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, kw_only=True)
class Span:
    """From `start` up to but not at `end`; `before` are the limits of the other time. `asked` is what the address says."""

    period: str
    start: datetime | None
    end: datetime | None
    compare: str
    before: Limits | None
    asked: dict[str, str]
    this_month: str  # like 2026-11: what is of it, is not over

    @property
    def limits(self) -> Limits:
        return self.start, self.end

    @property
    def trend(self) -> Limits:
        """The time of months side by side: a year at least."""
        if self.start is None or self.end is None:
            return self.limits
        return min(self.start, months(month_of(self.end - timedelta(seconds=1)), -TREND)), self.end

    @property
    def query(self) -> str:
        """For the addresses of other pages about the same time."""
        return f"?{urlencode(self.asked)}" if self.asked else ""

    @property
    def days(self) -> str:
        """Its limits as the API takes them."""
        return urlencode(days(self.limits))

    @property
    def last(self) -> datetime | None:
        """In its last day."""
        return self.end - timedelta(seconds=1) if self.end else None

    @property
    def before_last(self) -> datetime | None:
        """In the last day of the other time."""
        end = self.before[1] if self.before else None
        return end - timedelta(seconds=1) if end else None


def days(limits: Limits) -> dict[str, str]:
    """Limits as `start` and `end` of an address: days of which the last is in it, or moments where they are not at midnight."""
    start, end = limits
    found = {"start": _day(start, 0)} if start else {}
    return {**found, "end": _day(end, 1)} if end else found


def _day(moment: datetime, days_after: int) -> str:
    local = moment.astimezone(UK)
    if (local.hour, local.minute, local.second, local.microsecond) != (0, 0, 0, 0):
        return moment.isoformat()
    return f"{local - timedelta(days=days_after):%Y-%m-%d}"


def read_span(request: web.Request) -> Span:
    """`period`, or `start` and `end` as `read_period` takes them; and `compare`. Raises BadQuery."""
    own, now = read_period(request), request.app[CLOCK].now()
    custom = bool(own["start"] or own["end"])
    wanted, compare = request.query.get("period", "").strip(), request.query.get("compare", "").strip()
    if wanted and wanted not in PERIODS:
        raise BadQuery(f"period must be one of {', '.join(PERIODS)}.")
    if compare and compare not in COMPARISONS:
        raise BadQuery(f"compare must be one of {', '.join(COMPARISONS)}.")
    period = "custom" if custom and wanted in ("", "custom") else "year" if wanted in ("", "custom") else wanted
    start, end = (own["start"], own["end"]) if period == "custom" else _limits(period, now)
    kept = {"period": period} if wanted and period != "custom" else {}
    if period == "custom":
        kept = {name: value for name in ("start", "end") if (value := request.query.get(name, "").strip())}
    asked = {**kept, **({"compare": compare} if compare else {})}
    chosen = compare or "previous"
    before, this_month = _before(period, start, end, chosen), f"{now.astimezone(UK):%Y-%m}"
    return Span(period=period, start=start, end=end, compare=chosen, before=before, asked=asked, this_month=this_month)


def _limits(period: str, now: datetime) -> Limits:
    this = month_of(now)
    if period == "all":
        return None, None
    if period == "month":
        return this, months(this, 1)
    return (months(this, -1), this) if period == "last-month" else (months(this, -11), months(this, 1))


def _before(period: str, start: datetime | None, end: datetime | None, compare: str) -> Limits | None:
    if start is None or end is None or compare == "none":
        return None
    if compare == "year":
        return _year_before(start), _year_before(end)
    if period == "custom":
        return start - (end - start), start
    return months(start, -12 if period == "year" else -1), start


def month_of(moment: datetime) -> datetime:
    """The beginning of its month in the United Kingdom."""
    local = moment.astimezone(UK)
    return datetime(local.year, local.month, 1, tzinfo=UK)


def months(first: datetime, by: int) -> datetime:
    """The beginning of a month so many months later."""
    number = first.year * 12 + first.month - 1 + by
    if not 12 < number < 9999 * 12:
        raise BadQuery("start and end must be years like 2026.")
    return first.replace(year=number // 12, month=number % 12 + 1)


def _year_before(moment: datetime) -> datetime:
    local = moment.astimezone(UK)
    if local.year <= 2:
        raise BadQuery("start and end must be years like 2026.")
    try:
        return local.replace(year=local.year - 1)
    except ValueError:  # the 29th of February
        return local.replace(year=local.year - 1, day=28)
