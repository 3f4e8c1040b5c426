"""What happens to requests after they were made: FixMyStreet's servicerequestupdates, and our proposal for outcomes.

https://github.com/mysociety/fixmystreet/wiki/Open311-FMS---Proposed-differences-to-Open311 and docs/open311_outcomes.md
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from backoffice.errors import BackOfficeRefused, BackOfficeUnavailable, NotFound
from backoffice.georeport import Wire, no_markup, w3c
from backoffice.records import OutcomeReport, Update, text_of

WINDOW = timedelta(days=90)  # the standard's longest
MOST = 1000  # rows of an answer: there may be more where so many come
SHORTEST = timedelta(seconds=2)


class Updates(Wire):
    async def update(
        self, reference: str, *, update_id: str, status: str, description: str, at: datetime, media_url: str | None = None
    ) -> None:
        """Add a comment or a status; `update_id` is ours, so that the server can tell a repeat."""
        form = [
            ("service_request_id", reference), ("update_id", update_id), ("status", status), ("description", no_markup(description)),
            ("updated_datetime", w3c(at)), *self._common.items(),
        ]  # fmt: skip
        if media_url:
            form.append(("media_url", media_url))
        await self._send("servicerequestupdates", [*form, ("api_key", self._api_key)] if self._api_key else form)

    async def updates(self, start: datetime, end: datetime) -> list[Update] | None:
        """All updates of this time, oldest first; None where the server has no such list."""
        rows = await self._between("servicerequestupdates", start, end)
        if rows is None:
            return None
        found = [one for row in rows if (one := Update.read(row))]
        if rows and not found:
            raise BackOfficeUnavailable("answered with something that is no update")
        return sorted(found, key=lambda one: one.at or end)

    async def outcomes(self, start: datetime, end: datetime) -> list[OutcomeReport] | None:
        """What citizens said, of this time, as others read it too; None where the server has no such list."""
        rows = await self._between("outcomes", start, end)
        return [one for row in rows if (one := OutcomeReport.read(row))] if rows is not None else None

    async def report_outcome(self, reference: str, *, outcome_id: str, outcome: str, at: datetime, channel: str, round: int) -> None:
        """Tell the back office how a request came out for its citizen; the same `outcome_id` and outcome again is a repeat."""
        form = [
            ("service_request_id", reference), ("outcome_id", outcome_id), ("outcome", outcome), ("reported_datetime", w3c(at)),
            ("channel", channel), ("round", str(round)), *self._common.items(),
        ]  # fmt: skip
        await self._send("outcomes", [*form, ("api_key", self._api_key)] if self._api_key else form)

    async def _between(self, path: str, start: datetime, end: datetime) -> list[dict[str, Any]] | None:
        rows: list[dict[str, Any]] = []
        try:
            until = start
            while until < end:
                start, until = until, min(until + WINDOW, end)
                rows += await self._all_of(path, start, until)
        except (BackOfficeRefused, NotFound):
            return None
        return _once(rows)

    async def _all_of(self, path: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """The rows of a window, which is halved until none are cut off. Windows touch, for servers that leave an end out."""
        rows = await self._read(path, start_date=w3c(start), end_date=w3c(end))
        if len(rows) < MOST or end - start <= SHORTEST:
            return rows
        middle = start + (end - start) / 2
        return [*await self._all_of(path, start, middle), *await self._all_of(path, middle, end)]


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row once: windows touch. A row without an id stands for itself."""
    seen: set[tuple[str | None, ...]] = set()
    kept = []
    for row in rows:
        names = ("service_request_id", "update_id", "outcome_id", "updated_datetime", "status", "outcome", "reported_datetime")
        key = tuple(text_of(row.get(name)) for name in names)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return kept
