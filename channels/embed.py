"""What other pages embed: the widget's script and the map that it fetches when somebody opens it, compressed and kept for five minutes."""

from __future__ import annotations

import functools
import gzip
import hashlib
from pathlib import Path

from aiohttp import web

BUILT = Path(__file__).parent / "static" / "built"
HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Vary": "Accept-Encoding",
}


@functools.lru_cache(maxsize=4)
def packed(content: bytes) -> tuple[bytes, str]:
    """The content in gzip, and the tag that tells it from others."""
    return gzip.compress(content, 9, mtime=0), f'"{hashlib.sha256(content).hexdigest()[:20]}"'


def script(request: web.Request, content: bytes) -> web.Response:
    """A script that any page may load; 304 where the browser has it."""
    small, tag = packed(content)
    headers = {**HEADERS, "ETag": tag}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        content, headers["Content-Encoding"] = small, "gzip"
    return web.Response(body=content, headers=headers, content_type="text/javascript", charset="utf-8")


async def widget(request: web.Request) -> web.Response:
    """GET /widget.js"""
    return script(request, (BUILT / "widget.js").read_bytes())


async def map_of_places(request: web.Request) -> web.Response:
    """GET /widget/map.js"""
    return script(request, (BUILT / "map.js").read_bytes())


def routes() -> list[web.RouteDef]:
    return [web.get("/widget.js", widget), web.get("/widget/map.js", map_of_places)]
