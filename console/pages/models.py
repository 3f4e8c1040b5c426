"""The models: which is in use, how well each understands, what it learned from; and the way back to one."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from aiohttp import web

from console.answers import as_json
from console.forms import field
from console.parts import SETTINGS, caller, log
from console.render import page
from console.routes import APPROVERS, READERS, post, shown
from hearback.models import Models
from hearback.teaching.back import CannotGoBack, go_back

KEPT = ("model", "fingerprint", "made_at", "by", "from", "teaching", "examples", "new", "figures", "in_use", "fits", "back", "files")


async def models(request: web.Request) -> web.Response:
    return await _show(request)


async def models_data(request: web.Request) -> web.Response:
    return as_json({"models": [{name: one[name] for name in KEPT} for one in await _listed(request)], "history": await _history(request)})


async def back(request: web.Request) -> web.StreamResponse:
    """POST {model}: use this one again; examples that it did not learn from are withdrawn."""
    person, model = caller(request).person, await field(request, "model")
    try:
        gone = await go_back(log(request), Models.of(request.app[SETTINGS]), model, by=person.username)
    except CannotGoBack as refused:
        return await _show(request, status=400, problem=refused.why)
    await log(request).staff.note(person, "went_back_to_model", model[:80], {"rolled_back": gone})
    raise web.HTTPSeeOther("/teach/models?done=back")


async def _show(request: web.Request, *, status: int = 200, problem: str = "") -> web.Response:
    history = [{**one, "at": datetime.fromisoformat(one["at"])} for one in await _history(request)]
    return page(
        request, "teach_models.html", status=status, models=await _listed(request), history=history, problem=problem,
        approver=caller(request).person.role in APPROVERS, done=request.query.get("done", ""),
    )  # fmt: skip


async def _listed(request: web.Request) -> list[dict[str, Any]]:
    found = await asyncio.to_thread(Models.of(request.app[SETTINGS]).listed)
    return [
        {
            **one,
            "made_at": datetime.fromisoformat(one["made_at"]) if one["made_at"] else None,
            "files": sorted(one["reviewed"]) if one["reviewed"] is not None else None,
        }
        for one in found
    ]


async def _history(request: web.Request) -> list[dict[str, Any]]:
    chosen = await asyncio.to_thread(Models.of(request.app[SETTINGS]).chosen)
    return list(reversed(chosen.get("history", [])))


ROUTES = (
    *shown("/teach/models", models, models_data, READERS, scope="conversations"),
    post("/teach/models/back", back, APPROVERS),
)
