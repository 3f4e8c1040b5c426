"""The WhatsApp door: Twilio's webhooks again, with numbers written "whatsapp:+44…", locations, and buttons that carry words.

https://www.twilio.com/docs/whatsapp/api
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from aiohttp import web

from channels import numbers, opt_out, words
from channels.keys import TWILIO
from channels.texts import receipt, receive
from channels.twilio import TwilioAccount
from channels.webhooks import media_of, message_sid, signed_form, text_of
from engagement.values import InboundMessage

PREFIX = "whatsapp:"


def inbound_message(form: Mapping[str, str], account: TwilioAccount) -> InboundMessage:
    """Twilio's parameters as a message; 400 where it cannot be told which message it is or whose."""
    sender, received_by = form.get("From", "").strip(), form.get("To", "").strip()
    if not (sender.startswith(PREFIX) and received_by.startswith(PREFIX)) or len(sender + received_by) > 64:
        raise web.HTTPBadRequest(text="From and To must be numbers of WhatsApp.")
    number, ours = sender.removeprefix(PREFIX), received_by.removeprefix(PREFIX)
    text, point = text_of(form).strip(), location_of(form)
    return InboundMessage(
        channel="whatsapp",
        provider_id=message_sid(form),
        text=text or (words.say("utter_location_shared", "whatsapp").text if point else ""),
        payload=words.SHARED if point and not text else None,
        sender=number,
        received_by=received_by,
        media=media_of(form),
        location=point,
        opt_out=opt_out.read(text, form.get("OptOutType", "")),
        refused=numbers.refused(number, ours=frozenset({ours, account.sender})),
    )


def location_of(form: Mapping[str, str]) -> dict[str, float] | None:
    """A shared location {lat, long} in degrees."""
    try:
        lat, long = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    fits = math.isfinite(lat) and math.isfinite(long) and abs(lat) <= 90 and abs(long) <= 180
    return {"lat": round(lat, 5), "long": round(long, 5)} if fits else None


async def inbound(request: web.Request) -> web.Response:
    """A citizen's message. The same MessageSid again is the same message."""
    form = await signed_form(request)
    return await receive(request.app, inbound_message(form, request.app[TWILIO]))


def routes() -> list[web.RouteDef]:
    return [web.post("/whatsapp/inbound", inbound), web.post("/whatsapp/status", receipt)]
