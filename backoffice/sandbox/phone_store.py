"""Where the sandbox phone keeps its messages, the webhooks still to be sent, opted-out numbers and the fault in force."""

from __future__ import annotations

import secrets
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backoffice.sandbox.phone_media import MediaStore, Picture
from backoffice.sandbox.segments import segments
from hearback.clock import Clock

MOST_MESSAGES = 5000
MOST_WEBHOOKS = 2000
# A status never moves back: https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
RANK = {"accepted": 0, "queued": 1, "receiving": 1, "sent": 2, "received": 3, "failed": 3, "delivered": 3, "undelivered": 3}
FINAL = 3
SCHEMA = """
CREATE TABLE IF NOT EXISTS phone_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT UNIQUE NOT NULL, direction TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    body TEXT NOT NULL, segments INTEGER NOT NULL, status TEXT NOT NULL, error_code INTEGER, service TEXT, opt_out_type TEXT,
    created REAL NOT NULL, updated REAL NOT NULL, sent REAL);
CREATE INDEX IF NOT EXISTS phone_by_sender ON phone_messages (sender);
CREATE INDEX IF NOT EXISTS phone_by_recipient ON phone_messages (recipient);
CREATE TABLE IF NOT EXISTS phone_webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL, status TEXT NOT NULL, url TEXT NOT NULL, token TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS phone_stopped (number TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS phone_fault (one INTEGER PRIMARY KEY CHECK (one = 1), mode TEXT NOT NULL, count INTEGER, seconds REAL);
"""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One text. `direction` is inbound, outbound-api or outbound-reply; times are seconds since 1970."""

    id: int
    sid: str
    direction: str
    sender: str
    recipient: str
    body: str
    segments: int
    status: str
    error_code: int | None
    service: str | None
    opt_out_type: str | None
    created: float
    updated: float
    sent: float | None
    pictures: int = 0


@dataclass(frozen=True)
class Webhook:
    """A status that a message is to reach, and the address that is to hear of it (none if empty)."""

    id: int
    sid: str
    status: str
    url: str
    token: str


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next `count` sends (None: with all); `seconds` is for timeout and late_receipts."""

    mode: str
    count: int | None = None
    seconds: float | None = None


