"""The SMS door: Twilio's webhooks. Verify, write down, acknowledge; replies go out by REST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from channels import limits, numbers, opt_out, parts
from channels.keys import INBOX, KEYS, LIMITS, LOG, SIGNALS, TWILIO
from channels.twilio import TwilioAccount
from channels.twilio_sending import policy
from channels.webhooks import media_of, message_sid, signed_form, taken, text_of
from engagement.values import InboundMessage

LONGEST_SENDER = 64


def inbound_message(form: Mapping[str, str], account: TwilioAccount) -> InboundMessage:
    """Twilio's parameters as a message; 400 where it cannot be told which message it is or whose."""
    sid, sender, text = message_sid(form), form.get("From", "").replace("\x00", "").strip(), text_of(form)
    received_by = form.get("To", "").replace("\x00", "")[:LONGEST_SENDER]
    if not sender or len(sender) > LONGEST_SENDER:
        raise web.HTTPBadRequest(text="From is missing or is no sender.")
    return InboundMessage(
        channel="sms",
        provider_id=sid,
        text=parts.kept(text),
        sender=sender,
        received_by=received_by or None,
        media=media_of(form),
        opt_out=opt_out.read(text, form.get("OptOutType", "")),
        refused=numbers.refused(sender, ours=frozenset({received_by, account.sender})),
        more_within=parts.WAIT if parts.may_go_on(text) else None,
    )


async def inbound(request: web.Request) -> web.Response:
    """A citizen's text. The same MessageSid again is the same message."""
    message = inbound_message(await signed_form(request), request.app[TWILIO])
    if request.app[LIMITS].take(limits.TEXTS, request.app[KEYS].pseudonym(message.sender or "")):
        message = replace(message, refused=message.refused or "too_many")
    received = await request.app[LOG].receive(message, most_waiting=limits.MOST_WAITING)
    if received.waits:
        request.app[INBOX].wake(received.conversation_id)
    return taken()


async def status(request: web.Request) -> web.Response:
    """A delivery receipt; receipts come late, twice and out of order."""
    form = await signed_form(request)
    sid, state, ours = message_sid(form), form.get("MessageStatus"), request.query.get("message", "")
    if not state:
        raise web.HTTPBadRequest(text="MessageStatus is required.")
    message_id = int(ours) if ours.isascii() and ours.isdecimal() and len(ours) < 16 else None
    error = form.get("ErrorCode", "")
    await request.app[LOG].outbox.receipt(
        message_id=message_id, sid=sid, status=state, error=error[:40] or None,
        stopped=error.isascii() and error.isdecimal() and policy(int(error[:9])).stopped,
    )  # fmt: skip
    request.app[SIGNALS].ring("outbox")  # the next text of this citizen may go now
    return taken()


def routes() -> list[web.RouteDef]:
    return [web.post("/sms/inbound", inbound), web.post("/sms/status", status)]
