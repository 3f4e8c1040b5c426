"""One citizen's data: found by what they give us, shown, copied for them, held, erased. Numbers and addresses stand in no address."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from console.answers import as_json
from console.forms import field
from console.parts import CLOCK, SETTINGS, caller, log
from console.render import page
from console.routes import ADMINS, post, shown
from engagement.erasure import Held
from engagement.privacy.holds import NothingToHold
from engagement.privacy.subjects import Several, Subject, kind_of
from hearback.subject_access import copy_of

LONGEST_REASON = 200
WORD = "erase"
NAME = re.compile(r"contact:\d{1,18}|conversation:[0-9A-Za-z_-]{1,32}")
DONE = ("erased", "lifted")


async def privacy(request: web.Request) -> web.Response:
    """Where to begin, and what waits."""
    done = request.query.get("done", "")
    return page(request, "privacy.html", **await _waiting(request), problem="", done=done if done in DONE else "")


async def privacy_data(request: web.Request) -> web.Response:
    """What waits, in numbers. A citizen's data has no address of its own: only a form finds it."""
    return as_json(await _waiting(request))


async def _waiting(request: web.Request) -> dict[str, Any]:
    holds = [one for one in await log(request).holds.all() if one.lifted_at is None]
    return {
        "holds": len(holds),
        "erasing": len(await log(request).erasures.begun()),
        "awaiting_holds": await log(request).erasures.awaited(),
    }


async def find(request: web.Request) -> web.Response:
    """Look for a citizen; that it was done, and who was found, is written down before anything is shown."""
    given = (await field(request, "sought")).strip()
    kind, name, problem = kind_of(given), None, "missing"
    if given:
        try:
            name = await log(request).subjects.find(kind, given)
            problem = "" if name else "nothing"
        except Several:
            problem = "several"
        await _note(request, "looked_for_citizen", name, {"by": kind})
    if problem or name is None:
        status = 422 if problem == "missing" else 200
        return page(request, "privacy.html", status=status, **await _waiting(request), problem=problem, done="")
    return await _show(request, name)


async def citizen(request: web.Request) -> web.Response:
    """The same citizen again."""
    name = await _named(request)
    await _note(request, "looked_for_citizen", name)
    return await _show(request, name)


async def show_phone(request: web.Request) -> web.Response:
    """The citizen with their numbers and addresses in full, once that is written down."""
    name = await _named(request)
    await _note(request, "showed_phone", name)
    return await _show(request, name, whole=True)


async def export(request: web.Request) -> web.Response:
    """Their copy, for the right of access."""
    name = await _named(request)
    await log(request).subjects.exported(name, staff_id=caller(request).person.id)
    subject = await _found(request, name, whole=True)
    now = request.app[CLOCK].now()
    data = await copy_of(log(request), subject, home=request.app[SETTINGS].home, now=now, spared=await _spared(request, subject))
    file = f"your-data-{now:%Y-%m-%d}.zip"
    return web.Response(body=data, content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{file}"'})


async def hold(request: web.Request) -> web.Response:
    """Place a legal hold on everything of the citizen, which is one for each number and address of theirs, or on a conversation."""
    name, reason, on = await _named(request), (await field(request, "reason")).strip(), await field(request, "on")
    if not reason or len(reason) > LONGEST_REASON:
        return await _show(request, name, status=422, problem="reason")
    subject = await _found(request, name)
    every = [f"contact:{one}" for one in subject.contact_ids] or [f"conversation:{one}" for one in subject.conversation_ids]
    try:
        for one in [f"conversation:{on}"] if on else every:
            await log(request).holds.place(one, reason, staff_id=caller(request).person.id)
    except NothingToHold:
        raise web.HTTPNotFound from None
    return await _show(request, name, done="held")


async def lift(request: web.Request) -> web.Response:
    """Lift a hold from the page of its citizen."""
    name, number = await _named(request), await field(request, "hold")
    if not number.isdecimal() or await log(request).holds.lift(int(number[:9]), staff_id=caller(request).person.id) is None:
        raise web.HTTPNotFound
    return await _show(request, name, done="lifted")


async def preview(request: web.Request) -> web.Response:
    """What would be erased, what stays, and why; nothing is."""
    name = await _named(request)
    await _note(request, "looked_for_citizen", name)
    return await _preview(request, await _found(request, name))


async def erase(request: web.Request) -> web.StreamResponse:
    """Erase the citizen, where the word was typed; the rest is done by the doors within seconds."""
    subject = await _found(request, await _named(request))
    if (await field(request, "word")).strip().lower() != WORD:
        return await _preview(request, subject, status=422, problem="word")
    spared = await _spared(request, subject)
    try:
        await log(request).erasures.begin_citizen(
            subject.conversation_ids,
            subject.contact_ids,
            source="staff",
            name=subject.name,
            staff_id=caller(request).person.id,
            spared=spared,
        )
    except Held:
        return await _preview(request, await _found(request, subject.name), status=409, problem="held")
    await log(request).erasures.leave_no_trace()
    raise web.HTTPSeeOther("/privacy?done=erased")


async def _preview(request: web.Request, subject: Subject, *, status: int = 200, problem: str = "") -> web.Response:
    spared = await _spared(request, subject)
    holds = await log(request).holds.all(subject.holds)
    return page(
        request, "privacy_erase.html", status=status, subject=subject, spared=spared, holds=holds, problem=problem, word=WORD,
        goes=[chat for chat in subject.chats if chat.id not in spared],
    )  # fmt: skip


async def _show(
    request: web.Request, name: str, *, whole: bool = False, status: int = 200, problem: str = "", done: str = ""
) -> web.Response:
    subject = await _found(request, name, whole=whole)
    holds = await log(request).holds.all(subject.holds)
    return page(
        request, "privacy_citizen.html", status=status, subject=subject, holds=holds, whole=whole, problem=problem, done=done,
        longest=LONGEST_REASON,
    )  # fmt: skip


async def _named(request: web.Request) -> str:
    name = await field(request, "whose")
    if not NAME.fullmatch(name):
        raise web.HTTPNotFound
    return name


async def _found(request: web.Request, name: str, *, whole: bool = False) -> Subject:
    subject = await log(request).subjects.of(name, whole=whole)
    if subject is None:
        raise web.HTTPNotFound
    return subject


async def _spared(request: web.Request, subject: Subject) -> set[str]:
    """The conversations that were marked as somebody else's."""
    return {str(one) for one in (await request.post()).getall("spare", ())} & set(subject.conversation_ids)


async def _note(request: web.Request, action: str, name: str | None, details: dict[str, Any] | None = None) -> None:
    subject = name.removeprefix("conversation:") if name else None
    await log(request).staff.note(caller(request).person, action, subject, details)


ROUTES = (
    *shown("/privacy", privacy, privacy_data, ADMINS, scope="privacy"),
    post("/privacy/find", find, ADMINS),
    post("/privacy/citizen", citizen, ADMINS),
    post("/privacy/phone", show_phone, ADMINS),
    post("/privacy/export", export, ADMINS),
    post("/privacy/hold", hold, ADMINS),
    post("/privacy/lift", lift, ADMINS),
    post("/privacy/erase", preview, ADMINS),
    post("/privacy/erase/confirm", erase, ADMINS),
)
