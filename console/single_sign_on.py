"""Signing in at the council's single sign-on: there, back with a proof, and in with the role that the council's groups give."""

from __future__ import annotations

import hmac
import logging
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from console.auth import begin_session, end_session, local_path, set_cookie, sign_in_again
from console.openid import NotProven, Provider, ProviderAway, fresh
from console.parts import CLOCK, SETTINGS, log
from console.render import page
from console.routes import ADMIN, AGENT, ANALYST, APPROVER, REVIEWER, Access, Route
from console.safety import by_https
from hearback.settings import Settings

logger = logging.getLogger("hearback.console")
COOKIE = "hearback_console_openid"
CALLBACK = "/sign-in/openid/callback"
LONGEST = 600.0  # real seconds from there to back
MOST = 5000  # sign-ins under way
STRONGEST_FIRST = (ADMIN, APPROVER, AGENT, REVIEWER, ANALYST)
LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class Under:
    """A sign-in under way: `browser` must come back in the cookie, `nonce` in the proof."""

    at: float
    browser: str
    nonce: str
    verifier: str
    after: str


PROVIDER = web.AppKey("provider", Provider)
UNDER_WAY = web.AppKey("under_way", dict[str, Under])


def set_up(app: web.Application) -> None:
    """Give the application its single sign-on, where the settings name one."""
    app[PROVIDER], app[UNDER_WAY] = Provider(app[SETTINGS], app[CLOCK]), {}

    async def close(app: web.Application) -> None:
        await app[PROVIDER].close()

    app.on_cleanup.append(close)


async def begin(request: web.Request) -> web.StreamResponse:
    """Lead the browser to the single sign-on."""
    _only_if_set(request)
    now, under_way = request.app[CLOCK].real(), request.app[UNDER_WAY]
    for old in [state for state, one in under_way.items() if not 0 <= now - one.at < LONGEST]:
        del under_way[old]
    while len(under_way) >= MOST:
        del under_way[next(iter(under_way))]
    state, after = fresh(), local_path(request.query.get("next", ""))
    one = Under(at=now, browser=fresh(), nonce=fresh(), verifier=fresh(), after=after)
    try:
        there = await request.app[PROVIDER].begin(back=_back(request), state=state, nonce=one.nonce, verifier=one.verifier)
    except ProviderAway:
        return sign_in_again(request, status=503, refused="away")
    under_way[state] = one
    answer = web.HTTPSeeOther(there)
    # Lax: the way back comes from another site, which a strict cookie would not go along with.
    set_cookie(request, answer, _cookie(request), one.browser, same_site="Lax", age=int(LONGEST))
    raise answer


async def back(request: web.Request) -> web.StreamResponse:
    """Take who comes back, once for each state and only in the browser that went there."""
    _only_if_set(request)
    one = request.app[UNDER_WAY].pop(request.query.get("state", ""), None)
    browser = request.cookies.get(_cookie(request), "")
    if (
        one is None
        or not 0 <= request.app[CLOCK].real() - one.at < LONGEST
        or not hmac.compare_digest(one.browser.encode(), browser.encode())
    ):
        return sign_in_again(request, status=403, refused="untrusted")  # anybody can come by with a made-up state: not for the audit
    code, asked = request.query.get("code", ""), request.query
    if "error" in asked or not code:
        return await _refuse(request, "cancelled", "cancelled")
    try:
        claims = await request.app[PROVIDER].finish(
            back=_back(request), code=code, nonce=one.nonce, verifier=one.verifier, issuer=asked.get("iss")
        )
    except ProviderAway:
        return sign_in_again(request, status=503, refused="away")
    except NotProven as error:
        logger.warning("A sign-in at the single sign-on was not proven: %s", error)
        return await _refuse(request, "not_proven", "untrusted")
    return await _let_in(request, claims, one.after)


async def _let_in(request: web.Request, claims: dict[str, Any], after: str) -> web.StreamResponse:
    settings = request.app[SETTINGS]
    role = role_of(settings, request.app[PROVIDER].values(claims))
    if role is None:
        return await _refuse(request, "no_role", "no_role")
    person = await log(request).colleagues.by_openid(
        settings.oidc_issuer, claims["sub"], username=_username(claims), display_name=_display_name(claims), role=role
    )
    if person is None:
        return sign_in_again(request, status=403, refused="deactivated")
    await end_session(request)
    # A redirect from here would still count as coming from the other site, without our strict cookie; a page of ours leads on instead.
    answer = page(request, "signed_in.html", after=after)
    await begin_session(request, answer, person, way="openid")
    answer.del_cookie(_cookie(request), path="/", secure=by_https(request))
    return answer


async def out(request: web.Request) -> web.StreamResponse:
    """Lead on to the single sign-on's own sign-out."""
    _only_if_set(request)
    try:
        there = await request.app[PROVIDER].out(back=f"{request.app[SETTINGS].console_url}/sign-in")
    except ProviderAway:
        there = None
    raise web.HTTPSeeOther(there or "/sign-in")


def role_of(settings: Settings, values: set[str]) -> str | None:
    """The strongest role that one of these values gives."""
    given = {role for value, role in settings.oidc_roles if value in values}
    return next((role for role in STRONGEST_FIRST if role in given), None)


async def _refuse(request: web.Request, reason: str, shown: str) -> web.StreamResponse:
    await log(request).colleagues.refused_openid(reason)
    return sign_in_again(request, status=403, refused=shown)


def _only_if_set(request: web.Request) -> None:
    if not request.app[SETTINGS].oidc_issuer:
        raise web.HTTPNotFound


def _back(request: web.Request) -> str:
    return f"{request.app[SETTINGS].console_url}{CALLBACK}"


def _cookie(request: web.Request) -> str:
    return f"__Host-{COOKIE}" if by_https(request) else COOKIE


def _username(claims: dict[str, Any]) -> str:
    """A name to be told apart by, which proves nothing."""
    given = next(
        (claims[name] for name in ("preferred_username", "email", "sub") if isinstance(claims.get(name), str) and claims[name]), ""
    )
    plain = unicodedata.normalize("NFKD", given).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._@-]+", "-", plain).strip("-")[:LONGEST_NAME] or "colleague"


def _display_name(claims: dict[str, Any]) -> str | None:
    name = claims.get("given_name")
    return (" ".join(name.split())[:LONGEST_NAME] if isinstance(name, str) and name.isprintable() else "") or None


ROUTES = (
    Route(method="GET", path="/sign-in/openid", handler=begin, access=Access.SIGN_IN),
    Route(method="GET", path=CALLBACK, handler=back, access=Access.SIGN_IN),
    Route(method="GET", path="/sign-in/openid/out", handler=out, access=Access.SIGN_IN),
)
