"""Looks at requests in the back office: many at once where the server can, one by one where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from backoffice.errors import BackOfficeError, BackOfficeUnavailable, NotFound
from backoffice.open311 import Open311Client
from backoffice.records import ServiceRequest

BATCH = 50
STILL_NO_BATCHES = 20  # batches that are left out after one that did not help
SILENCES = 2  # questions in a row without an answer, after which the server is away


@dataclass
class Looked:
    """`missing` are not there, `failed` could not be read; what is in none of the three was not asked for, because the server is `away`."""

    found: dict[str, ServiceRequest] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    away: bool = False


class Looker:
    def __init__(self, open311: Open311Client) -> None:
        self._open311 = open311
        self._leave_out = 0  # batches not to try: this server does not answer lists

    async def look(self, references: list[str]) -> Looked:
        looked, silent = Looked(), 0
        for batch in _batches(references):
            in_list = await self._together(batch)
            looked.found.update(in_list)
            left = [one for one in batch if one not in in_list]
            for reference in left:
                silent = await self._single(reference, looked, silent)
                if silent >= SILENCES:
                    looked.away = True
                    return looked
            if len(batch) > 1 and any(one in looked.found for one in left):
                self._leave_out = STILL_NO_BATCHES
        return looked

    async def _together(self, batch: list[str]) -> dict[str, ServiceRequest]:
        """What a list gives of those that were asked for; nothing where the server makes nothing of lists."""
        if len(batch) == 1 or self._leave_out:
            self._leave_out = max(0, self._leave_out - 1)
            return {}
        try:
            wanted = set(batch)
            return {one.reference: one for one in await self._open311.requests(batch) if one.reference in wanted}
        except BackOfficeError:
            return {}  # perhaps because of one of them

    async def _single(self, reference: str, looked: Looked, silent: int) -> int:
        """How often in a row the server has not answered at all."""
        try:
            found = await self._open311.request(reference)
        except NotFound:
            looked.missing.add(reference)
        except BackOfficeUnavailable as error:
            looked.failed.add(reference)
            return 0 if error.reasons else silent + 1
        except BackOfficeError:
            looked.failed.add(reference)
        else:
            if found.reference.casefold() == reference.casefold():
                looked.found[reference] = found
            else:
                looked.failed.add(reference)  # another one than was asked for
        return 0


def _batches(references: list[str]) -> Iterator[list[str]]:
    once = list(dict.fromkeys(references))
    for at in range(0, len(once), BATCH):
        yield once[at : at + BATCH]
