"""Stands between Hearback and the back office: passes calls on, or answers as a broken system does, before or after the work was done."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import ClientError, ClientSession, ClientTimeout, web

GARBAGE = '<html>502 Bad Gateway {"service_request_id":'
WITHIN = ClientTimeout(total=60)
LATE = 30.0
# What the caller gets; with "done" in its name the back office did what was asked.
MODES = ("500", "500 done", "garbage", "garbage done", "late", "late done", "nothing", "nothing done", "away")


class Proxy:
    """`mode` is one of MODES, or empty where all is well."""

    def __init__(self, sandbox: str) -> None:
        self._sandbox = sandbox
        self.mode, self.url = "", ""
        self.spoilt = 0

    async def __aenter__(self) -> Proxy:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._http = ClientSession(timeout=WITHIN, auto_decompress=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()
        await self._runner.cleanup()

    def settings(self) -> dict[str, str]:
        return {"HEARBACK_OPEN311_URL": f"{self.url}/open311/v2", "HEARBACK_OPEN311_API_KEY": "sandbox", "HEARBACK_WATCH_SECONDS": "5"}

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        mode, body = self.mode, await request.read()
        self.spoilt += bool(mode)
        done: web.Response | None = None
        if not mode or mode.endswith("done"):
            # A caller that goes away does not take back what the back office was asked to do.
            done = await asyncio.shield(asyncio.ensure_future(self._forward(request, body)))
        if done is not None and not mode:
            return done
        if mode.startswith("late"):
            await asyncio.sleep(LATE)
            return done or await self._forward(request, body)
        if mode.startswith("nothing"):
            await asyncio.sleep(WITHIN.total or 60)
        if mode.startswith("500"):
            return web.Response(status=500, text="Internal Server Error")
        if mode.startswith("garbage"):
            return web.Response(text=GARBAGE, content_type="application/json")
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=502)

    async def _forward(self, request: web.Request, body: bytes) -> web.Response:
        headers = {"Content-Type": request.headers["Content-Type"]} if "Content-Type" in request.headers else {}
        with contextlib.suppress(ClientError, TimeoutError, OSError):
            async with self._http.request(request.method, f"{self._sandbox}{request.path_qs}", data=body, headers=headers) as answer:
                kind = answer.headers.get("Content-Type", "application/json")
                return web.Response(status=answer.status, body=await answer.read(), headers={"Content-Type": kind})
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=502)
