"""Twilio's webhooks, of any channel that it carries: whose they are, and what their parameters say.

https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from channels.keys import SETTINGS, TWILIO
from channels.twilio import signed

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
LONGEST_BODY = 64 * 1024
LONGEST_TEXT = 1600
MOST_PARAMETERS = 500
MOST_PICTURES = 10
MESSAGE_SID = re.compile(r"[0-9A-Za-z_-]{1,64}")  # today SM or MM and 32 digits
UNSIGNED = "The signature is missing or wrong."


async def signed_form(request: web.Request) -> MultiDict[str]:
    """The posted parameters, blanks and repeats kept; 403 unless Twilio signed them under our public address with our token."""
    body = await request.content.read(LONGEST_BODY + 1)
    while not request.content.at_eof() and len(body) <= LONGEST_BODY:
        body += await request.content.read(LONGEST_BODY + 1)
    if len(body) > LONGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(max_size=LONGEST_BODY, actual_size=len(body))
    try:
        form: MultiDict[str] = MultiDict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS))
    except ValueError:
        raise web.HTTPForbidden(text=UNSIGNED) from None
    url = request.app[SETTINGS].public_url + request.raw_path
    account = request.app[TWILIO]
    is_json = request.content_type == "application/json"
    if not signed(account.token, url, request.headers.get("X-Twilio-Signature", ""), form=None if is_json else form, body=body):
        raise web.HTTPForbidden(text=UNSIGNED)
    return form


def message_sid(form: Mapping[str, str]) -> str:
    """What names a message at Twilio; 400 where it is missing or can be no name."""
    sid = form.get("MessageSid", "")
    if not MESSAGE_SID.fullmatch(sid):
        raise web.HTTPBadRequest(text="MessageSid is missing or is none.")
    return sid


def text_of(form: Mapping[str, str]) -> str:
    """The citizen's words as they came, also the spaces at their ends, which tell how a long text was cut. A picture has none."""
    return form.get("Body", "").replace("\x00", "")[:LONGEST_TEXT]


def media_of(form: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    """The pictures and other files of a message."""
    count = form.get("NumMedia", "")
    few = min(int(count), MOST_PICTURES) if re.fullmatch(r"[0-9]{1,9}", count) else 0
    found = ((form.get(f"MediaUrl{n}"), form.get(f"MediaContentType{n}", "")) for n in range(few))
    return tuple({"url": url[:2000], "content_type": kind[:100]} for url, kind in found if url)


def taken() -> web.Response:
    """Replies go out by REST: the webhook never waits for them."""
    return web.Response(text=EMPTY_TWIML, content_type="text/xml")
