"""Marking what a citizen said as an example: what was understood, what is right, what may be taught of it."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from backoffice import catalogue
from console.answers import as_json
from console.forms import field
from console.parts import SETTINGS, caller, log
from console.render import page
from console.routes import READERS, post, shown
from console.shapes import message as message_shape
from engagement.teaching import TeachingRefused
from engagement.values import Message
from hearback import profile
from hearback.models import Models
from hearback.redaction import Redacted, only_less, redact
from hearback.teaching import known
from hearback.teaching.examples import ABOUT, ENTITIES, LONGEST, Example, intents, line, mark, tidy

TAUGHT_LANGUAGE = "en"
Form = dict[str, Any]


class Wrong(Exception):
    """A field of the form that cannot be taken: its id and what is wrong with it."""

    def __init__(self, target: str, why: str) -> None:
        super().__init__(target)
        self.problem = (target, why)


async def mark_message(request: web.Request) -> web.Response:
    """The form for one message; that it was read is written down before it is shown."""
    one, language = await _found(request)
    return await _show(request, one, language, _blank(one))


async def as_data(request: web.Request) -> web.Response:
    """GET /api/teach/{id}: the message, what was understood, what would be redacted, and its examples."""
    one, language = await _found(request)
    made = [shape(row) for row in await log(request).teaching.of_message(one.id)]
    redacted = redact(one.text)
    return as_json(
        {"message": message_shape(one), "language": language, "redacted": redacted.after, "counts": redacted.counts, "examples": made}
    )


async def check(request: web.Request) -> web.Response:
    """What was marked, before and after redaction side by side, to be confirmed."""
    one, language = await _found(request)
    form = await _read(request)
    try:
        example, redacted = _example(one, form)
    except Wrong as wrong:
        return await _show(request, one, language, form, problem=wrong.problem)
    models = Models.of(request.app[SETTINGS])
    flags = await asyncio.to_thread(lambda: known.flags(example.text, example.intent, known.trained(models)))
    return page(
        request, "teach_confirm.html", message=one, form=form, example=example, line=line(example), redacted=redacted, flags=flags,
        names=names(request),
    )  # fmt: skip


async def save(request: web.Request) -> web.StreamResponse:
    """Put the example before a second person."""
    one, language = await _found(request)
    form, person = await _read(request), caller(request).person
    try:
        example, redacted = _example(one, form)
        example_id = await log(request).teaching.propose(person, one.id, example, redacted=redacted.counts)
    except Wrong as wrong:
        return await _show(request, one, language, form, problem=wrong.problem)
    except TeachingRefused as refused:
        return await _show(request, one, language, form, problem=("verdict", refused.why))
    await log(request).staff.note(person, "proposed_example", str(example_id), {"intent": example.intent, "about": example.about})
    raise web.HTTPSeeOther(f"/teach/examples/{example_id}?done=proposed")


async def _found(request: web.Request) -> tuple[Message, str]:
    found = await log(request).teaching.message(int(request.match_info["id"]))
    if found is None:
        raise web.HTTPNotFound
    await log(request).staff.note(caller(request).person, "read_message_to_teach", found[0].conversation_id, {"message": found[0].id})
    return found


async def _show(request: web.Request, one: Message, language: str, form: Form, *, problem: tuple[str, str] | None = None) -> web.Response:
    made = await log(request).teaching.of_message(one.id)
    return page(
        request, "teach_message.html", status=400 if problem else 200, message=message_shape(one), conversation_id=one.conversation_id,
        form=form, problem=problem, redacted=redact(one.text), made=made, names=names(request), intents=intents(), entities=ENTITIES,
        longest=LONGEST, teachable=language == TAUGHT_LANGUAGE and one.payload is None and bool(tidy(one.text)), language=language,
        open=next((row for row in made if row["state"] in ("waiting", "approved")), None),
    )  # fmt: skip


def _blank(one: Message) -> Form:
    """The form as it is first shown: what was understood, and the text without personal details."""
    services = (one.understanding or {}).get("services") or [{}]
    about = f"service:{services[0].get('code')}" if one.intent == "report_problem" and services[0].get("code") else ""
    return {"verdict": "", "intent": one.intent or "", "about": about, "text": tidy(redact(one.text).after), **_no_words()}


def _no_words() -> Form:
    return {f"words_{entity}": "" for entity in ENTITIES}


async def _read(request: web.Request) -> Form:
    fields = ("verdict", "intent", "about", "text", *(f"words_{entity}" for entity in ENTITIES))
    return {name: (await field(request, name)).strip() for name in fields}


def _example(one: Message, form: Form) -> tuple[Example, Redacted]:
    """What the form says, checked; raises Wrong."""
    if form["verdict"] not in ("right", "wrong"):
        raise Wrong("verdict", "missing")
    if form["verdict"] == "right" and one.intent not in intents():
        raise Wrong("verdict", "nothing_understood")
    if form["verdict"] == "right":
        blank = _blank(one)
        form = {**form, "intent": blank["intent"], "about": blank["about"]}
    about = read_about(form["intent"], form["about"])
    if form["verdict"] == "wrong" and (form["intent"], form["about"]) == (_blank(one)["intent"], _blank(one)["about"]):
        raise Wrong("intent", "same")
    given = tidy(redact(one.text).after)
    if not form["text"] or not tidy(form["text"]):
        raise Wrong("text", "missing")
    if not only_less(given, tidy(form["text"])):
        raise Wrong("text", "more")
    again = redact(tidy(form["text"]))  # what the reviewer put in place of something may be a name again
    text = tidy(again.after)
    try:
        marked = mark(text, {entity: form[f"words_{entity}"] for entity in ENTITIES})
    except LookupError as error:
        raise Wrong(f"words_{error.args[0]}", "not_there") from None
    return Example(text=text, intent=form["intent"], about=about, marked=marked), redact(one.text)


def read_about(intent: str, about: str) -> str | None:
    """The code of "service:POTHOLE", checked against the intent; raises Wrong."""
    if intent not in intents():
        raise Wrong("intent", "missing")
    if not about:
        return None
    kind, _, code = about.partition(":")
    if ABOUT.get(intent) != kind:
        raise Wrong("about", "other_kind")
    if not code or len(code) > 120 or code not in _codes(kind):
        raise Wrong("about", "unknown")
    return code


def _codes(kind: str) -> set[str]:
    if kind == "service":
        return set(profile.service_phrases())
    return set(profile.information() if kind == "information" else profile.needs())


def names(request: web.Request) -> dict[str, dict[str, str]]:
    """{kind: {code: name}} of what an example can be about."""
    entries = catalogue.read(request.app[SETTINGS].home).entries
    services = {code: entries[code].service.name if code in entries else code.capitalize() for code in profile.service_phrases()}
    return {
        "service": dict(sorted(services.items(), key=lambda pair: pair[1])),
        "information": {one.id: one.title for one in sorted(profile.information().values(), key=lambda one: one.title)},
        "need": {name: name.replace("_", " ").capitalize() for name in sorted(profile.needs())},
    }


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """An example as the API shows it."""
    kept = (
        "id", "state", "message_id", "conversation_id", "text", "intent", "about", "marked", "heard", "redacted", "proposer", "proposed_at",
        "corrector", "corrected_at", "decider", "decided_at", "reason", "teaching_id", "change",
    )  # fmt: skip
    return {name: row[name] for name in kept}


ONE = r"/teach/{id:[1-9]\d{0,8}}"
ROUTES = (
    *shown(ONE, mark_message, as_data, READERS, scope="conversations"),
    post(f"{ONE}/check", check, READERS),
    post(f"{ONE}/save", save, READERS),
)
