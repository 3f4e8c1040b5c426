"""A read-only Open Referral UK / HSDS 3 directory. https://openreferraluk.org https://docs.openreferral.org/en/latest/hsds/api_reference.html"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web

from backoffice.sandbox.addresses import Addresses
from backoffice.sandbox.directory import Directory, Item, listed, listed_at_location, load_directory
from backoffice.sandbox.hsds_query import BadQuery, Near, flag, found, matching, number
from backoffice.sandbox.hsds_search import Search
from backoffice.sandbox.places import DISTRICTS, Point, postcode
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.settings import Settings

DEFAULT_PER_PAGE, MOST_PER_PAGE = 50, 500
Handler = Callable[[web.Request], Awaitable[web.Response]]


def paged(items: list[Item], query: Mapping[str, str]) -> web.Response:
    """One page of a list, or all of it as ndjson."""
    if query.get("format", "json") == "ndjson":
        return web.Response(text="".join(json.dumps(item) + "\n" for item in items), content_type="application/x-ndjson")
    page, size = number(query, "page", 1, 1) or 1, min(number(query, "per_page", DEFAULT_PER_PAGE, 1) or 1, MOST_PER_PAGE)
    pages = max(-(-len(items) // size), 1)
    contents = items[(page - 1) * size : page * size]
    return web.json_response(
        {
            "total_items": len(items),
            "total_pages": pages,
            "page_number": page,
            "size": len(contents),
            "first_page": page == 1,
            "last_page": page >= pages,
            "empty": not contents,
            "contents": contents,
        }
    )


class Hsds:
    """The read API over one directory."""

    def __init__(self, directory: Directory, postcodes: Mapping[str, Point]) -> None:
        self._directory, self._search = directory, Search(directory.services)
        own = {
            at["location"]["addresses"][0]["postal_code"]: (at["location"]["latitude"], at["location"]["longitude"])
            for at in directory.at_locations
        }
        self._postcodes = {**own, **postcodes}

    def near(self, query: Mapping[str, str]) -> Near | None:
        if not query.get("postcode"):
            return None
        known = postcode(query["postcode"])
        if known is None:
            raise BadQuery("postcode must be a full UK postcode such as AD1 2BC.")
        return Near(self._postcodes.get(known, DISTRICTS.get(known.split()[0])), number(query, "proximity"))

    def matching(self, query: Mapping[str, str]) -> list[Item]:
        """Services by everything but place; the best first where words are searched for, else in the directory's order."""
        services = matching(self._directory, query)
        if not query.get("search", "").strip():
            return services
        scores = self._search.scores(query["search"])
        return sorted((service for service in services if service["id"] in scores), key=lambda service: -scores[service["id"]])

    async def about(self, request: web.Request) -> web.Response:
        body = {
            "version": "HSDS-UK-3.0",
            "profile": "https://docs.openreferraluk.org",
            "openapi_url": "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json",
            "description": "Made-up support in Ashdown, for trying out.",
            "publisher": {"name": "Ashdown Borough Council sandbox"},
        }
        return web.json_response(body)

    async def services(self, request: web.Request) -> web.Response:
        query, near, points = request.query, self.near(request.query), self._directory.points
        services = self.matching(query)
        if near:
            services = [service for service in services if near.covers(points[service["id"]])]
            services.sort(key=lambda service: near.distance(points[service["id"]]))
        if flag(query, "minimal"):
            shown = [{name: service[name] for name in ("id", "name", "status", "last_modified")} for service in services]
        else:
            shown = services if flag(query, "full") else [listed(service) for service in services]
        return paged(shown, query)

    async def at_locations(self, request: web.Request) -> web.Response:
        def point(item: Item) -> list[Point]:
            return [(item["location"]["latitude"], item["location"]["longitude"])]

        query, near = request.query, self.near(request.query)
        ids = {service["id"] for service in self.matching(query)}
        items = [item for item in self._directory.at_locations if item["service"]["id"] in ids]
        if near:
            items = sorted((item for item in items if near.covers(point(item))), key=lambda item: near.distance(point(item)))
        return paged(items if flag(query, "full") else [listed_at_location(item) for item in items], query)

    async def taxonomies(self, request: web.Request) -> web.Response:
        heads = [{name: value for name, value in item.items() if name != "taxonomy_terms"} for item in self._directory.taxonomies]
        return paged(found(heads, request.query.get("search", ""), "name", "description"), request.query)

    async def terms(self, request: web.Request) -> web.Response:
        query = request.query
        items = found(self._directory.terms, query.get("search", ""), "name")
        if query.get("taxonomy_id"):
            items = [item for item in items if item["taxonomy_detail"]["id"] == query["taxonomy_id"]]
        if query.get("parent_id"):
            items = [item for item in items if item.get("parent_id") == query["parent_id"]]
        if flag(query, "top_only"):
            items = [item for item in items if "parent_id" not in item]
        return paged(items, query)

    def one(self, items: Iterable[Item]) -> Handler:
        by_id = {item["id"]: item for item in items}

        async def handle(request: web.Request) -> web.Response:
            item = by_id.get(request.match_info["id"])
            return web.json_response({"error": "There is nothing with this id."}, status=404) if item is None else web.json_response(item)

        return handle

    def routes(self) -> list[web.RouteDef]:
        every = self._directory
        kinds = (
            ("services", self.services, every.services),
            ("service_at_locations", self.at_locations, every.at_locations),
            ("taxonomies", self.taxonomies, every.taxonomies),
            ("taxonomy_terms", self.terms, every.terms),
        )
        lists = [web.get(f"/hsds/{name}", answered(handler)) for name, handler, _ in kinds]
        ones = [web.get(f"/hsds/{name}/{{id}}", self.one(items)) for name, _, items in kinds]
        return [web.get("/hsds", self.about), web.get("/hsds/", self.about), *lists, *ones]


def answered(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except BadQuery as wrong:
            return web.json_response({"error": str(wrong)}, status=400)

    return handle


def routes(settings: Settings, keys: Keys, clock: Clock) -> list[web.RouteDef]:
    return Hsds(load_directory(), Addresses().postcodes()).routes()
