"""GET /metrics of a process, and the counting of its requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from hearback import metrics, trace
from hearback.models import Models
from hearback.settings import Settings

FRESH = 3.0  # real seconds for which what was read from the log is shown again
WITHIN = 5.0  # a log that takes longer is shown as down
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """`read` reads the depths from the log; it is asked when somebody looks, and by many at once only once."""

    def __init__(self, settings: Settings, read: Callable[[], Awaitable[metrics.Depths]]) -> None:
        self._token, self._models, self._read = settings.metrics_token, Models.of(settings), read
        self._depths: metrics.Depths | None = None
        self._until = float("-inf")
        self._reading = asyncio.Lock()

    async def show(self, request: web.Request) -> web.Response:
        if not metrics.may_read(request.remote, request.headers.get, self._token):
            if self._token:
                return web.Response(status=401, text="Send the token.\n", headers={"WWW-Authenticate": "Bearer"})
            return web.Response(status=403, text="Only programs of this machine read this; set HEARBACK_METRICS_TOKEN for others.\n")
        depths = await self._fresh()
        model = await asyncio.to_thread(self._models.chosen)
        body, content_type = metrics.page(request.headers.get("Accept", ""), depths, str(model.get("model") or ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _fresh(self) -> metrics.Depths | None:
        async with self._reading:
            if time.monotonic() >= self._until:
                try:
                    self._depths = await asyncio.wait_for(self._read(), WITHIN)
                except Exception:  # whatever ails the log, the page that says so is shown
                    self._depths = None
                self._until = time.monotonic() + FRESH
            return self._depths


@web.middleware
async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count a request by its route, which holds nothing of the caller's, and begin a trace for what is done for it."""
    trace.follow(trace.fresh())
    status = "5xx"
    try:
        response = await handler(request)
        status = f"{response.status // 100}xx"
        return response
    except web.HTTPException as error:
        status = f"{error.status // 100}xx"
        raise
    except (asyncio.CancelledError, ConnectionResetError):
        status = "gone"
        raise
    finally:
        resource = request.match_info.route.resource
        metrics.REQUESTS.labels(resource.canonical if resource else "none", status).inc()
