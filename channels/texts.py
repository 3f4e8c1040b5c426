"""What every door through Twilio does alike: citizens' messages are written down and woken, receipts applied."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from channels import limits, metrics
from channels.keys import INBOX, KEYS, LIMITS, LOG, SIGNALS
from channels.twilio_sending import policy
from channels.webhooks import message_sid, signed_form, taken
from engagement.values import InboundMessage


async def receive(app: web.Application, message: InboundMessage) -> web.Response:
    """Write a citizen's message down and wake the worker; the provider is answered at once."""
    if await app[LIMITS].take(limits.TEXTS, app[KEYS].pseudonym(message.sender or "")):
        message = replace(message, refused=message.refused or "too_many")
    received = await app[LOG].receive(message, most_waiting=limits.MOST_TEXTS_WAITING)
    metrics.message_came(received, message.channel)
    if received.waits or not received.new:  # a repeat too: where the log broke off in its commit, nobody was woken
        app[INBOX].wake(received.conversation_id)
    return taken()


async def receipt(request: web.Request) -> web.Response:
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
