"""A council's own site that embeds the chat: another origin, with a strict policy about what its pages may load."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web
from playwright.async_api import Page

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body><main><h1>{title}</h1><p><a href="/roads">Roads</a> <a href="/bins">Bins</a></p></main>{scripts}</body></html>"""


@dataclass
class Site:
    """`tag` is what the council pasted into its pages; `policy` its Content-Security-Policy."""

    origin: str
    chat: str
    times: int = 1

    @property
    def policy(self) -> str:
        ours = f"default-src 'none'; script-src {self.chat}; connect-src {self.chat}; img-src 'self'; style-src 'self'"
        return f"{ours}; require-trusted-types-for 'script'"

    async def page(self, request: web.Request) -> web.Response:
        scripts = f'<script src="{self.chat}/widget.js" defer></script>' * self.times
        words = PAGE.format(title=request.match_info["name"].title() or "Home", scripts=scripts)
        return web.Response(text=words, content_type="text/html", headers={"Content-Security-Policy": self.policy})


@contextlib.asynccontextmanager
async def running_site(origin: str, chat: str) -> AsyncIterator[Site]:
    site = Site(origin, chat)
    app = web.Application()
    app.add_routes([web.get("/favicon.ico", lambda _: web.Response(status=204)), web.get("/{name:[a-z]*}", site.page)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "localhost", urlsplit(origin).port).start()
    try:
        yield site
    finally:
        await runner.cleanup()


def asked(page: Page) -> list[str]:
    """The address of everything that the page fetches from now on."""
    addresses: list[str] = []
    page.context.on("request", lambda request: addresses.append(request.url))
    return addresses
