"""A client of the council's bin rounds: addresses, collection days, missed bins, bulky waste."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import aiohttp
import orjson

from backoffice.errors import BackOfficeUnavailable, NotFound

TIMEOUT = aiohttp.ClientTimeout(total=8, connect=3)


@dataclass(frozen=True, kw_only=True)
class Household:
    uprn: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A day on which a container is emptied."""

    on: date
    container: str
    state: str


class Bins:
    """Talks to the rounds system (JSON)."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str) -> None:
        self._session, self._url = session, url.rstrip("/")

    async def households(self, *, postcode: str | None = None, words: str | None = None) -> list[Household]:
        query = {"postcode": postcode} if postcode else {"q": words or ""}
        return [Household(uprn=str(row["uprn"]), address=str(row["address"])) for row in await self._get("addresses", **query)]

    async def collections(self, uprn: str) -> list[Collection]:
        rows = await self._get("collections", uprn=uprn)
        return [Collection(on=date.fromisoformat(row["date"]), container=row["container"], state=row["state"]) for row in rows]

    async def _get(self, path: str, **query: str) -> list[dict[str, Any]]:
        try:
            async with self._session.get(f"{self._url}/{path}", params=query, timeout=TIMEOUT) as answer:
                if answer.status == 404:
                    raise NotFound
                if answer.status != 200:
                    raise BackOfficeUnavailable(f"answered {answer.status}")
                rows = orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError, orjson.JSONDecodeError) as error:
            raise BackOfficeUnavailable(type(error).__name__) from None
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
