"""The processes of the channels: the citizens' doors and the worker behind them, in one aiohttp application or each in its own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from channels import (
    bells,
    chat_config,
    council_pages,
    embed,
    events,
    headers,
    metrics,
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
from channels.allowances import Allowances
from channels.answering import answer_errors
from channels.erasure import Deleting
from channels.keys import CLOCK, ERASER, INBOX, KEYS, LIMITS, LOG, NEIGHBOURS, PICTURES, SETTINGS, SIGNALS, TWILIO
from channels.neighbours import Neighbours
from channels.ready import health, ready
from channels.signals import Signals
from channels.staff_news import StaffNews
from channels.worker import working
from engagement.line import Line
from engagement.log import EngagementLog
from engagement.pictures import Pictures
from hearback import serving
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.metrics_page import count
from hearback.settings import Settings

HERE = Path(__file__).parent
DOORS, WORKER = "doors", "worker"
BOTH = frozenset({DOORS, WORKER})


def make_app(settings: Settings, log: EngagementLog, clock: Clock, keys: Keys, *, parts: frozenset[str] = BOTH) -> web.Application:
    """The doors, the worker or both; everything they work with is made here and closed with the application."""
    between = [count, serving.hurry, *((answer_errors, headers.other_sites) if DOORS in parts else ())]
    app = web.Application(middlewares=between, client_max_size=64 * 1024, handler_args=serving.HANDLING)
    app[SETTINGS], app[LOG], app[CLOCK] = settings, log, clock
    app[KEYS], app[LIMITS], app[PICTURES] = keys, Allowances(settings.redis), Pictures(log, settings.home)
    app[TWILIO] = twilio.account(settings, keys)
    if settings.database_url.startswith("postgresql"):
        app[NEIGHBOURS] = Neighbours(Line(settings.database_url))
        app[SIGNALS], app[INBOX] = app[NEIGHBOURS].signals, app[NEIGHBOURS]
    else:
        app[SIGNALS] = Signals()
    if WORKER not in parts:
        app[ERASER] = Deleting(log, app[SIGNALS])
    app.on_shutdown.append(hang_up)
    app.cleanup_ctx.append(shared)
    if WORKER in parts:
        app.cleanup_ctx.append(working)
    if DOORS in parts:
        open_doors(app)
    app.add_routes([web.get("/health", health), web.get("/ready", ready)])
    metrics.add_to(app, settings, log)
    return app


def open_doors(app: web.Application) -> None:
    """What citizens, providers and the back office may call."""
    app.on_response_prepare.append(headers.secure)
    environment = aiohttp_jinja2.setup(
        app, loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.globals["static"] = static_url
    apis, by_text = (web_chat, events, photos, phone_code, chat_config, embed, bells), (sms, whatsapp)
    doors = (*apis, *by_text, page, page_ways, page_phone, page_answer, page_stop, council_pages, pushes)
    app.add_routes([route for door in doors for route in door.routes()])
    app.router.add_static("/static/", HERE / "static")


async def hang_up(app: web.Application) -> None:
    """Browsers come back by themselves; without this the doors would wait for them at the end."""
    app[SIGNALS].close()


def static_url(name: str) -> str:
    """The address of a static file, with a hash of its content so that it can be kept for long."""
    content = (HERE / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


async def shared(app: web.Application) -> AsyncIterator[None]:
    """What the doors and the worker both need while they run."""
    neighbours = app.get(NEIGHBOURS)

    def pass_on(conversation: str) -> None:
        bells.pass_on_here(app, conversation)

    # Whoever has neighbours finds here also what one of them said and then could not ring for.
    running: list[Callable[[], Coroutine[Any, Any, None]]] = [StaffNews(app[LOG], pass_on, everybody=neighbours is not None).run]
    if neighbours:
        running.append(neighbours.line.run)
    tasks = [asyncio.create_task(run()) for run in running]
    tasks.append(asyncio.create_task(events.keep_alive(app[SIGNALS])))
    yield
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
    app[PICTURES].close()
    await app[LIMITS].close()
    await app[LOG].close()
