"""A person's second factor: set up with a picture that their phone reads, new recovery codes, turned off."""

from __future__ import annotations

from typing import Any

import pyotp
import segno
from aiohttp import web

from console.access import must_have_second_factor
from console.forms import field
from console.gate import GATE, Locked, RunOut
from console.parts import COUNCIL, caller, log
from console.render import page
from console.routes import get, post

ISSUER = "Hearback"


async def second_factor(request: web.Request) -> web.Response:
    return await _show(request)


async def confirm(request: web.Request) -> web.StreamResponse:
    """Take the first code, by which we know that the phone has the secret; then show the recovery codes, this once."""
    person = caller(request).person
    if person.second_factor:
        raise web.HTTPSeeOther("/account/second-factor")
    codes = await log(request).factors.confirm(person, await field(request, "code"))
    if codes is None:
        return await _show(request, status=400, problem="code")
    return await _show(request, codes=codes, on=True)


async def renew_codes(request: web.Request) -> web.StreamResponse:
    if refusal := await _refusal(request, "renew"):
        return refusal
    return await _show(request, codes=await log(request).factors.renew_codes(caller(request).person))


async def turn_off(request: web.Request) -> web.StreamResponse:
    if must_have_second_factor(request, caller(request)):
        return await _show(request, status=403, problem="must")
    if refusal := await _refusal(request, "off"):
        return refusal
    await log(request).factors.turn_off(caller(request).person)
    raise web.HTTPSeeOther("/account?done=factor_off")


async def _refusal(request: web.Request, form: str) -> web.Response | None:
    """An answer unless the person has a second factor and has just given their password: an open session alone must not weaken it."""
    person = caller(request).person
    if not person.second_factor:
        raise web.HTTPSeeOther("/account/second-factor")
    try:
        if await request.app[GATE].open(request, person.username, await field(request, "password")) is not None:
            return None
    except (Locked, RunOut) as locked:
        return await _show(request, status=429, problem="locked", minutes=getattr(locked, "minutes", 0))
    return await _show(request, status=400, problem=form)


async def _show(request: web.Request, *, status: int = 200, **shown: Any) -> web.Response:
    who = caller(request)
    known: dict[str, Any] = {
        "problem": "", "codes": [], "minutes": 0, "on": who.person.second_factor, "must": must_have_second_factor(request, who),
        "by_openid": who.person.openid_issuer is not None, "left": await log(request).factors.codes_left(who.person),
        "secret": "", "picture": "",
    }  # fmt: skip
    known |= shown
    if not known["on"] and not known["by_openid"]:
        known["secret"] = await log(request).factors.begin(who.person)
        name = f"{ISSUER} {request.app[COUNCIL]}".strip()
        address = pyotp.TOTP(known["secret"]).provisioning_uri(name=who.person.username, issuer_name=name)
        known["picture"] = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=4, light="#fff", omitsize=True)
    return page(request, "second_factor.html", status=status, **known)


ROUTES = (
    get("/account/second-factor", second_factor, owing=True),
    post("/account/second-factor", confirm, owing=True),
    post("/account/second-factor/codes", renew_codes),
    post("/account/second-factor/off", turn_off),
)
