"""Where the pretend council keeps its requests, their updates, added services and faults: one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

FIRST_NUMBER = 104201
MOST_ANSWERED = 1000
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS requests (
    number INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT UNIQUE, token_polls INTEGER NOT NULL, status TEXT NOT NULL, status_notes TEXT,
    service_name TEXT NOT NULL, service_code TEXT NOT NULL, description TEXT, agency_responsible TEXT, service_notice TEXT,
    requested_datetime TEXT NOT NULL, updated_datetime TEXT NOT NULL, expected_datetime TEXT,
    address TEXT, address_id TEXT, zipcode TEXT, lat REAL, long REAL, media_url TEXT, attributes TEXT NOT NULL, posted TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS requests_by_time ON requests (requested_datetime);
CREATE TABLE IF NOT EXISTS updates (
    serial INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL REFERENCES requests, update_id TEXT NOT NULL, status TEXT NOT NULL,
    description TEXT NOT NULL, updated_datetime TEXT NOT NULL, media_url TEXT, posted TEXT NOT NULL, UNIQUE (number, update_id));
CREATE INDEX IF NOT EXISTS updates_by_time ON updates (updated_datetime);
CREATE TABLE IF NOT EXISTS outcomes (
    number INTEGER NOT NULL REFERENCES requests, outcome_id TEXT NOT NULL, outcome TEXT NOT NULL, reported_datetime TEXT NOT NULL,
    channel TEXT NOT NULL, round INTEGER NOT NULL, PRIMARY KEY (number, outcome_id));
CREATE TABLE IF NOT EXISTS services (service_code TEXT PRIMARY KEY, service TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO sqlite_sequence (name, seq) SELECT 'requests', {FIRST_NUMBER - 1}
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'requests');
"""
Row = dict[str, Any]


def reference(number: int) -> str:
    """The service_request_id of a request's number: "ASH-104201"."""
    return f"ASH-{number:06d}"


def number(reference: str) -> int | None:
    """The number in a service_request_id, in any case; None for what is not one of ours."""
    digits = reference.strip().upper().removeprefix("ASH-")
    return int(digits) if digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 9 else None


class Store:
    """All writes are on disk when a method returns. Datetimes are UTC text, "2026-11-24T09:30:00Z", so that they sort."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "sandbox.db", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    def _all(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        return [dict(row) for row in self._db.execute(sql, values)]

    def add_request(self, request: Mapping[str, Any], attributes: Mapping[str, list[str]], posted: Sequence[tuple[str, str]]) -> int:
        """Keep a new request, columns by name; returns its number."""
        columns = {**request, "attributes": json.dumps(attributes), "posted": json.dumps(posted)}
        sql = f"INSERT INTO requests ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
        return int(self._db.execute(sql, columns).lastrowid or 0)

    def request(self, number: int | None) -> Row | None:
        return next(iter(self.requests([number] if number else [])), None)

    def requests(self, numbers: Iterable[int]) -> list[Row]:
        """These requests, newest first, unknown ones left out."""
        chosen = json.dumps(list(numbers))
        return self._all("SELECT * FROM requests WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number DESC", [chosen])

    def newest(self, count: int) -> list[Row]:
        return self._all("SELECT * FROM requests ORDER BY number DESC LIMIT ?", [count])

    def find(self, start: str, end: str, codes: Sequence[str] = (), statuses: Sequence[str] = ()) -> list[Row]:
        """The newest 1,000 requests made from `start` to `end`, both included; empty codes or statuses mean all."""
        return self._all(
            """SELECT * FROM requests WHERE requested_datetime BETWEEN :start AND :end
               AND (:codes = '[]' OR service_code IN (SELECT value FROM json_each(:codes)))
               AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses))) ORDER BY number DESC LIMIT :most""",
            {"start": start, "end": end, "codes": json.dumps(codes), "statuses": json.dumps(statuses), "most": MOST_ANSWERED},
        )

    def poll_token(self, token: str) -> Row | None:
        """The request behind a token; each call uses up one of the polls that it takes to be ready."""
        row = next(iter(self._all("SELECT * FROM requests WHERE token = ?", [token])), None)
        if row and row["token_polls"]:
            self._db.execute("UPDATE requests SET token_polls = token_polls - 1 WHERE number = ?", [row["number"]])
        return row

    def add_update(self, number: int, update: Mapping[str, Any], change: Mapping[str, Any], posted: Sequence[tuple[str, str]]) -> str:
        """Keep an update and what it changes in the request, together; returns its update_id. The same update_id again does nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            serial = self._db.execute("SELECT coalesce(max(serial), 0) + 1 FROM updates").fetchone()[0]
            update_id = str(update["update_id"] or f"ASHU-{serial}")
            columns = {**update, "update_id": update_id, "number": number, "posted": json.dumps(posted)}
            sql = f"INSERT OR IGNORE INTO updates ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
            if self._db.execute(sql, columns).rowcount and change:
                sets = ", ".join(f"{name} = :{name}" for name in change)
                self._db.execute(f"UPDATE requests SET {sets} WHERE number = :number", {**change, "number": number})
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return update_id

    def updates(self, start: str, end: str) -> list[Row]:
        """The first 1,000 updates dated from `start` to `end`, oldest first."""
        sql = "SELECT * FROM updates WHERE updated_datetime BETWEEN ? AND ? ORDER BY updated_datetime, serial LIMIT ?"
        return self._all(sql, [start, end, MOST_ANSWERED])

    def add_outcome(self, number: int, outcome_id: str, outcome: Mapping[str, Any]) -> None:
        """Keep how a request came out; the same outcome_id replaces what was said before, unless that was said later."""
        self._db.execute(
            """INSERT INTO outcomes VALUES (:number, :outcome_id, :outcome, :reported_datetime, :channel, :round)
               ON CONFLICT DO UPDATE SET outcome = excluded.outcome, reported_datetime = excluded.reported_datetime,
                   channel = excluded.channel, round = excluded.round WHERE excluded.reported_datetime >= reported_datetime""",
            {**outcome, "number": number, "outcome_id": outcome_id},
        )

    def outcomes(self, start: str, end: str) -> list[Row]:
        """The first 1,000 outcomes reported from `start` to `end`, oldest first."""
        sql = "SELECT * FROM outcomes WHERE reported_datetime BETWEEN ? AND ? ORDER BY reported_datetime, number, round LIMIT ?"
        return self._all(sql, [start, end, MOST_ANSWERED])

    def outcomes_of(self, numbers: Iterable[int]) -> list[Row]:
        """What was said of these requests, oldest first."""
        sql = "SELECT * FROM outcomes WHERE number IN (SELECT value FROM json_each(?)) ORDER BY reported_datetime, round"
        return self._all(sql, [json.dumps(list(numbers))])

    def put_service(self, code: str, service: Mapping[str, Any] | None) -> None:
        """Keep a service that was added or replaced, or None for one that was removed."""
        self._db.execute("DELETE FROM services WHERE service_code = ?", [code])
        self._db.execute("INSERT INTO services VALUES (?, ?)", [code, json.dumps(service)])

    def services(self) -> dict[str, dict[str, Any] | None]:
        return {row["service_code"]: json.loads(row["service"]) for row in self._all("SELECT * FROM services ORDER BY rowid")}

    def keep(self, name: str, value: object) -> None:
        self._db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", [name, json.dumps(value)])

    def kept(self, name: str) -> Any:
        rows = self._all("SELECT value FROM kept WHERE name = ?", [name])
        return json.loads(rows[0]["value"]) if rows else None
