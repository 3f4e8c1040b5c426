"""Where a request is about, made comparable; and whether somebody asked for the same before."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select

from engagement.tables import conversations, requests

# A square of about 100 m by 100 m in the middle of England.
LATITUDE, LONGITUDE = 0.0009, 0.0015
SOON = timedelta(days=14)  # who asks for the same within this time asks again
VISIT = timedelta(hours=1)  # what is asked for in one conversation within this time are different things


def place_key(report: dict[str, Any]) -> str | None:
    """The same for reports of one place: the square that the point is in, else the address without its punctuation."""
    lat, long = _number(report.get("lat")), _number(report.get("long"))
    if lat is not None and long is not None:
        return f"point:{round(lat / LATITUDE)}:{round(long / LONGITUDE)}"
    words = " ".join(re.findall(r"\w+", str(report.get("address") or "").casefold()))
    return f"address:{hashlib.sha256(words.encode()).hexdigest()[:24]}" if words else None


def asked_before(
    connection: Connection, *, service_code: str, place: str | None, contact_id: int | None, conversation_id: str, now: datetime
) -> int | None:
    """The latest request of the last two weeks for the same service at the same place or by the same citizen, whatever the channel."""
    own = select(conversations.c.contact_id).where(conversations.c.id == conversation_id)
    citizens = {contact_id, connection.execute(own).scalar_one_or_none()} - {None}
    lately = (
        (requests.c.service_code == service_code)
        & (requests.c.created_at >= now - SOON)
        & (requests.c.created_at <= now)
        & or_(requests.c.conversation_id != conversation_id, requests.c.created_at < now - VISIT)
    )
    found: list[Any] = []
    if place is not None:
        found += connection.execute(_latest().where(lately, requests.c.place_key == place)).all()
    if citizens:
        theirs = select(conversations.c.id).where(conversations.c.contact_id.in_(citizens))
        found += connection.execute(_latest().where(lately, requests.c.contact_id.in_(citizens))).all()
        found += connection.execute(_latest().where(lately, requests.c.conversation_id.in_(theirs))).all()
    return max((row.id for row in found), default=None)


def _latest() -> Any:
    return select(requests.c.id).order_by(requests.c.id.desc()).limit(1)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
