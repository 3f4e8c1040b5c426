"""Closing a hand-over: what a colleague has done, in how many minutes."""

from __future__ import annotations

from aiohttp import web

from console import shapes
from console.forms import field
from console.pages.conversations import show
from console.parts import caller, log
from console.routes import READERS, post

MOST_MINUTES = 600
LONGEST_NOTE = 2000


async def close(request: web.Request) -> web.Response:
    """POST /handovers/{id}/close {minutes, note}: the conversation is the assistant's again, and its "no" is settled."""
    one = await log(request).handovers.one(int(request.match_info["id"]))
    if one is None:
        raise web.HTTPNotFound
    minutes, note = await field(request, "minutes"), (await field(request, "note")).strip()
    spent = read_minutes(minutes)
    if spent is None or len(note) > LONGEST_NOTE:
        found = await shapes.conversation(log(request), one.conversation_id)
        if found is None:
            raise web.HTTPNotFound
        wrong = "minutes" if spent is None else "note"
        return await show(request, found, status=400, problem=(f"{wrong}-{one.id}", wrong))
    person = caller(request).person
    if await log(request).handovers.close(one.id, staff_id=person.id, minutes=spent, note=note or None):
        await log(request).staff.note(person, "closed_handover", one.conversation_id, {"handover": one.id, "minutes": spent})
    raise web.HTTPSeeOther(f"/conversations/{one.conversation_id}?closed={one.id}#handover-{one.id}")


def read_minutes(text: str) -> float | None:
    try:
        minutes = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return minutes if 0 <= minutes <= MOST_MINUTES else None


ROUTES = (post(r"/handovers/{id:[1-9]\d{0,8}}/close", close, READERS),)
