"""What may be asked of the lists: the query values, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from console.times import UK
from engagement.filters import OUTCOMES, Behind, Filter
from engagement.review import MOST
from engagement.review_requests import PAGE, SHOWN

CHANNELS = ("web", "sms", "whatsapp")
STATES = ("waiting", "unanswered", "undelivered", "with_staff", "open", "ended", "worth")
FIXED = {"channel": CHANNELS, "state": STATES, "outcome": OUTCOMES, "confidence": ("low",), "rating": ("low",)}
WORDS = ("task", "service", "partner", "language", "reason")
DRILL = ("measure", "of", "by", "name", "start", "end")
FIELDS = (*FIXED, "text", *WORDS, "since", "until", "citizen", *DRILL)  # what a list's address may say, the page aside
LONGEST_TEXT = 200
YEARS = range(1900, 3000)  # wide enough for what is counted, and for as long a time before it
LAST_PAGE = 1_000_000


class BadQuery(Exception):
    """A query value that we do not take; the message is a sentence that names it."""


def read_filter(request: web.Request) -> Filter:
    """The filter of a conversations list; raises BadQuery."""
    return replace(filter_of(request.query), page=read_page(request))


def filter_of(query: Mapping[str, str]) -> Filter:
    """The filter that a list's address says; raises BadQuery."""
    values: dict[str, Any] = {name: one_of(query, name, known) for name, known in FIXED.items()}
    values |= {name: text_of(query, name) for name in ("text", *WORDS)}
    values |= {"since": moment_of(query, "since", days=0), "until": moment_of(query, "until", days=1)}
    if values["since"] and values["until"] and values["since"] >= values["until"]:
        raise BadQuery("since must be before until.")
    citizen = query.get("citizen", "").strip()
    if citizen and not (citizen.isascii() and citizen.isdecimal() and len(citizen) <= 9):
        raise BadQuery("citizen must be a number.")
    return Filter(**values, citizen=int(citizen) if citizen else None, measure=_behind(query))


def _behind(query: Mapping[str, str]) -> Behind | None:
    of = one_of(query, "of", ("numerator", "denominator")) or "numerator"
    start, end = moment_of(query, "start", days=0), moment_of(query, "end", days=1)
    if (measure := text_of(query, "measure")) is None:
        return None
    return Behind(measure=measure, of=of, by=text_of(query, "by"), part=text_of(query, "name"), start=start, end=end)


def text_of(query: Mapping[str, str], name: str) -> str | None:
    """A value of any words; raises BadQuery where there are too many."""
    text = query.get(name, "").strip()
    if len(text) > LONGEST_TEXT:
        raise BadQuery(f"{name} is too long: search for {LONGEST_TEXT} characters or fewer.")
    if any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise BadQuery(f"{name} has a character that cannot be searched for.")
    return text or None


def moment_of(query: Mapping[str, str], name: str, *, days: int) -> datetime | None:
    """A day in the United Kingdom, or a moment with a zone; the day that many days later; raises BadQuery."""
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            moment = datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), UK)
        else:
            moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and moment.year in YEARS:
            return moment
    except (ValueError, OverflowError):
        pass
    raise BadQuery(f"{name} must be a day like 2026-11-30, or a moment with its zone like 2026-11-30T09:00:00+00:00.")


def known(query: Mapping[str, str]) -> dict[str, str]:
    """What of an address is a filter's, without what is empty."""
    return {name: value.strip() for name in FIELDS if (value := query.get(name, "")).strip()}


def kept(text: str) -> dict[str, str]:
    """The filter in an address that was written down, checked; nothing where it is none."""
    query = known(dict(parse_qsl(text)))
    try:
        filter_of(query)
    except BadQuery:
        return {}
    return query


def read_page(request: web.Request) -> int:
    """The page asked for, from 1; raises BadQuery."""
    text = request.query.get("page", "").strip() or "1"
    if text.isascii() and text.isdecimal() and len(text) <= 7 and 1 <= int(text) <= LAST_PAGE:
        return int(text)
    raise BadQuery("page must be a number from 1.")


def read_message(request: web.Request, name: str) -> int | None:
    """The number of a message before or after which others are asked for; raises BadQuery."""
    text = request.query.get(name, "").strip()
    if text and not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadQuery(f"{name} must be the number of a message.")
    return int(text) if text else None


def read_show(request: web.Request) -> str:
    """Which requests: all, disagreements or waiting; raises BadQuery."""
    return one_of(request.query, "show", SHOWN) or "all"


def one_of(query: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    """A value that must be among those allowed; raises BadQuery."""
    value = query.get(name, "").strip()
    if value and value not in allowed:
        raise BadQuery(f"{name} must be one of {', '.join(allowed)}.")
    return value or None


@dataclass(frozen=True, kw_only=True)
class Paging:
    """Which page of how many, and the addresses of the others; `more`: there are more than `total`."""

    page: int
    total: int
    path: str
    query: dict[str, str]
    more: bool = False

    @property
    def bounded(self) -> bool:
        """Whether there are more than are counted and shown page by page."""
        return self.more and self.total >= MOST

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return min(self.page * PAGE, self.total)

    @property
    def near(self) -> list[int | None]:
        """The pages to offer: the ends and this one's neighbours, None where some are left out."""
        wanted = sorted({1, self.pages, *range(max(1, self.page - 1), min(self.pages, self.page + 1) + 1)})
        offered: list[int | None] = []
        for page in wanted:
            before = offered[-1] if offered else page - 1
            if before is not None and page - before > 1:
                offered.append(None)
            offered.append(page)
        return offered

    def address(self, **change: str) -> str:
        """This list with other query values; an empty value leaves one out. Changing anything but the page begins at the first."""
        query = {**self.query, **({} if "page" in change else {"page": ""}), **change}
        kept = urlencode({name: value for name, value in query.items() if value})
        return f"{self.path}?{kept}" if kept else self.path
