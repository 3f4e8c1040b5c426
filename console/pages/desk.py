"""What a colleague does with a conversation: take it over, answer, pass it on, hand it back, close it; live lines of it."""

from __future__ import annotations

import re

from aiohttp import web

from console import desk, shapes
from console.answers import as_json
from console.desk import BELL, PICTURES, TROUBLE, Trouble
from console.forms import field
from console.pages.conversations import ONE, show
from console.parts import SETTINGS, caller, log
from console.render import page
from console.routes import AGENTS, data, get, post
from engagement.chats import UnknownConversation
from engagement.desk import RESULTS
from engagement.desk_values import NotOpen, NotYours, Stopped
from engagement.photos import PhotoGone, TooManyPhotos
from engagement.pictures import ACCEPTED, LARGEST, Unreadable, medium
from engagement.values import Conversation, Reply
from hearback import responses
from hearback.teams import teams

FORM = re.compile(r"[0-9a-f]{32}")
LONGEST_WHY = 500
MOST_MINUTES = 600


async def claim(request: web.Request) -> web.StreamResponse:
    """POST …/claim: take the conversation over; who comes second is told who has it."""
    conversation, colleague = await _conversation(request), await desk.me(request)
    waits = next((one for one in await log(request).review.handovers(conversation.id) if one["state"] == "waiting"), None)
    team = teams().of(waits["team"] if waits else next(iter(colleague.teams), None))
    joined = desk.line("utter_staff_joined", conversation, colleague.name, team)
    try:
        claimed = await log(request).desk.claim(conversation.id, colleague, team=team.key, line=joined)
    except NotOpen:
        raise web.HTTPSeeOther(f"/conversations/{conversation.id}#desk") from None
    if claimed.new:
        await request.app[BELL].ring(conversation.id)
    raise web.HTTPSeeOther(f"/conversations/{conversation.id}{'' if claimed.won else '?taken=1'}#desk")


async def reply(request: web.Request) -> web.StreamResponse:
    """POST …/reply {text, photo?, form, seen}: the same form twice is one message."""
    conversation, colleague = await _conversation(request), await desk.me(request)
    written, form = (await field(request, "text")).replace("\r\n", "\n").strip(), await field(request, "form")
    picture = (await request.post()).get("photo")
    data = picture.file.read() if isinstance(picture, web.FileField) and picture.filename else b""
    if not FORM.fullmatch(form) or not (written or data):
        return await _again(request, "reply-text", "empty", written)
    if data and (len(data) > LARGEST or not isinstance(picture, web.FileField) or picture.content_type not in ACCEPTED):
        return await _again(request, "reply-photo", "photo", written)
    text = desk.staff_text(conversation, colleague.name, written or responses.text("utter_photo_shared", "web", conversation.language))
    if desk.too_long(conversation, text):
        return await _again(request, "reply-text", "long", written)
    try:
        media = [medium(await request.app[PICTURES].keep(data, conversation.id), request.app[SETTINGS].public_url)] if data else []
        if media and conversation.channel != "web":  # our sender sends words alone
            text = f"{text}\n{media[0]['url']}"
            if desk.too_long(conversation, text):
                return await _again(request, "reply-text", "long", written)
        await log(request).desk.reply(conversation.id, colleague, text=text, form=form, seen=await _number(request, "seen"), media=media)
    except (Unreadable, TooManyPhotos, PhotoGone):
        return await _again(request, "reply-photo", "photo", written)
    except Stopped:
        return await _again(request, "reply-text", "stopped", written)
    except NotOpen:
        return await _again(request, "reply-text", "ended", written)
    except NotYours as lost:
        return await _again(request, "reply-text", "not_yours", written, lost.holder)
    await request.app[BELL].ring(conversation.id)
    raise web.HTTPSeeOther(f"/conversations/{conversation.id}?sent={form}#desk")


async def pass_on(request: web.Request) -> web.StreamResponse:
    """POST …/pass-on {team, why}"""
    conversation, colleague = await _conversation(request), await desk.me(request)
    team, why = await field(request, "team"), (await field(request, "why")).strip()
    if team not in teams().all:
        return await _again(request, "pass-on-team", "team", about=why)
    if not why or len(why) > LONGEST_WHY:
        return await _again(request, "pass-on-why", "why", about=why)
    told = desk.line("utter_staff_passed", conversation, colleague.name, teams().of(team))
    try:
        await log(request).desk.pass_on(conversation.id, colleague, team=team, why=why, line=told)
    except NotYours as lost:
        return await _again(request, "pass-on-team", "not_yours", about=lost.holder or "")
    await request.app[BELL].ring(conversation.id)
    raise web.HTTPSeeOther(f"/conversations/{conversation.id}?done=passed_on#desk")


