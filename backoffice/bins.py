"""A client of the council's bin rounds: addresses, collection days, missed bins, bulky waste."""

from __future__ import annotations

from datetime import date
from typing import Any

import aiohttp
import orjson

from backoffice.bin_records import BulkyRules, Collection, Container, Household, Missed, Slot
from backoffice.bodies import body_of
from backoffice.errors import BackOfficeUnavailable, NotFound
from backoffice.records import rows_of, text_of

TIMEOUT = aiohttp.ClientTimeout(total=8, connect=3)
TAKEN, NOT_TAKEN = 201, 409


class Bins:
    """Talks to the rounds system (JSON)."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str) -> None:
        self._session, self._url = session, url.rstrip("/")

    async def households(self, words: str) -> list[Household]:
        """Homes by address, postcode or parts of them ("12 mill ln", "AD1 2BC"); none when the words are no address."""
        pairs = [(text_of(row.get("uprn")), text_of(row.get("address"))) for row in rows_of(await self._get("addresses", q=words))]
        return [Household(uprn=uprn, address=address) for uprn, address in pairs if uprn and address]

    async def collections(self, uprn: str, *, since: date | None = None) -> list[Collection]:
        """From today, or from `since`, in order of days."""
        query = {"since": since.isoformat()} if since else {}
        rows = rows_of(await self._get("collections", uprn=uprn, **query))
        return sorted((one for row in rows if (one := Collection.read(row))), key=lambda one: one.on)

    async def containers(self) -> list[Container]:
        return [one for row in rows_of(await self._get("containers")) if (one := Container.read(row))]

    async def missed(self, uprn: str, container: str) -> Missed:
        """Whether a container's latest collection can be reported as missed."""
        return Missed.read(_row(await self._get("missed", uprn=uprn, container=container)))

    async def report_missed(self, uprn: str, container: str, *, day: date, reported_as: str | None) -> None:
        """Tell the rounds system; what it knows already, or will not take, changes nothing."""
        body = {"uprn": uprn, "container": container, "date": day.isoformat(), "reported_as": reported_as}
        await self._call("POST", "missed", json=body)

    async def bulky_slots(self) -> list[Slot]:
        """The half days that still have places, in their order."""
        return [one for row in rows_of(await self._get("bulky/slots")) if (one := Slot.read(row)) and one.places > 0]

    async def bulky_rules(self) -> BulkyRules:
        return BulkyRules.read(_row(await self._get("bulky/prices")))

    async def _get(self, path: str, **query: str) -> Any:
        return await self._call("GET", path, params=query)

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        try:
            async with self._session.request(method, f"{self._url}/{path}", timeout=TIMEOUT, **more) as answer:
                if answer.status == 404:
                    raise NotFound
                if answer.status not in {200, TAKEN, NOT_TAKEN}:
                    raise BackOfficeUnavailable(f"answered {answer.status}")
                return orjson.loads(await body_of(answer))
        except (aiohttp.ClientError, TimeoutError, OSError, orjson.JSONDecodeError) as error:
            raise BackOfficeUnavailable(type(error).__name__) from None


def _row(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BackOfficeUnavailable("answered with something else")
    return value
