"""The citizens' doors: one aiohttp application with web chat, SMS, and the worker, sender and watcher behind them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import aiohttp_jinja2
import jinja2
from aiohttp import web

from backoffice.directory import Directory
from backoffice.open311 import Open311Client
from channels import (
    bells,
    chat_config,
    council_pages,
    embed,
    events,
    headers,
    page,
    page_answer,
    page_phone,
    page_stop,
    page_ways,
    phone_code,
    photos,
    pushes,
    sms,
    twilio,
    whatsapp,
)
from channels import web as web_chat
from channels.asking import Asker
from channels.calls import Refused, json_response, sentence, spoken
from channels.erasure import Eraser
from channels.inbox import Inbox
from channels.keys import CLOCK, ERASER, INBOX, KEYS, LIMITS, LOG, PICTURES, RASA, SETTINGS, SIGNALS, TWILIO
from channels.limits import Limits
from channels.mail import MailSender
from channels.media import Fetcher
from channels.outbox import TextSender
from channels.outreach import Outreach
from channels.page_problem import for_people, not_found, problem
from channels.rasa import Rasa
from channels.ready import ready
from channels.retention import Retiring
from channels.sending_later import SendingLater
from channels.signals import Signals
from channels.staff_news import StaffNews
from channels.twilio_sending import Sender
from channels.waiting import Waiter
from channels.watching import Watcher
from engagement.chats import UnknownConversation
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.pictures import Pictures
from hearback import logs, serving
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.settings import Settings

logger = logging.getLogger("channels")
HERE = Path(__file__).parent
SWEEP_EVERY = 3600.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error is a sentence: JSON for the API, text for the rest. A full or failing log is 503, so that the caller tries again."""
    try:
        return await handler(request)
    except Refused as refused:
        return told(request, refused.status, refused.sentence(spoken(request)), retry_after=refused.retry_after)
    except UnknownConversation:  # it was deleted while this call was under way
        return told(request, 401, sentence("utter_refused_unknown_chat", spoken(request)))
    except LogUnavailable as error:
        logger.warning("the log does not answer: %s", error)
        return told(request, 503, sentence("utter_doors_closed", spoken(request)), retry_after=10)
    except web.HTTPException as error:
        if request.path.startswith("/api/") and error.status >= 400:
            return told(request, error.status, f"{error.reason}.")
        if error.status == 404 and for_people(request):
            return not_found(request)
        raise
    except (ConnectionResetError, asyncio.CancelledError):
        raise
    except Exception as error:
        logger.error("%s %s failed: %s", request.method, route_of(request), logs.where(error))
        return told(request, 500, sentence("utter_doors_failed", spoken(request)))


def told(request: web.Request, status: int, words: str, *, retry_after: float | None = None) -> web.Response:
    if request.path.startswith("/api/"):
        response = json_response({"error": words}, status=status)
    else:
        response = problem(request, status, words) if for_people(request) else web.Response(text=words, status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(retry_after)))
    return response


def route_of(request: web.Request) -> str:
    """The route without what the caller put into it."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "an unknown path"


def make_app(settings: Settings, log: EngagementLog, clock: Clock, keys: Keys) -> web.Application:
    """The doors; everything they work with is made here and closed with the application."""
    app = web.Application(
        middlewares=[serving.hurry, answer_errors, headers.other_sites], client_max_size=64 * 1024, handler_args=serving.HANDLING
    )
    app[SETTINGS], app[LOG], app[CLOCK], app[SIGNALS] = settings, log, clock, Signals()
    app[KEYS], app[LIMITS], app[PICTURES] = keys, Limits(), Pictures(log, settings.home)
    app[TWILIO] = twilio.account(settings, keys)
    app.on_response_prepare.append(headers.secure)
    app.on_shutdown.append(hang_up)
    app.cleanup_ctx.append(workers(keys))
    environment = aiohttp_jinja2.setup(
        app, loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.globals["static"] = static_url
    apis, by_text = (web_chat, events, photos, phone_code, chat_config, embed, bells), (sms, whatsapp)
    doors = (*apis, *by_text, page, page_ways, page_phone, page_answer, page_stop, council_pages, pushes)
    app.add_routes([*(route for door in doors for route in door.routes()), web.get("/ready", ready)])
    app.router.add_static("/static/", HERE / "static")
    return app


async def hang_up(app: web.Application) -> None:
    """Browsers come back by themselves; without this the doors would wait for them at the end."""
    app[SIGNALS].close()


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
        fetcher = Fetcher(app[TWILIO], session, app[PICTURES], public_url=settings.public_url)
        app[INBOX] = Inbox(log, app[RASA], signals, fetcher)
        sender = Sender(app[TWILIO])
        open311 = Open311Client(
            session, url=settings.open311_url, api_key=settings.open311_api_key, jurisdiction=settings.open311_jurisdiction
        )
        texts = TextSender(log, sender, signals, clock, public_url=settings.public_url, per_second=settings.sms_per_second)
        directory = Directory(session, url=settings.hsds_url)
        outreach = Outreach(open311, directory, home=settings.home, every=settings.catalogue_seconds)
        later, asker = SendingLater(log, open311, signals), Asker(log, open311, signals, clock)
        app[ERASER] = Eraser(log, app[RASA], app[INBOX], app[PICTURES], signals)
        watcher = Watcher(log, open311, signals, clock, every=settings.watch_seconds)
        retiring = Retiring(log, app[RASA], app[PICTURES], clock)
        news, waiter = StaffNews(log, functools.partial(bells.pass_on, app)), Waiter(log, signals, clock)
        running = (app[INBOX], app[ERASER], retiring, texts, outreach, later, watcher, asker, news, waiter)
        tasks = [asyncio.create_task(one.run()) for one in running]
        if settings.smtp:
            mail = MailSender(log, signals, clock, url=settings.smtp, sender=settings.mail_from, public_url=settings.public_url)
            tasks.append(asyncio.create_task(mail.run()))
        tasks += [asyncio.create_task(one) for one in (events.keep_alive(signals), sweep(log, app[PICTURES]))]
        yield
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        await fetcher.close()
        await sender.close()
        await session.close()
        app[PICTURES].close()
        await log.close()

    return run


async def sweep(log: EngagementLog, pictures: Pictures) -> None:
    """At the start and every hour: photos that were never sent, and tokens that open nothing any more."""
    while True:
        try:
            await pictures.sweep()
            await log.chats.forget_expired()
        except Exception as error:
            logger.error("what is left over could not be swept: %s", logs.where(error))
        await asyncio.sleep(SWEEP_EVERY)
