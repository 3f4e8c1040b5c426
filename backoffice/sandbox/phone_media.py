"""Pictures sent from the sandbox phone, and how the local Twilio hands them out: with the account's token, by a redirect.
https://www.twilio.com/docs/messaging/api/media-resource"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

ACCOUNT = "AC" + "5a" * 16
API_VERSION = "2010-04-01"
LARGEST = 5 * 1024 * 1024  # https://www.twilio.com/docs/messaging/guides/accepted-mime-types
MOST_IN_A_TEXT = 10
MOST_KEPT = 40
SCHEMA = """
CREATE TABLE IF NOT EXISTS phone_media (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT UNIQUE NOT NULL, message_sid TEXT NOT NULL, content_type TEXT NOT NULL,
    content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS phone_media_by_message ON phone_media (message_sid);
"""
# The pictures are other people's bytes: a browser that opens one must run nothing in it.
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private"}


@dataclass(frozen=True)
class Picture:
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Media:
    """A picture of a message, without its content."""

    sid: str
    message_sid: str
    content_type: str

    @property
    def path(self) -> str:
        return f"/{API_VERSION}/Accounts/{ACCOUNT}/Messages/{self.message_sid}/Media/{self.sid}"


class MediaStore:
    """Keeps the newest pictures in the phone's database."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        db.executescript(SCHEMA)

    def add(self, message_sid: str, pictures: Sequence[Picture]) -> None:
        for one in pictures:
            row = [f"ME{secrets.token_hex(16)}", message_sid, one.content_type, one.content]
            self._db.execute("INSERT INTO phone_media (sid, message_sid, content_type, content) VALUES (?, ?, ?, ?)", row)
        self._db.execute("DELETE FROM phone_media WHERE id <= (SELECT max(id) FROM phone_media) - ?", [MOST_KEPT])

    def of(self, message_sid: str) -> list[Media]:
        sql = "SELECT sid, message_sid, content_type FROM phone_media WHERE message_sid = ? ORDER BY id"
        return [Media(*row) for row in self._db.execute(sql, [message_sid])]

    def picture(self, sid: str) -> Picture | None:
        row = self._db.execute("SELECT content_type, content FROM phone_media WHERE sid = ?", [sid]).fetchone()
        return Picture(*row) if row else None

    def delete(self, sid: str) -> None:
        """Forget a picture, or all pictures of a message."""
        self._db.execute("DELETE FROM phone_media WHERE ?1 IN (sid, message_sid)", [sid])


def resource(media: Media) -> dict[str, object]:
    return {
        "sid": media.sid,
        "account_sid": ACCOUNT,
        "parent_sid": media.message_sid,
        "content_type": media.content_type,
        "date_created": None,
        "date_updated": None,
        "uri": f"{media.path}.json",
    }


def elsewhere(store: MediaStore) -> web.RouteDef:
    """Where the redirect leads, as Twilio's leads to its store of files: an address that nobody guesses, and no token is asked for."""

    async def picture(request: web.Request) -> web.Response:
        found = store.picture(request.match_info["sid"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found.content, headers={**HEADERS, "Content-Type": found.content_type})

    return web.get("/phone/media/{sid:ME[0-9a-f]{32}}", picture)
