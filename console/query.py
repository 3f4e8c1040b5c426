"""What may be asked of the lists: the query values, checked."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from engagement.review import Filter
from engagement.review_requests import PAGE, SHOWN

CHANNELS = ("web", "sms", "whatsapp")
STATES = ("waiting", "unanswered", "undelivered", "with_staff", "open", "ended")
LONGEST_TEXT = 200
LAST_PAGE = 1_000_000


class BadQuery(Exception):
    """A query value that we do not take; the message is a sentence that names it."""


def read_filter(request: web.Request) -> Filter:
    """The filter of a conversations list; raises BadQuery."""
    text = request.query.get("text", "").strip()
    if len(text) > LONGEST_TEXT:
        raise BadQuery(f"text is too long: search for {LONGEST_TEXT} characters or fewer.")
    if any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise BadQuery("text has a character that cannot be searched for.")
    return Filter(
        channel=_one_of(request, "channel", CHANNELS), state=_one_of(request, "state", STATES), text=text or None, page=read_page(request)
    )


def read_page(request: web.Request) -> int:
    """The page asked for, from 1; raises BadQuery."""
    text = request.query.get("page", "").strip() or "1"
    if text.isascii() and text.isdecimal() and len(text) <= 7 and 1 <= int(text) <= LAST_PAGE:
        return int(text)
    raise BadQuery("page must be a number from 1.")


def read_show(request: web.Request) -> str:
    """Which requests: all, disagreements or waiting; raises BadQuery."""
    return _one_of(request, "show", SHOWN) or "all"


def _one_of(request: web.Request, name: str, known: tuple[str, ...]) -> str | None:
    value = request.query.get(name, "").strip()
    if value and value not in known:
        raise BadQuery(f"{name} must be one of {', '.join(known)}.")
    return value or None


@dataclass(frozen=True, kw_only=True)
class Paging:
    """Which page of how many, and the addresses of the others."""

    page: int
    total: int
    path: str
    query: dict[str, str]

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
