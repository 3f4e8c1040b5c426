"""The SMS door: Twilio's webhooks. Verify, write down, acknowledge; replies go out by REST."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from channels import numbers, opt_out, parts
from channels.keys import TWILIO
from channels.texts import receipt, receive
from channels.twilio import TwilioAccount
from channels.webhooks import media_of, message_sid, signed_form, text_of
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
    form = await signed_form(request)
    return await receive(request.app, inbound_message(form, request.app[TWILIO]))


def routes() -> list[web.RouteDef]:
    return [web.post("/sms/inbound", inbound), web.post("/sms/status", receipt)]
