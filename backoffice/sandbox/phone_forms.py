"""What is posted to the sandbox phone: a text with its pictures, as a page's form or as JSON."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from backoffice.sandbox.phone_media import LARGEST, MOST_IN_A_TEXT, Picture

LONGEST_FORM = LARGEST + 64 * 1024
CONTENT_TYPE = re.compile(r"[a-z]+/[\w.+-]{1,60}")
TOO_LARGE = "Choose pictures of at most 5 MB in all."
WRONG_PICTURE = f"Choose at most {MOST_IN_A_TEXT} pictures, each a file that is not empty."


class Wrong(Exception):
    """Something typed or posted that cannot be used; a sentence that says what to do."""


@dataclass(frozen=True)
class Posted:
    number: str
    text: str
    pictures: tuple[Picture, ...] = ()
    wrong_picture: str = ""


def own_page(request: web.Request) -> None:
    """403 for another site that posts through the visitor's browser."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden


async def json_object(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json() if request.content_type == "application/json" else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Wrong("Send a JSON object as application/json.")
    return body


async def posted(request: web.Request) -> Posted:
    """The page's form, or {"number", "text", "pictures"?: [{"content_type", "base64"}]}; raises Wrong where no form can be read."""
    request = request.clone(client_max_size=LONGEST_FORM * 2)  # base64 is a third longer
    try:
        if request.content_type == "application/json":
            body = await json_object(request)
            return _posted(body.get("number"), body.get("text"), _decoded(body.get("pictures")))
        form = await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise Wrong(TOO_LARGE) from None
    files = [one for one in form.getall("picture", []) if isinstance(one, web.FileField)]
    return _posted(form.get("number"), form.get("text"), [Picture(one.content_type, one.file.read()) for one in files])


def _posted(number: object, text: object, pictures: Iterable[Picture]) -> Posted:
    pictures = tuple(pictures)
    wrong = ""
    if len(pictures) > MOST_IN_A_TEXT or not all(one.content and CONTENT_TYPE.fullmatch(one.content_type) for one in pictures):
        wrong = WRONG_PICTURE
    elif sum(len(one.content) for one in pictures) > LARGEST:
        wrong = TOO_LARGE
    return Posted(str(number or ""), str(text or "").replace("\r\n", "\n"), pictures, wrong)


def _decoded(given: object) -> list[Picture]:
    try:
        listed = given if isinstance(given, list) else []
        return [Picture(str(one["content_type"]), base64.b64decode(one["base64"], validate=True)) for one in listed]
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise Wrong(WRONG_PICTURE) from None
