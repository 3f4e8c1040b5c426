"""What calls and answers of the API are made of: JSON bodies, and refusals with a sentence that says what to do."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from channels import words
from hearback import profile

LONGEST_TEXT = 2000
LONGEST_BODY = 32 * 1024
LANGUAGE = web.RequestKey("language", str)


class Refused(Exception):
    """The request cannot be done. `says` is a response of domain.yml for the citizen, or a sentence for whoever writes programs.

    `retry_after`: seconds until it can be tried again.
    """

    def __init__(self, status: int, says: str, *, retry_after: float | None = None, **values: str | int) -> None:
        super().__init__(says)
        self.status, self.says, self.retry_after, self.values = status, says, retry_after, values

    def sentence(self, language: str) -> str:
        return sentence(self.says, language, **self.values) if self.says.startswith("utter_") else self.says


def sentence(response: str, language: str, **values: str | int) -> str:
    """A response of domain.yml in the web chat."""
    return words.say(response, "web", language, **{name: str(value) for name, value in values.items()}).text


def spoken(request: web.Request) -> str:
    """The language of the caller's chat; before it is known, the first of ours that their browser asks for."""
    if LANGUAGE in request:
        return request[LANGUAGE]
    asked = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")]
    return next((code for code in asked if code in profile.answered_languages()), "en")


async def json_body(request: web.Request) -> dict[str, Any]:
    body = await request.content.read(LONGEST_BODY + 1)
    while not request.content.at_eof() and len(body) <= LONGEST_BODY:
        body += await request.content.read(LONGEST_BODY)
    if len(body) > LONGEST_BODY:
        raise Refused(413, "utter_refused_long", most=LONGEST_TEXT)
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Refused(400, "The body must be a JSON object.")
    return value


def json_response(body: Any, *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
