"""What a route says of itself: its address, who may call it, in which roles, and what an API token needs for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from aiohttp import web

REVIEWER, APPROVER, AGENT, ANALYST, ADMIN = ROLES = ("reviewer", "approver", "agent", "analyst", "admin")
EVERYBODY = frozenset(ROLES)
READERS = EVERYBODY - {ANALYST}  # may read what citizens said
APPROVERS = frozenset({APPROVER, ADMIN})
AGENTS = frozenset({AGENT, ADMIN})  # talk with citizens, and see how to reach them
ADMINS = frozenset({ADMIN})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Access(Enum):
    """What a route asks of its caller."""

    OPEN = "anybody; the log is not asked who they are"
    SIGN_IN = "anybody, in order to sign in"
    STAFF = "a signed-in person"
    API = "an API token, or for reading a signed-in person"


@dataclass(frozen=True, kw_only=True)
class Route:
    """`roles` may call it; `scope` is what an API token must have been given; `files`: its form may carry a file.

    `owing`: also for who owes a step first, such as a new password or a second factor.
    """

    method: str
    path: str
    handler: Handler
    access: Access = Access.STAFF
    roles: frozenset[str] = EVERYBODY
    scope: str = ""
    files: bool = False
    owing: bool = False

    @property
    def name(self) -> str:
        """Method and path as the router spells it: "GET /conversations/{id}"."""
        return f"{self.method} {web.DynamicResource(self.path).canonical if '{' in self.path else self.path}"


def get(path: str, handler: Handler, roles: frozenset[str] = EVERYBODY, *, owing: bool = False) -> Route:
    """A page for signed-in people."""
    return Route(method="GET", path=path, handler=handler, roles=roles, owing=owing)


def post(path: str, handler: Handler, roles: frozenset[str] = EVERYBODY, *, files: bool = False, owing: bool = False) -> Route:
    """A form that signed-in people send."""
    return Route(method="POST", path=path, handler=handler, roles=roles, files=files, owing=owing)


def data(path: str, handler: Handler, roles: frozenset[str] = EVERYBODY, *, scope: str) -> Route:
    """An address of the API."""
    return Route(method="GET", path=path, handler=handler, access=Access.API, roles=roles, scope=scope)


def shown(path: str, page: Handler, as_data: Handler, roles: frozenset[str] = EVERYBODY, *, scope: str) -> Iterable[Route]:
    """A page, and what it shows as JSON, at `path`.json and under /api."""
    return (
        get(path, page, roles),
        data(f"{path}.json", as_data, roles, scope=scope),
        data(f"/api{path}", as_data, roles, scope=scope),
    )


def scopes_of(role: str, routes: Iterable[Route]) -> list[str]:
    """What an API token of somebody in this role can be made for."""
    return sorted({route.scope for route in routes if route.access is Access.API and route.scope and role in route.roles})
