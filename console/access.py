"""Proves who is calling, and that their role may, before anything else is read."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from console.parts import CALLER, Caller, log
from console.routes import Access, Route
from engagement.database import LogUnavailable

SESSION_COOKIE = "hearback_console"
ROUTES = web.AppKey("routes", dict[str, Route])


class UndeclaredRoute(Exception):
    """A route that says nowhere who may call it; the message names it."""


class RoleRefused(web.HTTPForbidden):
    """The caller is known, and their role or token does not reach so far."""


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Let the application answer these and no others."""
    app[ROUTES] = {}
    for route in routes:
        app.router.add_route(route.method, route.path, route.handler)
        if route.method == "GET" and not route.path.startswith("/events"):
            app.router.add_route("HEAD", route.path, route.handler)
        app[ROUTES][route.name] = route
    check_declared(app)


def declared(app: web.Application, method: str, path: str) -> Route:
    """What a route says of itself, `path` as the router spells it; HEAD goes with GET."""
    name = f"{'GET' if method == 'HEAD' else method} {path}"
    try:
        return app[ROUTES][name]
    except KeyError:
        raise UndeclaredRoute(f"{name} does not say who may call it: add it to the ROUTES of its page.") from None


def check_declared(app: web.Application) -> None:
    """Raise UndeclaredRoute unless each route of the application says who may call it."""
    for route in app.router.routes():
        declared(app, route.method, route.resource.canonical if route.resource else "?")


def route_of(request: web.Request) -> Route | None:
    """The called route; None where there is no such route."""
    match = request.match_info
    if match.http_exception is not None:
        return None
    resource = match.route.resource
    return declared(request.app, request.method, resource.canonical if resource else "?")


@web.middleware
async def prove_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who is calling, and refuse who may not."""
    route = route_of(request)
    if route is None:
        await _look_for_person(request)
    elif route.access is Access.API:
        await _prove_api(request)
    elif route.access is not Access.OPEN:
        found = await _session(request)
        if found is not None:
            request[CALLER] = found
        elif route.access is Access.STAFF:
            raise web.HTTPSeeOther(_sign_in_address(request))
    if route is not None and CALLER in request and request[CALLER].person.role not in route.roles:
        raise RoleRefused
    return await handler(request)


def may(request: web.Request, address: str) -> bool:
    """Whether the caller's role may read the page at `address`; False where there is none."""
    route = request.app[ROUTES].get(f"GET {address}")
    return route is not None and CALLER in request and request[CALLER].person.role in route.roles


async def _session(request: web.Request) -> Caller | None:
    token = request.cookies.get(SESSION_COOKIE)
    session = await log(request).staff.session(token) if token else None
    return Caller(person=session.staff, session=session, token=token) if session else None


async def _prove_api(request: web.Request) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found: Caller | None = None
    if scheme:
        person = await log(request).staff.of_api_token(token.strip()) if scheme.lower() == "bearer" else None
        found = Caller(person=person) if person else None
    elif request.method in {"GET", "HEAD"}:
        found = await _session(request)
    if found is None:
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Bearer realm="Hearback console"'})
    request[CALLER] = found


async def _look_for_person(request: web.Request) -> None:
    try:
        found = await _session(request)
    except LogUnavailable:
        return  # the page that says "not found" can be read without a name on it
    if found is not None:
        request[CALLER] = found


def _sign_in_address(request: web.Request) -> str:
    after = request.raw_path if request.method in {"GET", "HEAD"} else "/"
    ended = "&ended=1" if SESSION_COOKIE in request.cookies else ""
    return "/sign-in" if after == "/" and not ended else f"/sign-in?next={quote(after, safe='/')}{ended}"
