"""The API's OpenAPI 3.1 description, made from the routes that answer it and from what console/described.yml says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from console.routes import Access, Route
from console.shorthand import schema

FILE = Path(__file__).parent / "described.yml"
VERSION = "1"
ALWAYS = {
    401: "No valid token or session.",
    403: "The role, or the token’s scope, does not reach so far.",
    503: "The log cannot be read now.",
}
MEANINGS = {
    400: "Something that was given cannot be used.", 404: "There is nothing here.", 409: "Somebody else was faster.", 413: "Too large.",
    415: "Of a kind that is not taken.", 422: "It cannot be used.", 429: "Too often.",
}  # fmt: skip
PARAMETER = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}")


class Undescribed(Exception):
    """An address of the API that console/described.yml does not describe; the message says what to do."""


@cache
def described() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def api_routes(routes: Iterable[Route]) -> list[Route]:
    return [route for route in routes if route.access is Access.API]


def key_of(route: Route) -> str:
    """Under which name console/described.yml describes this route; a page's `.json` goes with its address under /api."""
    path = PARAMETER.sub(r"{\1}", route.path)
    if path in described()["addresses"]:
        return path
    if path.endswith(".json") and path != "/api/openapi.json":
        path = path.removesuffix(".json") if path.startswith("/api/") else f"/api{path.removesuffix('.json')}"
    return path if route.method == "GET" else f"{route.method} {path}"


def entry_of(route: Route) -> dict[str, Any]:
    """What console/described.yml says of this route; raises Undescribed."""
    try:
        return dict(described()["addresses"][key_of(route)])
    except KeyError:
        raise Undescribed(
            f"{route.name} is an address of the API that nothing describes: add {key_of(route)!r} to `addresses` in console/described.yml, "
            "with `says`, `takes` and `answers`."
        ) from None


def document(routes: Iterable[Route], *, server: str) -> dict[str, Any]:
    """The whole description; raises Undescribed."""
    shapes = described()["shapes"]
    paths: dict[str, dict[str, Any]] = {}
    scopes = set()
    for route in sorted(api_routes(routes), key=lambda route: (not route.path.startswith("/api/"), route.path)):
        paths.setdefault(PARAMETER.sub(r"{\1}", route.path), {})[route.method.lower()] = operation(route)
        scopes |= {route.scope} if route.scope else set()
    token = "A token of the console’s account page or of `hearback user token`. Its scopes: " + ", ".join(sorted(scopes)) + "."
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hearback console",
            "version": VERSION,
            "description": "What service teams read, for programs. Errors are JSON with a sentence.",
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": {name: schema(shape, shapes) for name, shape in shapes.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": token}},
        },
    }


def operation(route: Route) -> dict[str, Any]:
    """One address: what it takes, what it answers, and what it needs."""
    entry = entry_of(route)
    parameters = [*_in_path(route), *(_in_query(name) for name in entry.get("takes", []))]
    errors = set(entry.get("errors", [])) | set(ALWAYS)
    if entry.get("takes"):
        errors.add(400)
    if "{" in route.path:
        errors.add(404)
    answers = {"200": {"description": entry["says"], "content": _content(entry)}}
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    answers |= {str(status): {"description": {**MEANINGS, **ALWAYS}[status], "content": error} for status in sorted(errors)}
    whole = {
        "operationId": f"{route.method.lower()}_" + re.sub(r"\W+", "_", PARAMETER.sub(r"\1", route.path)).strip("_"),
        "summary": entry["says"],
        "security": [{"token": [route.scope] if route.scope else []}],
        "x-roles": sorted(route.roles),
        "parameters": parameters,
        "responses": answers,
    }
    if entry.get("form"):
        fields = {"schema": schema(entry["form"], described()["shapes"])}
        whole["requestBody"] = {"required": True, "content": {"application/x-www-form-urlencoded": fields}}
    return whole


def _content(entry: dict[str, Any]) -> dict[str, Any]:
    if entry.get("csv"):
        return {"text/csv": {"schema": {"type": "string"}}}
    if entry.get("stream"):
        return {"text/event-stream": {"schema": {"type": "string"}}}
    return {"application/json": {"schema": schema(entry["answers"], described()["shapes"])}}


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": found[1], "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{found[2] or '[^{}/]+'}$"}}
        for found in PARAMETER.finditer(route.path)
    ]


def _in_query(name: str) -> dict[str, Any]:
    about = dict(described()["parameters"][name])
    shown = {"name": about.pop("name", name), "in": "query", "description": about.pop("says")}
    if "example" in about:
        shown["example"] = about.pop("example")
    return {**shown, "schema": {"type": "string", **about}}
