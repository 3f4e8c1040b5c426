"""The measures: all of them at a glance, dashboards, and one measure with its definition and its parts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from console import measuring
from console.access import may
from console.answers import as_csv, as_json
from console.boards import BOARDS, Chart, drawn, whole
from console.parts import caller, is_api, log
from console.query import BadQuery
from console.render import page
from console.routes import data, get, shown
from console.spans import Limits, Span, read_span
from engagement.measures.registry import MEASURES, Measured

UNHURRIED = 60.0  # seconds that a program waits for what was never counted
Found = dict[Limits, dict[str, Measured]]


def waits(request: web.Request) -> float:
    """Until when this answer waits for what was never counted: programs are in no hurry."""
    return log(request).measures.kept.patience(UNHURRIED if is_api(request) else None)


async def counted(request: web.Request, wanted: Iterable[tuple[str, Limits, str]]) -> tuple[Found | None, datetime | None]:
    """Measures, each with its time and what it is split by, and of when the oldest is; None while they are counted for the first time."""
    by_limits: dict[Limits, dict[str, list[str]]] = {}
    for name, limits, by in dict.fromkeys(wanted):
        split = by_limits.setdefault(limits, {}).setdefault(name, [])
        split += [by] if by else []
    found: Found = {}
    oldest: list[datetime] = []
    missing, until = False, waits(request)
    for (start, end), names in by_limits.items():
        part = await log(request).measures.kept.measured(names, start=start, end=end, until=until)
        if part.found is None:
            missing = True
        else:
            found[start, end] = part.found
        oldest += [part.counted_at] if part.counted_at else []
    return (None if missing else found), min(oldest, default=None)


async def _board(request: web.Request, charts: tuple[Chart, ...], span: Span) -> dict[str, Any]:
    linked = may(request, "/conversations")
    wanted = [(one.measure, span.trend if one.by == "month" else span.limits, one.by) for one in charts]
    for limits in (span.limits, span.before) if span.before else (span.limits,):
        wanted += [(one.measure, limits, "" if one.by == "month" else one.by) for one in charts]
    found, counted_at = await counted(request, wanted)
    about: dict[str, Any] = {"charts": None, "wholes": None, "counted_at": counted_at}
    if found is None:
        return about
    earlier = found[span.before] if span.before else {}
    about["wholes"] = {one.measure: whole(found[span.limits][one.measure], earlier.get(one.measure), span, linked=linked) for one in charts}
    about["charts"] = [
        chart
        for one in charts
        for chart in drawn(
            one, found[span.trend if one.by == "month" else span.limits][one.measure], earlier.get(one.measure), span, linked=linked
        )
    ]
    return about


async def overview(request: web.Request) -> web.Response:
    """Each measure of the period, with the change."""
    span = read_span(request)
    return page(request, "measures.html", span=span, board="", **await _overview(request, span))


async def _overview(request: web.Request, span: Span) -> dict[str, Any]:
    found, counted_at = await counted(request, [(name, limits, "") for limits in (span.limits, span.before) if limits for name in MEASURES])
    if found is None:
        return {"found": None, "counted_at": None}
    earlier, linked = (found[span.before] if span.before else {}), may(request, "/conversations")
    wholes = {name: whole(one, earlier.get(name), span, linked=linked) for name, one in found[span.limits].items()}
    return {"found": wholes, "counted_at": counted_at}


async def one(request: web.Request) -> web.Response:
    """A dashboard, or one measure with what it counts and the table of each of its parts."""
    name, span = request.match_info["name"], read_span(request)
    definitions = measuring.definitions()
    if name in BOARDS:
        about = await _board(request, BOARDS[name], span)
        return page(request, "board.html", board=name, span=span, definitions=definitions, **about)
    about = await _board(request, _all_charts(name), span)
    return page(request, "measure.html", name=name, span=span, board="", definition=definitions.get(name, []), **about)


async def one_as_data(request: web.Request) -> web.Response:
    """What a dashboard or the page of a measure shows."""
    name, span = request.match_info["name"], read_span(request)
    about = await _board(request, BOARDS.get(name) or _all_charts(name), span)
    return as_json({"name": name, **_about(span), **about})


def _all_charts(name: str) -> tuple[Chart, ...]:
    """A measure split by everything by which it can be; raises HTTPNotFound."""
    if name not in MEASURES:
        raise web.HTTPNotFound
    kinds = {"month": "trend", "step": "funnel"}
    return tuple(Chart(measure=name, by=by, kind=kinds.get(by, "bars")) for by in reversed(MEASURES[name].by))


async def overview_as_data(request: web.Request) -> web.Response:
    """GET /measures.json: what the page shows."""
    span = read_span(request)
    about = await _overview(request, span)
    return as_json({**_about(span), "counted_at": about["counted_at"], "measures": about["found"]})


def _about(span: Span) -> dict[str, Any]:
    before = span.before
    return {"period": {"start": span.start, "end": span.end}, "before": {"start": before[0], "end": before[1]} if before else None}


async def as_data(request: web.Request) -> web.Response:
    """GET /api/measures: counted now."""
    period = measuring.read_period(request)
    found = await log(request).measures.measured(**period)
    return as_json({"period": dict(period), "measures": {name: measuring.shape(one) for name, one in found.items()}})


async def as_table(request: web.Request) -> web.Response:
    """GET /api/measures.csv: the whole and each part on a line of its own."""
    found = await log(request).measures.measured(**measuring.read_period(request))
    return await _table(request, "measures", [line for name, one in found.items() for line in measuring.lines(name, one)])


async def chart_as_table(request: web.Request) -> web.Response:
    """GET /api/measures/NAME.csv?by=: one measure counted now, split by one thing, or by each."""
    name, by, span = request.match_info["name"], request.query.get("by", "").strip(), read_span(request)
    if name not in MEASURES:
        raise web.HTTPNotFound
    if by and by not in MEASURES[name].by:
        raise BadQuery(f"by must be one of {', '.join(MEASURES[name].by)}.")
    start, end = span.trend if by == "month" else span.limits
    found = await log(request).measures.measured(start=start, end=end, names=[name])
    return await _table(request, name, [line for line in measuring.lines(name, found[name]) if not by or line["by"] in (by, None)])


async def _table(request: web.Request, name: str, rows: list[dict[str, Any]]) -> web.Response:
    await log(request).staff.note(caller(request).person, "downloaded_csv", name, {"rows": len(rows), **dict(request.query)})
    return as_csv(request, name, measuring.COLUMNS, rows)


ONE = r"/measures/{name:[a-z_]{1,40}}"
ROUTES = (
    get("/measures", overview),
    data("/measures.json", overview_as_data, scope="measures"),
    data("/api/measures", as_data, scope="measures"),
    data("/api/measures.csv", as_table, scope="measures"),
    *shown(ONE, one, one_as_data, scope="measures"),
    data(f"/api{ONE}.csv", chart_as_table, scope="measures"),
)
