"""A training begun in the console, how far it is, and what it changed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import Any

from aiohttp import web

from console.answers import as_json
from console.pages.teach import names
from console.parts import LOG, SETTINGS, caller, log
from console.render import page, words
from console.routes import APPROVERS, READERS, get, post, shown
from hearback.settings import ROOT, Settings
from hearback.teaching import picture


class Running(set[asyncio.Task[None]]):
    """The trainings that this console began and that are not over."""


TRAINING = web.AppKey("training", Running)
KEPT = ("id", "state", "step", "username", "base", "model", "result", "error", "started_at", "ended_at")
NOT_STARTED = "The training ended without a word; its log is in the data folder, logs/teach.log."


async def teach_now(request: web.Request) -> web.StreamResponse:
    """Begin a training in a process of its own; only one runs at a time."""
    person = caller(request).person
    teaching_id = await log(request).teaching.begin(by=person.id)
    if teaching_id is None:
        raise web.HTTPSeeOther("/teach?show=approved&done=busy")
    await log(request).staff.note(person, "began_teaching", str(teaching_id))
    task = asyncio.create_task(_train(request.app, teaching_id, person.username))
    request.app[TRAINING].add(task)
    task.add_done_callback(request.app[TRAINING].discard)
    raise web.HTTPSeeOther(f"/teach/teachings/{teaching_id}")


async def _train(app: web.Application, teaching_id: int, username: str) -> None:
    settings = app[SETTINGS]
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "hearback.cli", "teach", "--teaching", str(teaching_id), "--by", username]
    with (logs / "teach.log").open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=_environment(settings), stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        raise
    finally:
        await app[LOG].teaching.end(teaching_id, "failed", error=NOT_STARTED)  # nothing, where it said itself how it ended


async def end(app: web.Application) -> None:
    """The console stops: so does a training that it began."""
    running = app[TRAINING]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "HEARBACK_HOME": str(settings.home),
        "HEARBACK_DATABASE_URL": settings.database_url,
        "HEARBACK_MODELS": str(settings.models),
        "HEARBACK_REVIEWED": str(settings.reviewed),
        "HEARBACK_TIME_SCALE": str(settings.time_scale),
    }


async def teaching(request: web.Request) -> web.Response:
    row = await _found(request)
    result = row["result"] or {}
    examples = [dict(one) for one in await log(request).teaching.examples_of(row["id"])]
    changed = result.get("changed", [])
    return page(
        request, "teaching.html", one=row, result=result, examples=examples, names=names(request),
        failed={reason["name"] for reason in result.get("reasons", ())},
        better=[one for one in changed if one["after"] == one["right"]], worse=[one for one in changed if one["before"] == one["right"]],
        other=sum(one["right"] not in (one["before"], one["after"]) for one in changed),
        approver=caller(request).person.role in APPROVERS,
    )  # fmt: skip


async def teaching_data(request: web.Request) -> web.Response:
    row = await _found(request)
    return as_json({name: row[name] for name in KEPT})


async def teaching_picture(request: web.Request) -> web.Response:
    """SVG: the figures before and after."""
    result = (await _found(request))["result"] or {}
    if not result.get("after"):
        raise web.HTTPNotFound
    failed = frozenset(reason["name"] for reason in result["reasons"])
    called = words(request, "teach_words.html", "figures")
    return web.Response(text=picture.draw(result["before"], result["after"], called, failed), content_type="image/svg+xml")


async def _found(request: web.Request) -> dict[str, Any]:
    await log(request).teaching.running()  # marks one whose time is over
    row = await log(request).teaching.teaching(int(request.match_info["id"]))
    if row is None:
        raise web.HTTPNotFound
    return row


ONE = r"/teach/teachings/{id:[1-9]\d{0,8}}"
ROUTES = (
    post("/teach/now", teach_now, APPROVERS),
    *shown(ONE, teaching, teaching_data, READERS, scope="conversations"),
    get(f"{ONE}/picture.svg", teaching_picture, READERS),
)
