"""A client of an Open Referral (HSDS 3, UK profile) directory: who helps with what, by partners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from backoffice.errors import BackOfficeUnavailable
from backoffice.records import text_of

TIMEOUT = aiohttp.ClientTimeout(total=8, connect=3)


@dataclass(frozen=True, kw_only=True)
class Support:
    """A service of a partner that a citizen can turn to."""

    id: str
    name: str
    description: str | None
    organization: str | None
    phone: str | None
    email: str | None
    url: str | None
    address: str | None
    when: str | None

    @classmethod
    def read(cls, row: dict[str, Any]) -> Support | None:
        identity, name = text_of(row.get("id")), text_of(row.get("name"))
        if identity is None or name is None:
            return None
        organization = row.get("organization") or {}
        phones = [text_of(phone.get("number")) for phone in row.get("phones") or ()]
        schedules = [text_of(schedule.get("description")) for schedule in row.get("schedules") or ()]
        return cls(
            id=identity,
            name=name,
            description=text_of(row.get("description")),
            organization=text_of(organization.get("name")),
            phone=next((phone for phone in phones if phone), None),
            email=text_of(row.get("email")),
            url=text_of(row.get("url")),
            address=_address(row),
            when=next((schedule for schedule in schedules if schedule), None),
        )


def _address(row: dict[str, Any]) -> str | None:
    for place in row.get("service_at_locations") or ():
        for address in (place.get("location") or {}).get("addresses") or ():
            parts = [text_of(address.get(part)) for part in ("address_1", "city", "postal_code")]
            return ", ".join(part for part in parts if part) or None
    return None


class Directory:
    """Talks to one HSDS directory; everything is read-only."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str) -> None:
        self._session, self._url = session, url.rstrip("/")

    async def search(self, need: str, *, limit: int = 3) -> list[Support]:
        """The active services that match a need in words, best first, with their details."""
        page = await self._get("services", search=need, per_page=str(limit))
        contents = page.get("contents") if isinstance(page, dict) else None
        rows = [row for row in contents or () if isinstance(row, dict) and row.get("status", "active") == "active"]
        whole = [await self._get(f"services/{row['id']}") if "phones" not in row else row for row in rows[:limit] if row.get("id")]
        return [support for row in whole if isinstance(row, dict) and (support := Support.read(row))]

    async def _get(self, path: str, **query: str) -> Any:
        try:
            async with self._session.get(f"{self._url}/{path}", params=query, timeout=TIMEOUT) as answer:
                if answer.status != 200:
                    raise BackOfficeUnavailable(f"answered {answer.status}")
                return orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError, orjson.JSONDecodeError) as error:
            raise BackOfficeUnavailable(type(error).__name__) from None
