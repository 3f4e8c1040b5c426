"""The API's description: for programs as OpenAPI, for people as a page."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from console.access import ROUTES as KNOWN
from console.answers import as_json
from console.openapi import described, document
from console.parts import SETTINGS, caller
from console.render import page
from console.routes import data, get


async def openapi(request: web.Request) -> web.Response:
    """GET /api/openapi.json"""
    return as_json(document(request.app[KNOWN].values(), server=_server(request)))


async def api_page(request: web.Request) -> web.Response:
    """The addresses under /api that the caller's role may read, and the shapes of what they answer."""
    whole, role = document(request.app[KNOWN].values(), server=_server(request)), caller(request).person.role
    operations = [
        {"path": path, "method": method.upper(), **about}
        for path, methods in whole["paths"].items()
        for method, about in methods.items()
        if path.startswith("/api/") and role in about["x-roles"]
    ]
    shapes = {name: _fields(about) for name, about in whole["components"]["schemas"].items()}
    csv = [name for name in described()["addresses"] if name.endswith(".csv")]
    return page(request, "api.html", operations=operations, shapes=shapes, server=whole["servers"][0]["url"], csv=csv)


def _server(request: web.Request) -> str:
    return request.app[SETTINGS].console_public or f"{request.scheme}://{request.host}"


def _fields(about: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Of each field its name, kind, meaning and whether it is always there."""
    required = about.get("required", [])
    return [(name, kind_of(one), one.get("description", ""), name in required) for name, one in about.get("properties", {}).items()]


def kind_of(about: dict[str, Any]) -> str:
    """A schema in a few letters: "string or null", "Message[]"."""
    if "$ref" in about:
        return str(about["$ref"].rpartition("/")[2])
    if "anyOf" in about:
        return " or ".join(kind_of(one) for one in about["anyOf"])
    kind = about.get("type", "any")
    if kind == "array":
        return f"{kind_of(about['items'])}[]"
    if about.get("format") == "date-time":
        return "moment or null" if isinstance(kind, list) else "moment"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


ROUTES = (
    get("/api", api_page),
    data("/api/openapi.json", openapi, scope=""),
)
