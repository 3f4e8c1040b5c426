"""The bell that the console rings when a colleague has said or done something in a conversation; no citizen reaches it."""

from __future__ import annotations

import hmac
import re
from ipaddress import ip_address

from aiohttp import web

from channels.calls import json_body
from channels.keys import INBOX, KEYS, NEIGHBOURS, SETTINGS, SIGNALS
from hearback.bells import HEADER, PATH

CONVERSATION = re.compile(r"[0-9a-f]{32}")
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via")


async def bell(request: web.Request) -> web.Response:
    """POST /internal/bell {conversation}: 204; to everybody else there is nothing here."""
    shown, key = request.headers.get(HEADER, "").encode(), request.app[KEYS].bell_key.encode()
    if not hmac.compare_digest(shown, key) or not from_this_machine(request):
        raise web.HTTPNotFound
    conversation = (await json_body(request)).get("conversation")
    if not isinstance(conversation, str) or not CONVERSATION.fullmatch(conversation):
        raise web.HTTPBadRequest
    pass_on(request.app, conversation)
    return web.Response(status=204)


def from_this_machine(request: web.Request) -> bool:
    """Whether a program of this machine calls, and no proxy for somebody else."""
    remote = request.remote or ""
    try:
        near = remote == request.app[SETTINGS].host or ip_address(remote).is_loopback
    except ValueError:
        near = False
    return near and not any(name in request.headers for name in FORWARDED)


def pass_on(app: web.Application, conversation: str) -> None:
    """Show it in open windows, send it, and answer what is the assistant's again; other processes hear of it too."""
    app[SIGNALS].ring(conversation)
    app[SIGNALS].ring("outbox")
    app[INBOX].wake(conversation)


def pass_on_here(app: web.Application, conversation: str) -> None:
    """The same for this process only: the others look by themselves."""
    app[SIGNALS].ring_here(conversation)
    app[SIGNALS].ring_here("outbox")
    (app[NEIGHBOURS].wake_here if NEIGHBOURS in app else app[INBOX].wake)(conversation)


def routes() -> list[web.RouteDef]:
    return [web.post(PATH, bell)]
