"""The SMS door: Twilio's webhooks. Verify, write down, acknowledge; replies go out by REST."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from channels.keys import INBOX, LOG, SETTINGS, SIGNALS, TWILIO
from channels.twilio import signed
from channels.twilio_sending import policy
from engagement.values import InboundMessage

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
LONGEST_BODY = 64 * 1024
OPT_OUT = {
    **dict.fromkeys("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split(), "STOP"),
    **dict.fromkeys("START UNSTOP".split(), "START"),
    **dict.fromkeys("HELP INFO".split(), "HELP"),
}


async def signed_form(request: web.Request) -> MultiDict[str]:
    """The posted parameters, blanks and repeats kept; 403 unless Twilio signed them under our public address."""
    body = await request.content.read(LONGEST_BODY + 1)
    while not request.content.at_eof() and len(body) <= LONGEST_BODY:
        body += await request.content.read(LONGEST_BODY + 1)
    if len(body) > LONGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(max_size=LONGEST_BODY, actual_size=len(body))
    try:
        form: MultiDict[str] = MultiDict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=500))
    except ValueError:
        raise web.HTTPForbidden(text="The signature is missing or wrong.") from None
    url = request.app[SETTINGS].public_url + request.raw_path
    signature = request.headers.get("X-Twilio-Signature", "")
    is_json = request.content_type == "application/json"
    if not signed(request.app[TWILIO].token, url, signature, form=None if is_json else form, body=body):
        raise web.HTTPForbidden(text="The signature is missing or wrong.")
    return form


def inbound_message(form: Mapping[str, str]) -> InboundMessage:
    """Twilio's parameters as a message. A picture message has an empty Body."""
    count = form.get("NumMedia", "0")
    pictures = range(min(int(count), 10) if count.isdecimal() else 0)
    media = tuple(
        {"url": form[f"MediaUrl{n}"], "content_type": form.get(f"MediaContentType{n}", "")} for n in pictures if form.get(f"MediaUrl{n}")
    )
    text = form.get("Body", "").strip()
    return InboundMessage(
        channel="sms",
        provider_id=form["MessageSid"],
        text=text[:1600],
        sender=form["From"],
        received_by=form.get("To"),
        media=media,
        opt_out=form.get("OptOutType") or OPT_OUT.get(text.upper()),
    )


async def inbound(request: web.Request) -> web.Response:
    """A citizen's text. The same MessageSid again is the same message."""
    form = await signed_form(request)
    if not form.get("MessageSid") or not form.get("From"):
        raise web.HTTPBadRequest(text="MessageSid and From are required.")
    message = inbound_message(form)
    received = await request.app[LOG].receive(message)
    if received.new and not message.opt_out:
        request.app[INBOX].wake(received.conversation_id)
    return web.Response(text=EMPTY_TWIML, content_type="text/xml")


async def status(request: web.Request) -> web.Response:
    """A delivery receipt; receipts come late, twice and out of order."""
    form = await signed_form(request)
    sid, state = form.get("MessageSid"), form.get("MessageStatus")
    if not sid or not state:
        raise web.HTTPBadRequest(text="MessageSid and MessageStatus are required.")
    ours, error = request.query.get("message", ""), form.get("ErrorCode", "")
    await request.app[LOG].outbox.receipt(
        message_id=int(ours) if ours.isdecimal() and len(ours) < 16 else None,
        sid=sid,
        status=state,
        error=error[:40] or None,
        stopped=error.isdecimal() and policy(int(error[:9])).stopped,
    )
    request.app[SIGNALS].ring("outbox")  # the next text of this citizen may go now
    return web.Response(text=EMPTY_TWIML, content_type="text/xml")


def routes() -> list[web.RouteDef]:
    return [web.post("/sms/inbound", inbound), web.post("/sms/status", status)]
