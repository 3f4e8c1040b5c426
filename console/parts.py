"""What the console's pages are given: the log, the clock, who is calling."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from engagement.log import EngagementLog
from engagement.staff import Staff, StaffSession
from hearback.clock import Clock
from hearback.settings import Settings

LOG = web.AppKey("log", EngagementLog)
CLOCK = web.AppKey("clock", Clock)
COUNCIL = web.AppKey("council", str)
SETTINGS = web.AppKey("settings", Settings)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A proven person: by the session of the cookie, or by an API token, then there is no session. `scopes` None: all that the role may."""

    person: Staff
    session: StaffSession | None = None
    token: str | None = None  # the session's, as the cookie carries it
    scopes: frozenset[str] | None = None


CALLER = web.RequestKey("caller", Caller)
HALF = web.RequestKey("half", Caller)  # whose password was right, and whose second factor's code is still owed


def log(request: web.Request) -> EngagementLog:
    return request.app[LOG]


def caller(request: web.Request) -> Caller:
    """Who calls; only for routes that `console/access.py` does not leave open."""
    return request[CALLER]


def is_api(request: web.Request) -> bool:
    return request.path.startswith("/api/") or request.path.endswith((".json", ".csv"))
