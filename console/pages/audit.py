"""The audit: who looked at what and changed what. Administrators search all of it, everybody reads their own part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from console.answers import as_csv, as_json
from console.parts import caller, log
from console.query import BadQuery
from console.render import page
from console.routes import ADMINS, data, shown
from console.times import UK
from engagement.audit import Entries, Entry, Wanted

NAMES = ("person", "action", "subject", "words", "start", "end")
LONGEST = 80
LARGEST_ID = 2**31 - 1
MOST_ROWS = 100_000  # of one download
COLUMNS = ("id", "at", "username", "action", "subject", "details")


async def audit(request: web.Request) -> web.Response:
    asked = _asked(request)
    found = await log(request).audit.entries(await _wanted(request, asked))
    names = [one.person.username for one in await log(request).colleagues.all()]
    return page(
        request, "audit.html", found=found, asked=asked, people=sorted(names), actions=await log(request).audit.actions(), own=False,
        older=_address("/audit", asked, found), csv=_with("/api/audit.csv", asked),
    )  # fmt: skip


async def audit_data(request: web.Request) -> web.Response:
    """GET /api/audit"""
    return as_json(_shape(await log(request).audit.entries(await _wanted(request, _asked(request)))))


async def audit_csv(request: web.Request) -> web.Response:
    """GET /api/audit.csv: everything that the search finds, the newest hundred thousand at most."""
    asked = _asked(request)
    wanted, rows = await _wanted(request, asked), list[dict[str, Any]]()
    while len(rows) < MOST_ROWS:
        found = await log(request).audit.entries(wanted, limit=1000)
        rows += [_flat(one) for one in found.entries]
        if found.older is None:
            break
        wanted = replace(wanted, before=found.older)
    await log(request).staff.note(caller(request).person, "downloaded_csv", "audit", {"rows": len(rows), **_kept(asked)})
    return as_csv(request, "audit", COLUMNS, rows)


async def own(request: web.Request) -> web.Response:
    """What is written down of the caller."""
    asked = {name: "" for name in NAMES} | {"before": request.query.get("before", "").strip()}
    found = await log(request).audit.entries(_own(request))
    return page(
        request,
        "audit.html",
        found=found,
        asked=asked,
        people=[],
        actions=[],
        own=True,
        older=_address("/account/audit", asked, found),
        csv="",
    )


async def own_data(request: web.Request) -> web.Response:
    """GET /api/account/audit"""
    return as_json(_shape(await log(request).audit.entries(_own(request))))


def _own(request: web.Request) -> Wanted:
    return Wanted(staff_id=caller(request).person.id, before=_before(request))


def _asked(request: web.Request) -> dict[str, str]:
    asked = {name: request.query.get(name, "").strip() for name in (*NAMES, "before")}
    for name, text in asked.items():
        if len(text) > LONGEST or any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text):
            raise BadQuery(f"{name} must be {LONGEST} characters or fewer, which can be searched for.")
    return asked


async def _wanted(request: web.Request, asked: Mapping[str, str]) -> Wanted:
    staff_id = None
    if asked["person"]:
        people = {one.person.username: one.person.id for one in await log(request).colleagues.all()}
        staff_id = people.get(asked["person"], 0)  # nobody of this name did anything
    start, end = _day(asked, "start"), _day(asked, "end")
    return Wanted(
        staff_id=staff_id, action=asked["action"] or None, subject=asked["subject"] or None, words=asked["words"] or None,
        start=start, end=end + timedelta(days=1) if end else None, before=_before(request),
    )  # fmt: skip


def _day(asked: Mapping[str, str], name: str) -> datetime | None:
    """The beginning of a day in the United Kingdom."""
    if not asked[name]:
        return None
    try:
        day = date.fromisoformat(asked[name])
        if len(asked[name]) != 10 or not 2000 <= day.year <= 2999:
            raise ValueError
    except ValueError:
        raise BadQuery(f"{name} must be a date such as 2026-11-01.") from None
    return datetime.combine(day, time(), UK)


def _before(request: web.Request) -> int | None:
    text = request.query.get("before", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= 10 and 1 <= int(text) <= LARGEST_ID:
        return int(text)
    raise BadQuery("before must be the number of an entry.")


def _address(path: str, asked: Mapping[str, str], found: Entries) -> str:
    return _with(path, {**asked, "before": str(found.older)}) if found.older is not None else ""


def _with(path: str, asked: Mapping[str, str]) -> str:
    kept = _kept(asked)
    return f"{path}?{urlencode(kept)}" if kept else path


def _kept(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}


def _shape(found: Entries) -> dict[str, Any]:
    return {"entries": [vars(one) for one in found.entries], "older": found.older, "looked_to": found.looked_to}


def _flat(one: Entry) -> dict[str, Any]:
    details = "; ".join(f"{name}: {value}" for name, value in (one.details or {}).items())
    return {**vars(one), "details": details}


ROUTES = (
    *shown("/audit", audit, audit_data, ADMINS, scope="audit"),
    data("/api/audit.csv", audit_csv, ADMINS, scope="audit"),
    *shown("/account/audit", own, own_data, scope="account"),
)
