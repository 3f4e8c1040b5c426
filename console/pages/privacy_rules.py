"""What must not go, and what goes by itself: legal holds, and the retention schedule with its runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from console.answers import as_json
from console.forms import field
from console.parts import caller, log
from console.render import page
from console.routes import ADMINS, post, shown
from engagement.privacy.retention import MOST_COUNTED, Due
from hearback import retention as file

DONE = ("lifted", "confirmed")


async def holds(request: web.Request) -> web.Response:
    """Every hold, those in force first."""
    done = request.query.get("done", "")
    return page(request, "privacy_holds.html", holds=await log(request).holds.all(), done=done if done in DONE else "")


async def holds_data(request: web.Request) -> web.Response:
    return as_json({"holds": [{**vars(one), "subject": one.subject} for one in await log(request).holds.all()]})


async def lift(request: web.Request) -> web.StreamResponse:
    if await log(request).holds.lift(int(request.match_info["id"]), staff_id=caller(request).person.id) is None:
        raise web.HTTPNotFound
    raise web.HTTPSeeOther("/privacy/holds?done=lifted")


async def retention(request: web.Request) -> web.Response:
    """The rules and the latest runs; how much would go is counted when it is asked for."""
    return await _show(request)


async def retention_data(request: web.Request) -> web.Response:
    return as_json({"rules": file.described(), "runs": [vars(one) for one in await log(request).retention.runs()]})


async def trial(request: web.Request) -> web.Response:
    """What would go today; nothing does."""
    return await _show(request, due=await log(request).retention.due(file.schedule().days))


async def confirm(request: web.Request) -> web.StreamResponse:
    """Let a rule that is new or shorter take away what it says from the next run on, if it still says what was shown."""
    name, days = await field(request, "rule"), await field(request, "days")
    if days != str(file.schedule().days.get(name)):
        return await _show(request, due=await log(request).retention.due(file.schedule().days), problem="changed", status=409)
    await log(request).retention.confirm(name, int(days), staff_id=caller(request).person.id)
    raise web.HTTPSeeOther("/privacy/retention?done=confirmed")


async def _show(request: web.Request, *, due: Sequence[Due] | None = None, problem: str = "", status: int = 200) -> web.Response:
    runs = await log(request).retention.runs()
    done = request.query.get("done", "")
    counted: dict[str, Any] = {one.name: one for one in due or ()}
    return page(
        request, "privacy_retention.html", status=status, rules=file.described(), runs=runs, due=counted, tried=due is not None,
        waiting=runs[0].waiting if runs else {}, most=MOST_COUNTED, problem=problem, done=done if done in DONE else "",
    )  # fmt: skip


ROUTES = (
    *shown("/privacy/holds", holds, holds_data, ADMINS, scope="privacy"),
    post(r"/privacy/holds/{id:\d{1,9}}/lift", lift, ADMINS),
    *shown("/privacy/retention", retention, retention_data, ADMINS, scope="privacy"),
    post("/privacy/retention/trial", trial, ADMINS),
    post("/privacy/retention/confirm", confirm, ADMINS),
)
