"""What the parts of the pretend council share: its store, services, faults and time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from backoffice.sandbox.answers import Refused
from backoffice.sandbox.faults import Faults
from backoffice.sandbox.services import Catalogue
from backoffice.sandbox.store import Row, Store, number, reference
from hearback.clock import Clock
from hearback.settings import Settings

# GeoReport knows open and closed; FixMyStreet's finer states are one or the other.
# https://github.com/mysociety/fixmystreet/wiki/Open311-FMS---Proposed-differences-to-Open311
OPEN_STATES = ("open", "reopen", "in_progress", "investigating", "action_scheduled", "for_triage", "internal_referral")
CLOSED_STATES = ("closed", "fixed", "duplicate", "not_councils_responsibility", "no_further_action")
SHOWN = (
    *("status", "status_notes", "service_name", "service_code", "description", "agency_responsible", "service_notice"),
    *("requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url"),
)


@dataclass(frozen=True)
class Council:
    store: Store
    catalogue: Catalogue
    faults: Faults
    clock: Clock

    def now(self) -> str:
        return written(self.clock.now())

    def request(self, id: str) -> Row:
        row = self.store.request(number(id))
        if row is None:
            raise Refused(404, f"There is no request {id[:60]}.")
        return row

    def update(self, row: Row, state: str, words: str, *, update_id: str = "", at: str = "", **kept: Any) -> str:
        """Record an update of a request. GeoReport: a closed request's updated_datetime is the date it was closed, so it stays."""
        status = "open" if state in OPEN_STATES else "closed"
        moved = status != row["status"]
        change: dict[str, str | None] = {"status": status, "status_notes": words or None} if moved else {}
        change |= kept.pop("change", {})
        if moved or status == "open":
            change["updated_datetime"] = self.now()
        update = {"update_id": update_id, "status": state, "description": words, "updated_datetime": at or self.now()}
        return self.store.add_update(row["number"], {**update, "media_url": kept.get("media_url")}, change, kept.get("posted", ()))


def open_council(settings: Settings, clock: Clock) -> Council:
    store = Store(settings.home / "sandbox")
    return Council(store, Catalogue(store), Faults(store), clock)


def written(moment: datetime) -> str:
    """UTC as a W3C datetime to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def after(moment: datetime, days: int) -> datetime:
    """`days` later, or earlier if negative, within what a calendar holds."""
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return (datetime.max if days > 0 else datetime.min).replace(tzinfo=UTC)


def shown(row: Row) -> dict[str, Any]:
    """A request as GeoReport gives it out: nothing about the person who reported it."""
    return {"service_request_id": reference(row["number"]), **{name: row[name] for name in SHOWN}}


def shown_update(row: Row) -> dict[str, Any]:
    names = ("update_id", "status", "description", "updated_datetime", "media_url")
    return {"service_request_id": reference(row["number"]), **{name: row[name] for name in names}}


def answers(row: Row, catalogue: Catalogue) -> list[tuple[str, str]]:
    """(question, answer in words) of a request."""
    service = catalogue.all().get(row["service_code"]) or {"attributes": []}
    attributes = {item["code"]: item for item in service["attributes"]}
    result = []
    for code, values in json.loads(row["attributes"]).items():
        item = attributes.get(code, {})
        names = {value["key"]: value["name"] for value in item.get("values", ())}
        result.append((item.get("description") or code, ", ".join(names.get(value, value) for value in values)))
    return result
