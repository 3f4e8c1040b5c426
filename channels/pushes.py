"""FixMyStreet's push: the back office tells us of a request's update by itself.

https://github.com/mysociety/fixmystreet/wiki/Open311-FMS---Proposed-differences-to-Open311
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import orjson
from aiohttp import web

from backoffice.records import Update, reference_of
from channels import notices
from channels.keys import CLOCK, LOG, SETTINGS, SIGNALS
from channels.watching import NEWS

PATH = "/open311/v2/servicerequestupdates.{format:json|xml}"
FORM = "application/x-www-form-urlencoded"
LONGEST_BODY = 32 * 1024
MOST_FIELDS = 100
NEEDED = ("update_id", "service_request_id", "status", "updated_datetime")
SINGULAR = {"errors": "error", "service_request_updates": "request_update"}


class Refusal(Exception):
    """An HTTP status and a sentence for each thing that is wrong."""

    def __init__(self, status: int, *sentences: str) -> None:
        super().__init__(status)
        self.status, self.sentences = status, sentences


async def receive(request: web.Request) -> web.Response:
    """One update; the same again changes nothing and is answered the same."""
    kind = request.match_info["format"]
    try:
        update = _update(await _form_of_the_back_office(request))
        await _note(request, update)
    except Refusal as refusal:
        errors = [{"code": refusal.status, "description": sentence} for sentence in refusal.sentences]
        return _answer(kind, "errors", errors, refusal.status)
    return _answer(kind, "service_request_updates", [{"update_id": update.update_id}])


async def _form_of_the_back_office(request: web.Request) -> Mapping[str, str]:
    """The posted fields, once their key has proved who sent them."""
    key = request.app[SETTINGS].push_key
    if not key:
        raise web.HTTPNotFound
    body = await request.content.read(LONGEST_BODY + 1)
    while not request.content.at_eof() and len(body) <= LONGEST_BODY:
        body += await request.content.read(LONGEST_BODY + 1)
    if len(body) > LONGEST_BODY:
        raise Refusal(400, "The body is too large.")
    try:
        form = dict(parse_qsl(body.decode("utf-8"), errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Refusal(400, f"Send the fields as {FORM} in UTF-8.") from None
    if not hmac.compare_digest(form.pop("api_key", "").encode(), key.encode()):
        raise Refusal(403, "api_key is missing or wrong.")
    if form.get("jurisdiction_id", "") not in ("", request.app[SETTINGS].open311_jurisdiction):
        raise Refusal(404, "There is no such jurisdiction here.")
    return form


def _update(form: Mapping[str, str]) -> Update:
    missing = [f"{name} is missing." for name in NEEDED if not form.get(name, "").replace("\x00", "").strip()]
    if missing:
        raise Refusal(400, *missing)
    update = Update.read(dict(form))
    if update is None or reference_of(update.reference) is None:
        raise Refusal(400, "service_request_id cannot be one.")
    if update.at is None:
        raise Refusal(400, "updated_datetime must be a date and time such as 2026-11-24T09:30:00Z.")
    return update


async def _note(request: web.Request, update: Update) -> None:
    log = request.app[LOG]
    if await log.requests.by_reference(update.reference) is None:
        raise Refusal(404, "There is no such request here.")
    notice = notices.of_update(update, source="push", heard_at=request.app[CLOCK].now())
    if await log.watch.noticed([notice]):
        if not notice.word:
            await log.watch.look_soon(update.reference)  # what it means, the request itself tells
        request.app[SIGNALS].ring(NEWS)


def _answer(kind: str, root: str, rows: list[dict[str, Any]], status: int = 200) -> web.Response:
    if kind == "json":
        return web.Response(body=orjson.dumps(rows), content_type="application/json", charset="utf-8", status=status)
    element = ElementTree.Element(root)
    for row in rows:
        child = ElementTree.SubElement(element, SINGULAR[root])
        for name, value in row.items():
            ElementTree.SubElement(child, name).text = "".join(one for one in str(value) if one.isprintable())
    return web.Response(
        body=ElementTree.tostring(element, "utf-8", xml_declaration=True), content_type="text/xml", charset="utf-8", status=status
    )


def routes() -> list[web.RouteDef]:
    return [web.post(PATH, receive)]
