"""What every answer says to browsers, and which other sites may use the chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from channels import access
from channels.calls import Refused
from channels.keys import SETTINGS
from hearback.chat_look import chat_look

API = "/api/chat/"
FOR_ANY_SITE = ("/widget.js", "/static/built/")  # what a page of another site loads to show the chat
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "7200",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def tiles_origin() -> str:
    """Where the map's pictures come from; empty where the council shows no map."""
    address = urlsplit((chat_look().map or {}).get("tiles", ""))
    return f"{address.scheme}://{address.netloc}" if address.netloc else ""


def security() -> dict[str, str]:
    pictures = " ".join(filter(None, ("'self'", "blob:", "data:", tiles_origin())))
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'self'; script-src 'self'; img-src {pictures}; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    }


@web.middleware
async def other_sites(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The chat's API for the pages that may embed the chat; any other page's call is refused, whatever token it shows."""
    if not request.path.startswith(API):
        response = await handler(request)
        if not response.prepared:
            access.hand_out(request, response)
        return response
    if (origin := access.origin_of(request)) != access.OWN and origin not in request.app[SETTINGS].embed_origins:
        raise Refused(403, "utter_refused_elsewhere")
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return web.Response(status=204, headers=PREFLIGHT)
    response = await handler(request)
    if not response.prepared:
        access.hand_out(request, response)
    return response


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    headers = response.headers
    for name, value in security().items():
        headers.setdefault(name, value)
    headers["Server"] = "Hearback"
    if request.app[SETTINGS].public_url.startswith("https://"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    anywhere = request.path.startswith(FOR_ANY_SITE)
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if anywhere else "same-origin")
    if anywhere:
        headers["Access-Control-Allow-Origin"] = "*"
    if request.path.startswith(API):
        headers["Vary"] = "Origin"
        origin = request.headers.get("Origin")
        if origin in request.app[SETTINGS].embed_origins:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = "Hearback-Token, Retry-After"
    if not request.path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")
