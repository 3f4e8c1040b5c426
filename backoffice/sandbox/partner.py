"""The partner's side of a request: finish the job, take it up again, say how it goes. No part of GeoReport."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from backoffice.sandbox.answers import Refused, answer, refusal
from backoffice.sandbox.council import Council, shown, written
from backoffice.sandbox.intake import FORM, LONGEST, Form, moment, read_form, read_object
from backoffice.sandbox.open311 import BASE
from backoffice.sandbox.store import reference

FIELDS = ("status_notes", "agency_responsible", "expected_datetime")


async def _fields(request: web.Request) -> tuple[dict[str, str], bool]:
    """What was sent, checked, and whether it came from an HTML form; curl -d posts JSON as a form, so the first character tells."""
    is_form = request.content_type == FORM and not (await _start(request)).startswith(b"{")
    if is_form:
        form = await read_form(request)
        content: dict[str, Any] = {name: form.one(name) for name in FIELDS}
    else:
        content = await read_object(request)
    for name in FIELDS:
        if not isinstance(content.get(name) or "", str) or len(content.get(name) or "") > LONGEST:
            raise Refused(400, f"{name} must be text of at most {LONGEST} characters.")
    fields = dict(Form((name, content[name]) for name in FIELDS if content.get(name)).fields)
    if fields.get("expected_datetime"):
        fields["expected_datetime"] = written(moment("expected_datetime", fields["expected_datetime"]))
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    return {name: value for name, value in fields.items() if value}, is_form and not wants_json


async def _start(request: web.Request) -> bytes:
    try:
        return (await request.read()).lstrip()[:1]
    except web.HTTPRequestEntityTooLarge as error:
        raise Refused(400, "The body is too large.") from error


def routes(council: Council) -> list[web.RouteDef]:
    """POST close, reopen and update, in JSON or as a form: the updated request as a one-element list, or back to the page for the form."""

    def play(state: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                row = council.request(request.match_info["id"])
                change, from_form = await _fields(request)
            except Refused as refused:
                return refusal("json", refused)
            council.update(row, state or row["status"], change.get("status_notes", ""), change=change)
            id = reference(row["number"])
            if from_form:
                raise web.HTTPSeeOther(f"/?changed={id}")
            return answer("json", "service_requests", [shown(council.request(id))])

        return handle

    verbs = (("close", "closed"), ("reopen", "open"), ("update", ""))
    return [web.post(f"{BASE}/requests/{{id}}/{verb}", play(state)) for verb, state in verbs]
