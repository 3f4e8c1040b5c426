"""Who may call what: one table, and the middleware that proves it before anything else is read."""

from __future__ import annotations

from enum import Enum
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from console.parts import CALLER, Caller, log
from engagement.database import LogUnavailable

SESSION_COOKIE = "hearback_console"


class Access(Enum):
    """What a route asks of its caller."""

    OPEN = "anybody; the log is not asked who they are"
    SIGN_IN = "anybody, in order to sign in"
    STAFF = "a signed-in person"
    API = "an API token, or for reading a signed-in person"


# Every route is here (HEAD goes with GET). A route that is missing is refused at start and by a test.
ACCESS = {
    "GET /health": Access.OPEN,
    "GET /static/{path}": Access.OPEN,
    "GET /sign-in": Access.SIGN_IN,
    "POST /sign-in": Access.SIGN_IN,
    "POST /sign-out": Access.STAFF,
    "GET /": Access.STAFF,
    "GET /conversations": Access.STAFF,
    "GET /conversations/{id}": Access.STAFF,
    "POST /conversations/{id}/phone": Access.STAFF,
    "GET /requests": Access.STAFF,
    "GET /measures": Access.STAFF,
    "GET /measures/{name}": Access.STAFF,
    "POST /handovers/{id}/close": Access.STAFF,
    "GET /account": Access.STAFF,
    "POST /account/password": Access.STAFF,
    "POST /account/tokens": Access.STAFF,
    "POST /account/tokens/withdraw": Access.STAFF,
    "GET /api/conversations": Access.API,
    "GET /api/conversations.csv": Access.API,
    "GET /api/conversations/{id}": Access.API,
    "GET /api/requests": Access.API,
    "GET /api/requests.csv": Access.API,
    "GET /api/measures": Access.API,
    "GET /api/measures.csv": Access.API,
}


class UndeclaredRoute(Exception):
    """A route that says nowhere who may call it; the message names it."""


def declared(method: str, path: str) -> Access:
    """What the table says of a route, `path` as the router spells it."""
    name = f"{'GET' if method == 'HEAD' else method} {path}"
    try:
        return ACCESS[name]
    except KeyError:
        raise UndeclaredRoute(f"{name} is not in console/access.py: say there who may call it.") from None


def check_declared(app: web.Application) -> None:
    """Raise UndeclaredRoute unless each route of the application is in the table."""
    for route in app.router.routes():
        declared(route.method, route.resource.canonical if route.resource else "?")


def access_of(request: web.Request) -> Access | None:
    """What the called route asks; None where there is no such route."""
    match = request.match_info
    if match.http_exception is not None:
        return None
    resource = match.route.resource
    return declared(request.method, resource.canonical if resource else "?")


@web.middleware
async def prove_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who is calling, and refuse who may not."""
    access = access_of(request)
    if access is None:
        await _look_for_person(request)
    elif access is Access.API:
        await _prove_api(request)
    elif access is not Access.OPEN:
        found = await _session(request)
        if found is not None:
            request[CALLER] = found
        elif access is Access.STAFF:
            raise web.HTTPSeeOther(_sign_in_address(request))
    return await handler(request)


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
