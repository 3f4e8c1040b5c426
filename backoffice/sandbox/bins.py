"""The pretend council's bin system: addresses, collection days, missed bins, prices. Answers are JSON; a problem is {"error": sentence}."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from backoffice.sandbox.addresses import Addresses, Household
from backoffice.sandbox.places import postcode
from backoffice.sandbox.rounds import CONTAINERS, Collection, Rounds
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.settings import Settings

LONDON = ZoneInfo("Europe/London")
AHEAD, BACK = timedelta(weeks=8), timedelta(days=28)
MESSAGES = {
    "no_collection": "There was no such collection on that day.",
    "not_yet_due": "The crew may still come: collections are until 5pm.",
    "not_presented": "The crew noted that the bin was not put out.",
    "already_reported": "This was reported already.",
    "too_late": "Missed collections can be reported for three working days.",
}
SCHEMA = """
CREATE TABLE IF NOT EXISTS missed_bins (
    number INTEGER PRIMARY KEY AUTOINCREMENT, uprn TEXT NOT NULL, container TEXT NOT NULL, day TEXT NOT NULL, reported TEXT NOT NULL,
    UNIQUE (uprn, container, day));
CREATE TABLE IF NOT EXISTS missed_bin_cases (number INTEGER PRIMARY KEY, reported_as TEXT NOT NULL);
"""
FIRST_REFERENCE = 20000
Handler = Callable[[web.Request], Awaitable[web.Response]]


class Wrong(Exception):
    """A call that cannot be answered: an HTTP status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status, self.sentence = status, sentence


class MissedBins:
    """What was reported; all of it is on disk when `add` returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "sandbox.db", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)

    def report(self, uprn: str, container: str, day: date) -> dict[str, str]:
        """Our reference and the caller's own (`reported_as`) of what was reported; empty if nothing was."""
        sql = """SELECT number, reported_as FROM missed_bins LEFT JOIN missed_bin_cases USING (number)
                 WHERE uprn = ? AND container = ? AND day = ?"""
        row = self._db.execute(sql, [uprn, container, day.isoformat()]).fetchone()
        if row is None:
            return {}
        return {"reference": f"BIN-{FIRST_REFERENCE + row[0]}", **({"reported_as": row[1]} if row[1] else {})}

    def add(self, uprn: str, container: str, day: date, now: datetime, *, reported_as: str = "") -> str:
        sql = "INSERT INTO missed_bins (uprn, container, day, reported) VALUES (?, ?, ?, ?)"
        number = self._db.execute(sql, [uprn, container, day.isoformat(), now.isoformat()]).lastrowid or 0
        if reported_as:
            self._db.execute("INSERT INTO missed_bin_cases VALUES (?, ?)", [number, reported_as])
        return f"BIN-{FIRST_REFERENCE + number}"


