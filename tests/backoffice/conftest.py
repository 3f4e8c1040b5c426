"""A client of a small server that answers everything with one handler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backoffice import georeport
from backoffice.open311 import Open311Client

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def world(monkeypatch: Any) -> AsyncIterator[Any]:
    """serve(handler) → a client of a server that answers everything with that handler; `calls` counts."""
    monkeypatch.setattr(georeport, "PAUSE", 0.01)
    opened: list[Any] = []

    async def serve(handler: Handler, **settings: str) -> Open311Client:
        app = web.Application()

        async def counted(request: web.Request) -> web.StreamResponse:
            serve.calls.append((request.method, request.path, request.query_string, await request.text()))  # type: ignore[attr-defined]
            return await handler(request)

        app.router.add_route("*", "/{path:.*}", counted)
        server = TestServer(app)
        await server.start_server()
        session = aiohttp.ClientSession()
        opened.extend([session, server])
        return Open311Client(session, url=str(server.make_url("/v2")), **{"api_key": "key", "jurisdiction": "town", **settings})

    serve.calls = []  # type: ignore[attr-defined]
    yield serve
    for one in opened:
        await one.close()
