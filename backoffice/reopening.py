"""What is done in the back office about a "no": the request is opened again, or a new one names it where that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backoffice.errors import BackOfficeRefused, NotFound
from backoffice.open311 import Open311Client
from backoffice.records import ServiceRequest
from hearback import profile

SEARCH_BACK = timedelta(days=1)
MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """`kind` is reopened, where `reference` is the request's own, or linked, where it is the new one's, which may have a token first."""

    kind: str
    reference: str | None = None
    token: str | None = None


async def dispute(
    open311: Open311Client,
    *,
    reference: str,
    tag: str,
    words: str,
    at: datetime,
    service_code: str,
    report: dict[str, Any],
    media_url: str | None = None,
    again: bool = False,
) -> Remedy:
    """Tell the back office that a request is not fixed, in the citizen's `words`, said at `at`.

    Safe to call again, with `again`, after BackOfficeUnavailable or OutcomeUnknown: `tag` lets the server and us tell a repeat.
    Raises BackOfficeRefused or NotFound where the server takes neither an update nor a new request.
    """
    notes = profile.council()["request_notes"]
    said = f"{notes['not_fixed']}\n{words}".strip()
    if again and (earlier := await _linked_before(open311, service_code, tag=tag, at=at)):
        return Remedy(kind="linked", reference=earlier.reference)
    try:
        now = await open311.request(reference)
        status = "REOPEN" if now.status == "closed" else "OPEN"
        await open311.update(now.reference, update_id=tag, status=status, description=said, at=at, media_url=media_url)
        if status == "REOPEN" and (await open311.request(reference)).status == "closed" and not (again and await _told(open311, tag, at)):
            raise NotFound  # some servers take every update for a mere comment
        return Remedy(kind="reopened", reference=now.reference)
    except (BackOfficeRefused, NotFound):
        return await _linked(open311, reference, tag=tag, said=said, service_code=service_code, report=report, media_url=media_url)


async def _linked_before(open311: Open311Client, service_code: str, *, tag: str, at: datetime) -> ServiceRequest | None:
    try:
        return await open311.find_created(service_code, tag=tag, since=at - SEARCH_BACK)
    except (BackOfficeRefused, NotFound):
        return None  # a server that cannot be searched


async def _told(open311: Open311Client, tag: str, at: datetime) -> bool:
    """Whether an earlier try had opened it again, and it was closed once more since."""
    updates = await open311.updates(at - MOMENT, at + MOMENT)
    return any(one.update_id == tag for one in updates or ())


async def _linked(
    open311: Open311Client,
    reference: str,
    *,
    tag: str,
    said: str,
    service_code: str,
    report: dict[str, Any],
    media_url: str | None,
) -> Remedy:
    first = profile.council()["request_notes"]["linked"].format(reference=reference)
    description = "\n".join(part for part in (first, said, report.get("description")) if part)
    new = {**report, "description": description, **({"media_url": media_url} if media_url else {})}
    created = await open311.create(service_code, new, tag=tag)
    return Remedy(kind="linked", reference=created.reference, token=created.token)
