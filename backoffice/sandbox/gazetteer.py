"""The pretend borough's address gazetteer, with the three searches of Ordnance Survey's Places API that a council's assistant needs."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from backoffice.sandbox.addresses import Addresses, Household
from backoffice.sandbox.places import metres, postcode
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.settings import Settings

MOST = 100
HOUSE = re.compile(r"^\s*(?:flat\s+)?\d+[a-z]?\b,?", re.IGNORECASE)
WHOLE, STREET_ONLY = 1.0, 0.8  # how well an address matches what was asked
FIRST_USRN = 20_300_000


class Gazetteer:
    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._homes = addresses.everyone()
        streets = dict.fromkeys((home.street, home.postcode) for home in self._homes)
        self._usrns = {street: FIRST_USRN + at for at, street in enumerate(streets, 1)}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/places/v1/find", self.find),
            web.get("/places/v1/postcode", self.postcode),
            web.get("/places/v1/nearest", self.nearest),
        ]

    async def find(self, request: web.Request) -> web.Response:
        """Addresses like the words of `query`; where the house is not known, those of its street."""
        query, least = request.query.get("query", ""), float(request.query.get("minmatch", "0"))
        if not query.strip():
            return _refused("Parameter query is missing.")
        found, match = self._addresses.find(text=query), WHOLE
        if not found and HOUSE.match(query):
            found, match = self._addresses.find(text=HOUSE.sub("", query)), STREET_ONLY
        return self._answer(found if match >= least else [], match)

    async def postcode(self, request: web.Request) -> web.Response:
        code = postcode(request.query.get("postcode", ""))
        return self._answer(self._addresses.find(code=code), WHOLE) if code else _refused("Parameter postcode is not a postcode.")

    async def nearest(self, request: web.Request) -> web.Response:
        """The address nearest to `point`, not further away than `radius` metres."""
        found = re.fullmatch(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)", request.query.get("point", ""))
        if found is None:
            return _refused("Parameter point must be a latitude and a longitude.")
        point = (float(found[1]), float(found[2]))
        home = min(self._homes, key=lambda one: metres(one.point, point))
        return self._answer([home] if metres(home.point, point) <= float(request.query.get("radius", "100")) else [], WHOLE)

    def _answer(self, homes: list[Household], match: float) -> web.Response:
        shown = homes[:MOST]
        header = {"totalresults": len(homes), "maxresults": MOST, "dataset": "LPI", "format": "JSON", "output_srs": "EPSG:4326"}
        return web.json_response({"header": header, "results": [{"LPI": self._shown(home, match)} for home in shown]})

    def _shown(self, home: Household, match: float) -> dict[str, Any]:
        return {
            "UPRN": home.uprn,
            "ADDRESS": home.address.upper(),
            "USRN": str(self._usrns[home.street, home.postcode]),
            "STREET_DESCRIPTION": home.street.upper(),
            "POSTCODE_LOCATOR": home.postcode,
            "LNG": home.point[1],
            "LAT": home.point[0],
            "MATCH": match,
            "LANGUAGE": "EN",
        }


def _refused(sentence: str) -> web.Response:
    return web.json_response({"error": {"statuscode": 400, "message": sentence}}, status=400)


def routes(settings: Settings, keys: Keys, clock: Clock) -> list[web.RouteDef]:
    return Gazetteer(Addresses()).routes()
