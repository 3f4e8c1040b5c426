"""The partners: what each declares done, what citizens say of it, what it costs, whose clock has run out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from console import shapes
from console.answers import as_json
from console.pages.measures import counted, waits
from console.parts import CLOCK, log
from console.render import page
from console.routes import shown
from console.spans import Span, read_span
from engagement.measures.outcomes import Standing
from engagement.measures.registry import Part
from engagement.review_requests import Wanted

MEASURES = ("declared_and_confirmed", "confirmed_outcome_rate", "disagreement_rate", "days_to_confirm", "cost_per_confirmed_outcome")
STANDS = ("open", "unsettled", "overdue")
LONGEST = 200
ITEMS = 25


async def _found(request: web.Request, span: Span) -> tuple[list[dict[str, Any]] | None, datetime | None]:
    """A row for each partner, who is disagreed with most first; who has no name stands last. None while it is counted."""
    found, counted_at = await counted(request, [(name, span.limits, "partner") for name in MEASURES])
    standing, stood_at = await log(request).measures.kept.sums(Standing, by="partner", until=waits(request))
    if found is None or standing is None:
        return None, None
    parts: dict[str, dict[str | None, Part]] = {
        name: {one.name: one for one in found[span.limits][name].by["partner"]} for name in MEASURES
    }
    names = {name for by_name in parts.values() for name in by_name} | set(standing)
    rows = [_row(name, parts, standing.get(name) or Standing.none()) for name in names]
    rows.sort(key=lambda row: (row["name"] is None, -(row["disagreement_rate"]["value"] or -1.0), row["name"] or ""))
    return rows, min((at for at in (counted_at, stood_at) if at), default=None)


def _row(name: str | None, parts: dict[str, dict[str | None, Part]], stands: Standing) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, **{field: getattr(stands, field) for field in STANDS}}
    for measure, by_name in parts.items():
        one = by_name.get(name)
        low, high = one.counted.interval if one else (None, None)
        row[measure] = {
            "value": one.counted.value if one else None, "low": low, "high": high, "enough": bool(one and one.counted.enough),
            "numerator": one.counted.numerator if one else 0, "denominator": one.counted.denominator if one else 0,
        }  # fmt: skip
    return row


async def partners(request: web.Request) -> web.Response:
    span = read_span(request)
    rows, counted_at = await _found(request, span)
    return page(request, "partners.html", rows=rows, span=span, counted_at=counted_at, board="partners")


async def as_data(request: web.Request) -> web.Response:
    span = read_span(request)
    rows, counted_at = await _found(request, span)
    return as_json({"period": {"start": span.start, "end": span.end}, "counted_at": counted_at, "partners": rows})


async def _one(request: web.Request, span: Span) -> dict[str, Any]:
    """A partner's row, and its requests: who says no first, the others by age. Raises HTTPNotFound."""
    name = request.match_info["name"]
    if len(name) > LONGEST or "\x00" in name:
        raise web.HTTPNotFound
    wanted, now = Wanted(partner=name), request.app[CLOCK].now()
    found, total = await log(request).review.requests(1, per_page=ITEMS, wanted=wanted, now=now)
    if not total:
        raise web.HTTPNotFound
    rows, counted_at = await _found(request, span)
    row = next((row for row in rows if row["name"] == name), None) if rows is not None else None
    return {"name": name, "row": row, "requests": [shapes.request(one) for one in found], "total": total, "counted_at": counted_at}


async def one(request: web.Request) -> web.Response:
    span = read_span(request)
    return page(request, "partner.html", span=span, board="partners", **await _one(request, span))


async def one_as_data(request: web.Request) -> web.Response:
    span = read_span(request)
    return as_json({"period": {"start": span.start, "end": span.end}, **await _one(request, span)})


ONE = r"/partners/{name:[^{}/]{1,600}}"
ROUTES = (
    *shown("/partners", partners, as_data, scope="measures"),
    # A name may have a dot in it: the address that ends with .json is looked for first.
    *reversed((*shown(ONE, one, one_as_data, scope="requests"),)),
)
