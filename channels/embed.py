"""What other pages embed: the widget's script and the map that it fetches when somebody opens it."""

from __future__ import annotations

import functools
import gzip
import hashlib
from pathlib import Path

import orjson
from aiohttp import web

from hearback.chat_look import chat_look

BUILT = Path(__file__).parent / "static" / "built"
EARLY = ("launcher", "unread", "loading", "load_failed", "try_again", "minimise")
HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Vary": "Accept-Encoding",
}


def early() -> bytes:
    """What the widget shows before its first call: the colours, and a few words in each language."""
    look = chat_look()
    languages = {
        code: {"direction": how["direction"], "words": {word: look.words[code][word] for word in EARLY}}
        for code, how in look.languages.items()
    }
    return b"const HEARBACK_COUNCIL=%s;\n" % orjson.dumps({"colours": look.colours, "languages": languages})


def widget_script() -> bytes:
    """The built widget with the council's own words before it, in a scope of its own: the page around sees neither."""
    return b"{%s%s}" % (early(), (BUILT / "widget.js").read_bytes())


@functools.lru_cache(maxsize=4)
def packed(content: bytes) -> tuple[bytes, str]:
    """The content in gzip, and the hash that tells it from others."""
    return gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:16]


def script(request: web.Request, content: bytes) -> web.Response:
    """A script that any page may load; 304 where the browser has it."""
    small, tag = packed(content)
    headers = {**HEADERS, "ETag": f'"{tag}"'}
    if any(one.value in (tag, "*") for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        content, headers["Content-Encoding"] = small, "gzip"
    return web.Response(body=content, headers=headers, content_type="text/javascript", charset="utf-8")


async def widget(request: web.Request) -> web.Response:
    """GET /widget.js"""
    return script(request, widget_script())


async def places(request: web.Request) -> web.Response:
    """GET /widget/map.js"""
    return script(request, (BUILT / "map.js").read_bytes())


def routes() -> list[web.RouteDef]:
    return [web.get("/widget.js", widget), web.get("/widget/map.js", places)]
