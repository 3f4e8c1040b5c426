"""Proves who is calling, and that their role may, before anything else is read."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from console.parts import CALLER, CLOCK, HALF, SETTINGS, Caller, log
from console.routes import ADMIN, Access, Route
from console.safety import by_https
from engagement.database import LogUnavailable

SESSION_COOKIE = "hearback_console"
ROUTES = web.AppKey("routes", dict[str, Route])
REFUSED = web.AppKey("refused", dict[tuple[int, str], float])  # when a person was last noted as refused somewhere
NOTED_EVERY = 60.0  # real seconds
NEW_PASSWORD, SECOND_FACTOR = "/account/new-password", "/account/second-factor"


class UndeclaredRoute(Exception):
    """A route that says nowhere who may call it; the message names it."""


class RoleRefused(web.HTTPForbidden):
    """The caller is known, and their role does not reach so far; `roles` do."""

    def __init__(self, roles: Iterable[str]) -> None:
        super().__init__()
        self.roles = sorted(roles)


class ScopeRefused(web.HTTPForbidden):
    """The caller's role reaches so far, and their token was not made for it; `scope` would be."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope


class StepOwed(web.HTTPForbidden):
    """The caller must choose a password or set up a second factor before anything else."""


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Let the application answer these and no others."""
    app[ROUTES], app[REFUSED] = {}, {}
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
        await _prove_session(request, route)
    if route is not None and CALLER in request and route.access is not Access.SIGN_IN:
        await _check(request, route, request[CALLER])
    return await handler(request)


async def _prove_session(request: web.Request, route: Route) -> None:
    found = await _session(request)
    if found is not None and found.session is not None and found.session.half:
        request[HALF] = found
    elif found is not None:
        request[CALLER] = found
    if route.access is Access.STAFF and CALLER not in request:
        raise web.HTTPSeeOther("/sign-in/code" if HALF in request else _sign_in_address(request))


async def _check(request: web.Request, route: Route, who: Caller) -> None:
    """What the caller's role, token and owed steps allow; a refusal is written down, once a minute for each person and route."""
    if (step := owed(request, who)) and not route.owing:
        raise StepOwed if route.access is Access.API else web.HTTPSeeOther(step)
    refusal = _refusal(route, who)
    if refusal is not None:
        now, last = request.app[CLOCK].real(), request.app[REFUSED]
        if abs(now - last.get((who.person.id, route.name), 0.0)) >= NOTED_EVERY:
            last[who.person.id, route.name] = now
            details = {"role": who.person.role, **({"scope": refusal.scope} if isinstance(refusal, ScopeRefused) else {})}
            await log(request).staff.note(who.person, "refused", route.name, details)
        raise refusal


def _refusal(route: Route, who: Caller) -> RoleRefused | ScopeRefused | None:
    if who.person.role not in route.roles:
        return RoleRefused(route.roles)
    if route.scope and who.scopes is not None and route.scope not in who.scopes:
        return ScopeRefused(route.scope)
    return None


def owed(request: web.Request, who: Caller) -> str | None:
    """The page of the step that a signed-in person owes before anything else. Who comes from the single sign-on proves themselves there."""
    if who.session is None or who.session.way == "openid":
        return None
    if who.person.password_once_until is not None:
        return NEW_PASSWORD
    return SECOND_FACTOR if must_have_second_factor(request, who) and not who.person.second_factor else None


def must_have_second_factor(request: web.Request, who: Caller) -> bool:
    wanted = request.app[SETTINGS].second_factor
    return wanted == "all" or (wanted == "admins" and who.person.role == ADMIN)


def may(request: web.Request, address: str) -> bool:
    """Whether the caller's role may read the page at `address`; False where there is none."""
    route = request.app[ROUTES].get(f"GET {address}")
    return route is not None and CALLER in request and request[CALLER].person.role in route.roles


def session_cookie(request: web.Request) -> str:
    """The name of the session's cookie. With this prefix browsers take it by https alone, and from this host alone:
    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes"""
    return f"__Host-{SESSION_COOKIE}" if by_https(request) else SESSION_COOKIE


async def _session(request: web.Request) -> Caller | None:
    token = request.cookies.get(session_cookie(request))
    session = await log(request).staff.session(token) if token else None
    return Caller(person=session.staff, session=session, token=token) if session else None


async def _prove_api(request: web.Request) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found: Caller | None = None
    if scheme:
        known = await log(request).staff.of_api_token(token.strip()) if scheme.lower() == "bearer" else None
        found = Caller(person=known[0], scopes=known[1]) if known else None
    elif request.method in {"GET", "HEAD"}:
        found = await _session(request)
    if found is None or (found.session is not None and found.session.half):
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Bearer realm="Hearback console"'})
    request[CALLER] = found


async def _look_for_person(request: web.Request) -> None:
    try:
        found = await _session(request)
    except LogUnavailable:
        return  # the page that says "not found" can be read without a name on it
    if found is not None and found.session is not None and not found.session.half:
        request[CALLER] = found


def _sign_in_address(request: web.Request) -> str:
    after = request.raw_path if request.method in {"GET", "HEAD"} else "/"
    ended = "&ended=1" if session_cookie(request) in request.cookies else ""
    return "/sign-in" if after == "/" and not ended else f"/sign-in?next={quote(after, safe='/')}{ended}"
