"""The sandbox's clock, which is the product's: moved on to see what comes later."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from backoffice.sandbox.answers import Refused, answer, refusal
from backoffice.sandbox.council import Council
from backoffice.sandbox.intake import FORM, read_form, read_object
from hearback.clock import LOOK_EVERY, move_on

FORWARD = re.compile(r"^(\d{1,4}) (minute|hour|day)s?$")
HOW = 'Send {"forward": "3 days"}, or so many hours or minutes: a clock never goes back.'


async def _forward(request: web.Request) -> timedelta:
    content = dict((await read_form(request)).fields) if request.content_type == FORM else await read_object(request)
    wanted = FORWARD.match(str(content.get("forward", "")))
    if wanted is None:
        raise Refused(400, HOW)
    return timedelta(**{f"{wanted[2]}s": int(wanted[1])})


def routes(council: Council, home: Path) -> list[web.RouteDef]:
    async def look(request: web.Request) -> web.Response:
        return answer("json", "clock", {"now": council.now()})

    async def move(request: web.Request) -> web.Response:
        try:
            move_on(home, await _forward(request))
        except Refused as refused:
            return refusal("json", refused)
        await asyncio.sleep(LOOK_EVERY)  # by then every process has seen it
        if request.content_type == FORM:
            raise web.HTTPSeeOther("/")
        return await look(request)

    return [web.get("/sandbox/clock", look), web.post("/sandbox/clock", move)]