async def hand_back(request: web.Request) -> web.StreamResponse:
    """POST …/hand-back: the assistant answers again, also what nobody has answered."""
    conversation, colleague = await _conversation(request), await desk.me(request)
    try:
        await log(request).desk.hand_back(conversation.id, colleague, line=_left(conversation, colleague.name))
    except NotYours as lost:
        return await _again(request, "desk", "not_yours", about=lost.holder or "")
    await request.app[BELL].ring(conversation.id)
    raise web.HTTPSeeOther(f"/conversations/{conversation.id}?done=handed_back#desk")


async def close(request: web.Request) -> web.StreamResponse:
    """POST …/close {result, minutes?, note?, seen}: minutes that are left out are measured."""
    conversation, colleague = await _conversation(request), await desk.me(request)
    result, note, minutes = await field(request, "result"), (await field(request, "note")).strip(), await field(request, "minutes")
    spent = _minutes(minutes)
    if result not in RESULTS:
        return await _again(request, "close-result", "result", about=note)
    if minutes.strip() and spent is None:
        return await _again(request, "close-minutes", "minutes", about=note)
    if len(note) > LONGEST_WHY:
        return await _again(request, "close-note", "why", about=note)
    try:
        await log(request).desk.close(
            conversation.id, colleague, result=result, seen=await _number(request, "seen"), minutes=spent, note=note or None,
            line=_left(conversation, colleague.name),
        )  # fmt: skip
    except NotYours as lost:
        return await _again(request, "close-result", "not_yours", about=lost.holder or "")
    await request.app[BELL].ring(conversation.id)
    raise web.HTTPSeeOther(f"/conversations/{conversation.id}?done=closed#desk")


async def correct(request: web.Request) -> web.StreamResponse:
    """POST /claims/{id}/minutes {minutes}: how long it really took."""
    minutes = _minutes(await field(request, "minutes"))
    if minutes is None:
        raise web.HTTPBadRequest
    conversation = await log(request).desk.correct_minutes(int(request.match_info["id"]), await desk.me(request), minutes)
    if conversation is None:
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(f"/conversations/{conversation}?done=minutes#desk")


async def lines(request: web.Request) -> web.Response:
    """GET …/lines?after=ID: what came since, as the page shows it; part of the look at the conversation that is written down."""
    one = request.match_info["id"]
    after = request.query.get("after", "0")
    said = await log(request).messages(one, after=int(after) if after.isascii() and after.isdecimal() and len(after) < 16 else 0)
    return page(request, "desk_lines.html", lines=[shapes.message(each) for each in said], by_id={}, conversation_id=one)


async def standing(request: web.Request) -> web.Response:
    """GET …/desk: the top of the desk, which tells whose the conversation is."""
    found = {"id": (await _conversation(request)).id}
    return page(request, "desk_standing.html", desk=await desk.about(request, found), conversation=found)


async def as_data(request: web.Request) -> web.Response:
    """GET …/desk.json: whose the conversation is, and was."""
    conversation = await _conversation(request)
    had = await log(request).desk.of_conversation(conversation.id)
    return as_json({"conversation": conversation.id, "state": conversation.state, "claims": [desk.claim_shape(one) for one in had]})


async def _conversation(request: web.Request) -> Conversation:
    try:
        return await log(request).conversation(request.match_info["id"])
    except UnknownConversation:
        raise web.HTTPNotFound from None


async def _again(request: web.Request, field_id: str, problem: str, draft: str = "", about: str | None = "") -> web.Response:
    """The page once more with what stood in the form; that it was read is written down."""
    found = await shapes.conversation(log(request), request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound
    request[TROUBLE] = Trouble(field=field_id, problem=problem, draft=draft, about=about or "")
    await log(request).staff.note(caller(request).person, "read_conversation", found["id"])
    return await show(request, found, status=409 if problem == "not_yours" else 400)


async def _number(request: web.Request, name: str) -> int:
    text = await field(request, name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _minutes(text: str) -> float | None:
    try:
        minutes = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return minutes if 0 <= minutes <= MOST_MINUTES else None


def _left(conversation: Conversation, name: str) -> Reply:
    return desk.line("utter_staff_left", conversation, name, teams().of(None))


ROUTES = (
    post(f"{ONE}/claim", claim, AGENTS),
    post(f"{ONE}/reply", reply, AGENTS, files=True),
    post(f"{ONE}/pass-on", pass_on, AGENTS),
    post(f"{ONE}/hand-back", hand_back, AGENTS),
    post(f"{ONE}/close", close, AGENTS),
    post(r"/claims/{id:[1-9]\d{0,8}}/minutes", correct, AGENTS),
    get(f"{ONE}/lines", lines, AGENTS),
    get(f"{ONE}/desk", standing, AGENTS),
    data(f"{ONE}/desk.json", as_data, AGENTS, scope="conversations"),
)
