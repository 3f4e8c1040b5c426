"""The citizens' doors: one aiohttp application with web chat, SMS, and the worker, sender and watcher behind them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import aiohttp_jinja2
import jinja2
from aiohttp import web

from backoffice.directory import Directory
from backoffice.open311 import Open311Client
from channels import chat_config, page, sms, twilio
from channels import web as web_chat
from channels.inbox import Inbox
from channels.keys import CLOCK, INBOX, LOG, RASA, SETTINGS, SIGNALS, TWILIO
from channels.outbox import TextSender
from channels.outreach import Outreach
from channels.rasa import Rasa
from channels.ready import ready
from channels.signals import Signals
from channels.web import Refused, json_response
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from hearback import logs
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.settings import Settings

logger = logging.getLogger("channels")
HERE = Path(__file__).parent
LONDON = ZoneInfo("Europe/London")
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error is a sentence: JSON for the API, text for the rest. A full or failing log is 503, so that the caller tries again."""
    api = request.path.startswith("/api/")
    try:
        return await handler(request)
    except Refused as refused:
        return json_response({"error": refused.sentence}, status=refused.status)
    except LogUnavailable as error:
        logger.warning("the log does not answer: %s", error)
        sentence = "We cannot take messages right now. Please try again in a minute."
        response = json_response({"error": sentence}, status=503) if api else web.Response(text=sentence, status=503)
        response.headers["Retry-After"] = "10"
        return response
    except web.HTTPException as error:
        if api and error.status >= 400:
            return json_response({"error": f"{error.reason}."}, status=error.status)
        raise
    except (ConnectionResetError, asyncio.CancelledError):
        raise
    except Exception as error:
        logger.error("%s %s failed: %s", request.method, request.match_info.route.resource and request.path, logs.where(error))
        sentence = "Something went wrong on our side. Please try again."
        return json_response({"error": sentence}, status=500) if api else web.Response(text=sentence, status=500)


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")


def make_app(settings: Settings, log: EngagementLog, clock: Clock, keys: Keys) -> web.Application:
    """The doors; everything they work with is made here and closed with the application."""
    app = web.Application(middlewares=[answer_errors], client_max_size=64 * 1024)
    app[SETTINGS], app[LOG], app[CLOCK], app[SIGNALS] = settings, log, clock, Signals()
    app[TWILIO] = twilio.account(settings, keys)
    app.on_response_prepare.append(secure)
    app.cleanup_ctx.append(workers(keys))
    environment = aiohttp_jinja2.setup(
        app, loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.globals["static"] = static_url
    environment.filters["clock_time"] = lambda moment: moment.astimezone(LONDON).strftime("%-I:%M%p").lower()
    app.add_routes([*web_chat.routes(), *sms.routes(), *page.routes(), *chat_config.routes(), web.get("/ready", ready)])
    app.router.add_static("/static/", HERE / "static")
    return app


def static_url(name: str) -> str:
    """The address of a static file, with a hash of its content so that it can be kept for long."""
    content = (HERE / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def workers(keys: Keys) -> Callable[[web.Application], AsyncIterator[None]]:
    """Starts what runs behind the doors, and stops it with them."""

    async def run(app: web.Application) -> AsyncIterator[None]:
        settings, log, signals, clock = app[SETTINGS], app[LOG], app[SIGNALS], app[CLOCK]
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))
        app[RASA] = Rasa(session, url=f"http://127.0.0.1:{settings.rasa_port}", token=keys.rasa_token)
        app[INBOX] = Inbox(log, app[RASA], signals)
        sender = twilio.Sender(app[TWILIO])
        open311 = Open311Client(
            session, url=settings.open311_url, api_key=settings.open311_api_key, jurisdiction=settings.open311_jurisdiction
        )
        texts = TextSender(log, sender, signals, clock, callback=f"{settings.public_url}/sms/status")
        directory = Directory(session, url=settings.hsds_url)
        outreach = Outreach(log, open311, directory, signals, clock, home=settings.home, every=settings.catalogue_seconds)
        tasks = [asyncio.create_task(one.run()) for one in (app[INBOX], texts, outreach)]
        yield
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        await sender.close()
        await session.close()
        await log.close()

    return run
