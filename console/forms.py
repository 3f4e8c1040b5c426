"""Forms: each carries a token, comes from our own pages and is small."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from console.access import route_of
from console.parts import CALLER
from console.routes import Access

FORM_COOKIE = "hearback_console_form"  # the sign-in form's token, before there is a session
LARGEST = 16 * 1024  # bytes
LARGEST_FILES = 11 * 1024 * 1024
URLENCODED, WITH_FILES = "application/x-www-form-urlencoded", "multipart/form-data"
_SAFE = {"GET", "HEAD", "OPTIONS"}


class FormRefused(web.HTTPForbidden):
    """The form did not come from a page of ours, or that page is too old."""


@web.middleware
async def check_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a changing request through only with this person's form token, from our own pages."""
    if request.method not in _SAFE and (route := route_of(request)) is not None:
        if _from_elsewhere(request):
            raise FormRefused
        if request.content_type != URLENCODED and not (route.files and request.content_type == WITH_FILES):
            raise web.HTTPUnsupportedMediaType
        most = LARGEST_FILES if route.files else LARGEST
        if request.content_length is None or request.content_length > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=request.content_length or 0)
        session = request[CALLER].session if route.access is Access.STAFF else None
        expected = session.csrf if session else request.cookies.get(FORM_COOKIE, "")
        if not expected or not hmac.compare_digest((await field(request, "csrf")).encode(), expected.encode()):
            raise FormRefused
    return await handler(request)


async def field(request: web.Request, name: str) -> str:
    """A field of the posted form; an empty text where there is none."""
    try:
        value = (await request.post()).get(name, "")
    except (ValueError, LookupError):  # bytes or a charset that cannot be read
        raise web.HTTPBadRequest from None
    return value.replace("\x00", "") if isinstance(value, str) else ""


async def fields(request: web.Request, name: str) -> list[str]:
    """Every value of a field that may be there several times, such as ticked boxes."""
    await field(request, name)
    return [value.replace("\x00", "") for value in (await request.post()).getall(name, []) if isinstance(value, str)]


def _from_elsewhere(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    # Without https browsers send no Sec-Fetch-Site, and our referrer policy makes them send "Origin: null" with our own forms:
    # https://fetch.spec.whatwg.org/#append-a-request-origin-header. The form's token then decides alone.
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc not in {request.host, request.headers.get("X-Forwarded-Host")}
