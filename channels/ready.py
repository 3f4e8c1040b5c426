"""How this process is: GET /health while it runs, GET /ready whether it can answer citizens now (200, or 503 with the reasons)."""

from __future__ import annotations

from aiohttp import web

from backoffice import catalogue
from channels.calls import json_response
from channels.keys import LOG, RASA, SETTINGS
from engagement.database import LogUnavailable


async def health(request: web.Request) -> web.Response:
    return json_response({"alive": True})


async def ready(request: web.Request) -> web.Response:
    """Doors without a worker take messages also while the assistant is away."""
    reasons = []
    try:
        await request.app[LOG].ping()
    except LogUnavailable:
        reasons.append("The database does not answer.")
    if RASA in request.app and not await request.app[RASA].ready():
        reasons.append("The assistant (Rasa) has no model loaded yet or does not answer.")
    if not catalogue.read(request.app[SETTINGS].home).entries:
        reasons.append("The back office's services are not known yet.")
    return json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)
