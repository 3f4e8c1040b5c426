"""The worker: whatever is done for citizens without their waiting at a door."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
from aiohttp import web

from backoffice.directory import Directory
from backoffice.open311 import Open311Client
from channels import metrics
from channels.asking import Asker
from channels.erasure import Eraser
from channels.inbox import Inbox
from channels.keys import CLOCK, ERASER, INBOX, KEYS, LOG, NEIGHBOURS, PICTURES, RASA, SETTINGS, SIGNALS, TWILIO
from channels.mail import MailSender
from channels.media import Fetcher
from channels.neighbours import one_at_a_time
from channels.outbox import TextSender
from channels.outreach import Outreach
from channels.rasa import Rasa
from channels.retention import Retiring
from channels.sending_later import SendingLater
from channels.twilio_sending import Sender
from channels.waiting import Waiter
from channels.watching import Watcher
from engagement.log import EngagementLog
from engagement.pictures import Pictures
from hearback import logs, succession
from hearback.settings import Settings

logger = logging.getLogger("channels.worker")
SWEEP_EVERY = 3600.0
Run = Callable[[], Awaitable[None]]


async def working(app: web.Application) -> AsyncIterator[None]:
    """Starts what runs behind the doors, and stops it with them. Workers share conversations; each other task one of them does for all."""
    settings, log, signals, clock = app[SETTINGS], app[LOG], app[SIGNALS], app[CLOCK]
    line = app[NEIGHBOURS].line if NEIGHBOURS in app else None
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100), trace_configs=[metrics.watching(settings)])
    app[RASA] = rasa_of(settings, session, app[KEYS].rasa_token)
    fetcher, sender = Fetcher(app[TWILIO], session, app[PICTURES], public_url=settings.public_url), Sender(app[TWILIO])
    inbox = Inbox(log, app[RASA], signals, fetcher, line)
    if line:
        app[NEIGHBOURS].bring(inbox)
    else:
        app[INBOX] = inbox
    app[ERASER] = eraser = Eraser(log, app[RASA], inbox, app[PICTURES], signals, line)
    open311 = Open311Client(session, url=settings.open311_url, api_key=settings.open311_api_key, jurisdiction=settings.open311_jurisdiction)
    directory = Directory(session, url=settings.hsds_url)
    alone: dict[str, Run] = {
        "erasing": eraser.run,
        "retention": Retiring(log, app[RASA], app[PICTURES], clock).run,
        "texts": TextSender(log, sender, signals, clock, public_url=settings.public_url, per_second=settings.sms_per_second).run,
        "outreach": Outreach(open311, directory, home=settings.home, every=settings.catalogue_seconds).run,
        "sending later": SendingLater(log, open311, signals).run,
        "watching": Watcher(log, open311, signals, clock, every=settings.watch_seconds).run,
        "asking": Asker(log, open311, signals, clock).run,
        "waiting": Waiter(log, signals, clock).run,
        "sweeping": lambda: sweep(log, app[PICTURES]),
    }
    if settings.smtp:
        mail = MailSender(log, signals, clock, url=settings.smtp, sender=settings.mail_from, public_url=settings.public_url)
        alone["mail"] = mail.run
    tasks = [asyncio.create_task(inbox.run())]
    tasks += [asyncio.create_task(one_at_a_time(line, name, run)) for name, run in alone.items()]
    yield
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
    await fetcher.close()
    await sender.close()
    await session.close()


def rasa_of(settings: Settings, session: aiohttp.ClientSession, token: str) -> Rasa:
    """The way to the assistant; several Rasas remember the same where they share PostgreSQL and the locks in Redis."""
    return Rasa(
        session,
        url=settings.rasa_urls or succession.Address(settings),
        token=token,
        shared=settings.database.startswith("postgresql") and bool(settings.redis),
    )


async def sweep(log: EngagementLog, pictures: Pictures) -> None:
    """At the start and every hour: photos that were never sent, and tokens that open nothing any more."""
    while True:
        try:
            await pictures.sweep()
            await log.chats.forget_expired()
        except Exception as error:
            logger.error("what is left over could not be swept: %s", logs.where(error))
        await asyncio.sleep(SWEEP_EVERY)
