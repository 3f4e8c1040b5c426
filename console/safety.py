"""The headers that every answer of the console carries."""

from __future__ import annotations

from aiohttp import web

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "Hearback",
}
OVER_HTTPS = {"Strict-Transport-Security": "max-age=31536000", "Cross-Origin-Opener-Policy": "same-origin"}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Called by aiohttp before any answer is sent, errors and redirects too."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    if by_https(request):
        response.headers.update(OVER_HTTPS)


def by_https(request: web.Request) -> bool:
    """Whether the browser speaks https, to us or to the proxy before us; whoever lies about it harms only themselves."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip() == "https"
