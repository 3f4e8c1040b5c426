"""A client of an Open Referral (HSDS 3, UK profile) directory: who helps with what, by partners. Everything is read-only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from backoffice.bodies import body_of
from backoffice.errors import BackOfficeError, BackOfficeUnavailable, NotFound
from backoffice.records import number as number_of
from backoffice.records import rows_of, text_of
from backoffice.support import Support

TIMEOUT = aiohttp.ClientTimeout(total=8, connect=3)
PER_PAGE, MOST_PAGES, AT_ONCE = 100, 50, 4


class Directory:
    """Talks to one HSDS directory."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str) -> None:
        self._session, self._url = session, url.rstrip("/")

    async def services(self, known: Mapping[str, Support]) -> list[Support]:
        """Every service that is offered, whole. Where lists hold heads only, what is unchanged since `known` is not read again."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def whole(row: dict[str, Any]) -> Support | None:
            head = Support.read(row)
            if head is None or "schedules" in row or "phones" in row or "attributes" in row:
                return head
            if not head.id.strip("."):  # an address of another kind, whatever it is escaped to
                return None
            before = known.get(head.id)
            if before and before.modified and before.modified == head.modified:
                return before
            async with gate:
                try:
                    return Support.read(await self._get(f"services/{quote(head.id, safe='')}"))
                except NotFound:
                    return None

        rows = [row async for row in self._all("services", full="true")]
        return [one for one in await asyncio.gather(*map(whole, rows)) if one]

    async def near(self, postcode: str, metres: int) -> dict[str, list[str]] | None:
        """The locations near a postcode, nearest first, by the id of the service given there; None where the directory cannot tell."""
        found: dict[str, list[str]] = {}
        try:
            async for row in self._all("service_at_locations", postcode=postcode, proximity=str(metres)):
                told = [row.get(name) for name in ("service", "location")]
                service, location = (text_of(one.get("id")) if isinstance(one, dict) else None for one in told)
                if service and location:
                    found.setdefault(service, []).append(location)
        except BackOfficeError:
            return None
        return found

    async def _all(self, path: str, **query: str) -> AsyncIterator[dict[str, Any]]:
        """The rows of every page, each once; a server that gives the same page again and again ends it."""
        seen: set[str] = set()
        for number in range(1, MOST_PAGES + 1):
            page = await self._get(path, **query, page=str(number), per_page=str(PER_PAGE))
            rows = rows_of(page.get("contents") if isinstance(page, dict) else page)
            fresh = [row for row in rows if (identity := text_of(row.get("id"))) and identity not in seen]
            seen |= {identity for row in fresh if (identity := text_of(row.get("id")))}
            for row in fresh:
                yield row
            if (
                not fresh
                or not isinstance(page, dict)
                or page.get("last_page") is True
                or number >= (number_of(page.get("total_pages")) or MOST_PAGES)
            ):
                return

    async def _get(self, path: str, **query: str) -> Any:
        try:
            async with self._session.get(f"{self._url}/{path}", params=query, timeout=TIMEOUT) as answer:
                if answer.status == 404:
                    raise NotFound
                if answer.status != 200:
                    raise BackOfficeUnavailable(f"answered {answer.status}")
                return orjson.loads(await body_of(answer))
        except (aiohttp.ClientError, TimeoutError, OSError, orjson.JSONDecodeError) as error:
            raise BackOfficeUnavailable(type(error).__name__) from None