def written(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class PhoneStore:
    """All writes are on disk when a method returns."""

    def __init__(self, folder: Path, clock: Clock, *, most: int = MOST_MESSAGES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._clock, self._most = clock, most
        self._db = sqlite3.connect(folder / "sandbox.db", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)
        self.media = MediaStore(self._db)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is written inside is kept, or none of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def add(
        self, *, direction: str, sender: str, recipient: str, body: str, status: str, pictures: Sequence[Picture] = (), **more: str | None
    ) -> Message:
        """Keep a new message; the oldest beyond the most that are kept go."""
        now = self._clock.now().timestamp()
        row: dict[str, Any] = {
            "sid": f"{'MM' if pictures else 'SM'}{secrets.token_hex(16)}",
            "direction": direction,
            "sender": sender,
            "recipient": recipient,
            "body": body,
        }
        row |= {"segments": segments(body), "status": status, "created": now, "updated": now, **more}
        sql = f"INSERT INTO phone_messages ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)}) RETURNING *"
        message = Message(**dict(self._db.execute(sql, row).fetchall()[0]), pictures=len(pictures))
        self.media.add(message.sid, pictures)
        self._db.execute("DELETE FROM phone_messages WHERE id <= ?", [message.id - self._most])
        return message

    def message(self, sid: str) -> Message | None:
        return next(iter(self._messages("WHERE sid = ?", [sid])), None)

    def thread(self, number: str, most: int) -> list[Message]:
        """What one phone sent and got, oldest first, the newest `most` of it."""
        return self._messages("WHERE sender = ?1 OR recipient = ?1 ORDER BY id DESC LIMIT ?2", [number, most])[::-1]

    def find(self, wanted: dict[str, str | float], most: int) -> list[Message]:
        """Newest first. `wanted`: recipient, sender, since, until (exclusive; seconds) and before_sid, each optional."""
        sql = """WHERE (:recipient IS NULL OR recipient = :recipient) AND (:sender IS NULL OR sender = :sender)
            AND (:since IS NULL OR created >= :since) AND (:until IS NULL OR created < :until)
            AND (:before_sid IS NULL OR id < (SELECT id FROM phone_messages WHERE sid = :before_sid)) ORDER BY id DESC LIMIT :most"""
        names = ("recipient", "sender", "since", "until", "before_sid")
        return self._messages(sql, {**dict.fromkeys(names), **wanted, "most": most})

    def _messages(self, sql: str, values: Sequence[Any] | dict[str, Any]) -> list[Message]:
        pictures = "(SELECT count(*) FROM phone_media WHERE message_sid = phone_messages.sid) AS pictures"
        return [Message(**dict(row)) for row in self._db.execute(f"SELECT *, {pictures} FROM phone_messages {sql}", values)]

    def advance(self, sid: str, status: str, error_code: int | None = None) -> None:
        """Move a message to a status, never back; unknown messages are left alone."""
        message, now = self.message(sid), self._clock.now().timestamp()
        if message and RANK[status] > RANK[message.status]:
            sent = now if RANK[status] >= RANK["sent"] else None
            sql = "UPDATE phone_messages SET status = ?, error_code = ?, updated = ?, sent = coalesce(sent, ?) WHERE sid = ?"
            self._db.execute(sql, [status, error_code, now, sent, sid])

    def empty(self, sid: str) -> None:
        self._db.execute("UPDATE phone_messages SET body = '', updated = ? WHERE sid = ?", [self._clock.now().timestamp(), sid])

    def delete(self, sid: str) -> None:
        self._db.execute("DELETE FROM phone_messages WHERE sid = ?", [sid])
        self.media.delete(sid)

    def add_webhook(self, sid: str, status: str, url: str) -> Webhook:
        sql = "INSERT INTO phone_webhooks (sid, status, url, token) VALUES (?, ?, ?, ?) RETURNING *"
        return Webhook(**dict(self._db.execute(sql, [sid, status, url, str(uuid.uuid4())]).fetchall()[0]))

    def webhooks(self) -> list[Webhook]:
        return [Webhook(**dict(row)) for row in self._db.execute("SELECT * FROM phone_webhooks ORDER BY id")]

    def webhook_done(self, webhook: Webhook) -> None:
        self._db.execute("DELETE FROM phone_webhooks WHERE id = ?", [webhook.id])

    def full(self) -> bool:
        """Too many webhooks wait for new messages to be taken."""
        return int(self._db.execute("SELECT count(*) FROM phone_webhooks").fetchone()[0]) >= MOST_WEBHOOKS

    def stopped(self, number: str) -> bool:
        return self._db.execute("SELECT 1 FROM phone_stopped WHERE number = ?", [number]).fetchone() is not None

    def stop(self, number: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO phone_stopped VALUES (?)", [number])

    def start(self, number: str) -> None:
        self._db.execute("DELETE FROM phone_stopped WHERE number = ?", [number])

    def fault(self) -> Fault | None:
        row = self._db.execute("SELECT mode, count, seconds FROM phone_fault").fetchone()
        return Fault(*row) if row else None

    def set_fault(self, fault: Fault | None) -> None:
        self._db.execute("DELETE FROM phone_fault")
        if fault:
            self._db.execute("INSERT INTO phone_fault VALUES (1, ?, ?, ?)", [fault.mode, fault.count, fault.seconds])

    def take_fault(self) -> Fault | None:
        """The fault for the send at hand, counted down."""
        fault = self.fault()
        if fault and fault.count is not None:
            self.set_fault(Fault(fault.mode, fault.count - 1, fault.seconds) if fault.count > 1 else None)
        return fault
