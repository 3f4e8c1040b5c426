"""What the back office says, in the log's words: of one request as it looks, and of one thing that happened to it."""

from __future__ import annotations

from datetime import datetime

from backoffice.records import ServiceRequest, Update
from backoffice.states import state_of
from engagement.values import Notice
from hearback.back_office import partner_of

LONGEST_NOTES = 4000
LONGEST_AGENCY = 200


def of_request(request: ServiceRequest, *, seen_at: datetime) -> Notice | None:
    """None where the back office does not say how it is."""
    state = state_of(request.given, status=request.status)
    if request.given is None or state.word is None:
        return None
    agency = (request.agency_responsible or "")[:LONGEST_AGENCY] or None
    partner, contractor = partner_of(agency)
    return Notice(
        reference=request.reference, source="poll", word=state.word, given=state.given, at=request.updated_at or seen_at, seen_at=seen_at,
        notes=_notes(request.status_notes), agency=agency, partner=partner, contractor=contractor, expected_at=request.expected_at,
    )  # fmt: skip


def of_update(update: Update, *, source: str, heard_at: datetime) -> Notice:
    """A state that nobody knows leaves the request as it was: the next look at it tells whether it is closed."""
    state = state_of(update.status)
    return Notice(
        reference=update.reference, source=source, word=state.word or "", given=state.given, at=update.at or heard_at,
        update_id=update.update_id, notes=_notes(update.description),
    )  # fmt: skip


def _notes(text: str | None) -> str | None:
    return text[:LONGEST_NOTES] if text else None
