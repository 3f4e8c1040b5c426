"""A client of the address gazetteer (local land and property identifiers) in the manner of Ordnance Survey's Places API."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from backoffice.bodies import body_of
from backoffice.errors import BackOfficeUnavailable
from backoffice.records import number, rows_of, text_of
from hearback.area import Point

TIMEOUT = aiohttp.ClientTimeout(total=3, connect=2)  # a citizen waits, and a place in words is good enough
LIKE_ENOUGH = "0.7"  # of 1: how well an address must match the words
MOST = "100"
CLOSE_BY = "300"  # metres around a point in which its street is looked for


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A street, or a house in it: its name, a postcode of it and a point."""

    usrn: str
    street: str
    postcode: str
    point: Point

    @property
    def title(self) -> str:
        return ", ".join(part for part in (self.street, self.postcode) if part)


class Gazetteer:
    """Finds streets and houses. `custodian_code` keeps searches to one council's addresses."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str, key: str = "", custodian_code: str | None = None) -> None:
        self._session, self._url = session, url.rstrip("/")
        self._common = {"dataset": "LPI", "lr": "EN", "srs": "EPSG:4326", "output_srs": "EPSG:4326", **({"key": key} if key else {})}
        self._ours = {"fq": f"LOCAL_CUSTODIAN_CODE:{custodian_code}"} if custodian_code else {}

    async def find(self, words: str) -> list[Spot]:
        """The streets that the words name ("12 Mill Lane, AD1 2BC"), each with the point of the house where one is named."""
        rows = await self._get("find", query=words, minmatch=LIKE_ENOUGH, maxresults=MOST, **self._ours)
        asked = set(_plain(words))
        rows = [row for row in rows if set(_plain(row.get("STREET_DESCRIPTION"))[:1]) & asked]
        best = max((number(row.get("MATCH")) or 0 for row in rows), default=0)
        return _spots([row for row in rows if (number(row.get("MATCH")) or 0) == best])

    async def in_postcode(self, postcode: str) -> list[Spot]:
        return _spots(await self._get("postcode", postcode=postcode, maxresults=MOST))

    async def nearest(self, point: Point) -> Spot | None:
        """The street at a point."""
        spots = _spots(await self._get("nearest", point=f"{point[0]},{point[1]}", radius=CLOSE_BY))
        return spots[0] if spots else None

    async def _get(self, path: str, **query: str) -> list[dict[str, Any]]:
        try:
            async with self._session.get(f"{self._url}/{path}", params={**self._common, **query}, timeout=TIMEOUT) as answer:
                if answer.status != 200:
                    raise BackOfficeUnavailable(f"answered {answer.status}")
                body = orjson.loads(await body_of(answer))
        except (aiohttp.ClientError, TimeoutError, OSError, orjson.JSONDecodeError) as error:
            raise BackOfficeUnavailable(type(error).__name__) from None
        rows = rows_of(body.get("results")) if isinstance(body, dict) else []
        return [row["LPI"] for row in rows if isinstance(row.get("LPI"), dict)]


def _spots(rows: list[dict[str, Any]]) -> list[Spot]:
    """One spot for each street, in the middle of its rows, in their order."""
    streets: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        usrn = text_of(row.get("USRN"))
        if usrn and text_of(row.get("STREET_DESCRIPTION")) and number(row.get("LAT")) is not None and number(row.get("LNG")) is not None:
            streets.setdefault(usrn, []).append(row)
    return [_spot(usrn, found) for usrn, found in streets.items()]


def _spot(usrn: str, rows: list[dict[str, Any]]) -> Spot:
    middle = rows[len(rows) // 2]
    return Spot(
        usrn=usrn,
        street=string.capwords(str(middle["STREET_DESCRIPTION"])),
        postcode=text_of(middle.get("POSTCODE_LOCATOR")) or "",
        point=(float(middle["LAT"]), float(middle["LNG"])),
    )


def _plain(text: object) -> list[str]:
    return re.findall(r"[a-z0-9]+", str(text or "").lower().replace("'", "").replace("’", ""))