class Bins:
    def __init__(self, addresses: Addresses, missed: MissedBins, clock: Clock) -> None:
        self._addresses, self._rounds, self._missed, self._clock = addresses, Rounds(), missed, clock

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/bins/addresses", answered(self.addresses)),
            web.get("/bins/collections", answered(self.collections)),
            web.get("/bins/missed", answered(self.missed)),
            web.post("/bins/missed", answered(self.report_missed)),
            web.get("/bins/containers", answered(self.containers)),
            web.get("/bins/bulky/slots", answered(self.bulky_slots)),
            web.get("/bins/bulky/prices", answered(self.bulky_prices)),
        ]

    def _now(self) -> datetime:
        return self._clock.now().astimezone(LONDON)

    def _due(self, day: date) -> bool:
        """Whether the crew may still come on that day."""
        now = self._now()
        return day > now.date() or (day == now.date() and now.time() < time.fromisoformat(self._rounds.rules["collected_by"]))

    def _home(self, uprn: object) -> Household:
        home = self._addresses.one(str(uprn))
        if home is None:
            raise Wrong(404, "There is no address with this uprn.")
        return home

    async def addresses(self, request: web.Request) -> web.Response:
        given, text = request.query.get("postcode", ""), request.query.get("q", "")
        code = postcode(given)
        if given.strip() and code is None:
            raise Wrong(400, "postcode must be a full UK postcode such as AD1 2BC.")
        if not given.strip() and not text.strip():
            raise Wrong(400, "Send postcode or q.")
        homes = self._addresses.find(code=code, text=text)
        return web.json_response(
            [{"uprn": h.uprn, "address": h.address, "postcode": h.postcode, "lat": h.point[0], "long": h.point[1]} for h in homes]
        )

    async def collections(self, request: web.Request) -> web.Response:
        """From today, or from `since` (up to four weeks back), until eight weeks from today."""
        home, today = self._home(request.query.get("uprn", "")), self._now().date()
        since = _day(request.query["since"]) if request.query.get("since") else today
        found = self._rounds.collections(home, max(min(since, today + AHEAD), today - BACK), today + AHEAD)
        return web.json_response([self._shown(home, item) for item in found])

    def _shown(self, home: Household, item: Collection) -> dict[str, str]:
        if self._missed.report(home.uprn, item.container, item.on):
            state = "missed_reported"
        else:
            state = "due" if self._due(item.on) else "collected"
        return {"date": item.on.isoformat(), "container": item.container, "round": home.round, "state": state}

    async def missed(self, request: web.Request) -> web.Response:
        """Whether a missed collection would be taken now: `reason` is empty or says why not."""
        home, container, day = self._meant(dict(request.query))
        known = self._missed.report(home.uprn, container, day) if day else {}
        reason = self._reason(home, day, bool(known))
        rules = self._rounds.rules
        until = datetime.combine(day, time.fromisoformat(rules["collected_by"]), LONDON).isoformat() if day else None
        told = {"date": day.isoformat() if day else None, "reason": reason, "message": MESSAGES.get(reason, ""), **known}
        return web.json_response({**told, "report_from": until, "within_working_days": rules["missed_within_working_days"]})

    async def report_missed(self, request: web.Request) -> web.Response:
        """{uprn, container, date?, reported_as?}; without a date the latest collection day is meant."""
        body = await _body(request)
        home, container, day = self._meant(body)
        known = self._missed.report(home.uprn, container, day) if day else {}
        reason = self._reason(home, day, bool(known))
        if reason or day is None:
            return web.json_response({"reason": reason, "message": MESSAGES[reason], **known}, status=409)
        reference = self._missed.add(home.uprn, container, day, self._now(), reported_as=str(body.get("reported_as") or "")[:60])
        return web.json_response({"reference": reference, "date": day.isoformat()}, status=201)

    def _meant(self, given: dict[str, Any]) -> tuple[Household, str, date | None]:
        """The collection that is meant; no day if there was none."""
        home, container, today = self._home(given.get("uprn")), given.get("container"), self._now().date()
        if container not in CONTAINERS:
            raise Wrong(400, f"container must be one of {', '.join(CONTAINERS)}.")
        days = [item.on for item in self._rounds.collections(home, today - BACK, today + AHEAD) if item.container == container]
        day = _day(str(given["date"])) if given.get("date") else max((day for day in days if day <= today), default=None)
        return home, container, day if day in days else None

    def _reason(self, home: Household, day: date | None, reported: bool) -> str:
        """Why a missed collection is not taken, in one of the words of MESSAGES; empty if it is."""
        if day is None:
            return "no_collection"
        reasons = (
            (self._due(day), "not_yet_due"),
            (reported, "already_reported"),
            (self._rounds.working_days_between(day, self._now().date()) > self._rounds.rules["missed_within_working_days"], "too_late"),
            (home.not_presented, "not_presented"),
        )
        return next((reason for holds, reason in reasons if holds), "")

    async def containers(self, request: web.Request) -> web.Response:
        return web.json_response(self._rounds.rules["containers"])

    async def bulky_slots(self, request: web.Request) -> web.Response:
        return web.json_response(self._rounds.bulky_slots(self._now().date()))

    async def bulky_prices(self, request: web.Request) -> web.Response:
        return web.json_response(self._rounds.rules["bulky"])


def answered(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Wrong as wrong:
            return web.json_response({"error": wrong.sentence}, status=wrong.status)

    return handle


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Wrong(400, "A date must be written as 2026-11-24.") from None


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Wrong(400, "Send a JSON object.")
    return body


def routes(settings: Settings, keys: Keys, clock: Clock) -> list[web.RouteDef]:
    return Bins(Addresses(), MissedBins(settings.home / "sandbox"), clock).routes()
