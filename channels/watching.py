"""Watches citizens' requests in the back office: what has happened to them, and how they look."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backoffice.errors import BackOfficeError, BackOfficeRefused, BackOfficeUnavailable, NotFound
from backoffice.open311 import Open311Client
from backoffice.records import ServiceRequest
from channels import notices
from channels.looking import Looker
from channels.publishing import Publisher
from channels.signals import Signals
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.values import Notice, Request
from hearback import logs
from hearback.clock import Clock

logger = logging.getLogger("channels.watching")
NEWS = "outcomes"  # the bell of those who tell citizens
MARK = "updates"  # how far the list of updates was read
PASS = 60.0  # seconds of the product's clock between two passes
AT_LEAST, AT_MOST = 1.0, 5.0  # real seconds
AT_ONCE = 200  # requests in a pass
OVERLAP = timedelta(hours=1)  # updates appear later than they are dated
WINDOW = timedelta(days=90)  # read together; at the first time also how far back
NO_LIST = timedelta(hours=1)  # until a server without a list of updates is asked for it again
SOON, HOURLY, DAILY, WEEKLY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
TOKEN = timedelta(seconds=30)  # until a token is asked about again, at first
QUIET, QUIETER, OVER = timedelta(days=7), timedelta(days=30), timedelta(days=180)  # since something happened to a request
PAUSES = (10, 30, 60, 300, 900, 3600)  # seconds of the product's clock while the back office is away
NEVER = datetime.min.replace(tzinfo=UTC)
SEARCH_BACK = timedelta(days=1)


class Watcher:
    """`every`: real seconds between two readings of the back office's updates."""

    def __init__(
        self, log: EngagementLog, open311: Open311Client, signals: Signals, clock: Clock, *, every: float = SOON.total_seconds()
    ) -> None:
        self._log, self._open311, self._signals, self._clock = log, open311, signals, clock
        self._soon, self._every = clock.lease(timedelta(seconds=every)), every
        self._looker, self._publisher = Looker(open311), Publisher(log, open311, clock)
        self._read_at = self._resume_at = NEVER
        self._unread = self._outages = 0

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except LogUnavailable:
                logger.warning("the back office is not watched: the log does not answer")
            except Exception as error:
                logger.error("the back office could not be watched: %s", logs.where(error))
            await asyncio.sleep(min(AT_MOST, self._every, max(AT_LEAST, self._clock.real_seconds(PASS))))

    async def look(self) -> None:
        """One pass. While nothing is due it costs one question to the log."""
        if self._clock.now() < self._resume_at:
            return
        if self._clock.now() >= self._read_at:
            await self._read_updates()
        await self._publisher.publish()
        due = await self._log.watch.due(AT_ONCE)
        for request in due:
            if request.reference is None:
                await self._name(request)
        if named := [request for request in due if request.reference is not None]:
            await self._look_at(named)

    # The list of updates: everything that happened, also what was taken back since.

    async def _read_updates(self) -> None:
        now = self._clock.now()
        self._read_at = now + self._soon
        if not await self._log.watch.anything():
            return
        mark = await self._log.watch.mark(MARK)
        start = mark - OVERLAP if mark else now - WINDOW
        try:
            while start < now:
                end = min(start + WINDOW, now)
                updates = await self._open311.updates(start, end)
                if updates is None:
                    self._read_at = now + (self._soon if mark else NO_LIST)
                    return
                heard = [notices.of_update(one, source="feed", heard_at=now) for one in updates]
                await self._noticed(heard, mark=(MARK, end))
                start = end
            self._unread = 0
        except BackOfficeUnavailable as error:
            self._read_at = now + _pause(self._unread)
            self._unread += 1
            logger.warning("the back office's updates could not be read: %s", type(error).__name__)

    async def _noticed(self, heard: Sequence[Notice], *, mark: tuple[str, datetime] | None = None) -> set[str]:
        told = set(await self._log.watch.noticed(heard, mark=mark))
        for reference in told & {one.reference for one in heard if not one.word}:
            await self._log.watch.look_soon(reference)
        if told:
            self._signals.ring(NEWS)
        return told

    # The requests themselves.

    async def _look_at(self, due: Sequence[Request]) -> None:
        seen_at = self._clock.now()
        looked = await self._looker.look([request.reference or "" for request in due])
        heard = [one for reference, found in looked.found.items() if (one := _seen(reference, found, seen_at))]
        news = await self._noticed(heard) if heard else set()
        now = self._clock.now()
        plan: dict[tuple[datetime | None, bool], list[str]] = {}
        for request in due:
            reference = request.reference or ""
            if reference in looked.found:
                plan.setdefault((_again(request, now, news=reference in news), False), []).append(request.key)
            elif reference in looked.missing | looked.failed:
                most = WEEKLY if reference in looked.missing else HOURLY
                plan.setdefault((now + _rarer(SOON, request.watch_failures, most), True), []).append(request.key)
        for (again, failed), keys in plan.items():
            await self._log.watch.looked(keys, again=again, failed=failed)
        self._outages = self._outages + 1 if looked.away else 0
        if looked.away:
            self._resume_at = now + _pause(self._outages - 1)
            logger.warning("the back office does not answer: its requests are looked at later")

    async def _name(self, request: Request) -> None:
        """Find the reference of a request for which the back office gave a token, or nothing at all."""
        now = self._clock.now()
        try:
            reference = await self._reference_of(request)
        except BackOfficeError:
            reference = None
        if reference:
            await self._log.requests.named(request.key, reference)
            await self._log.watch.looked([request.key], again=now)
            return
        over = request.token is None and now - request.created_at > QUIET  # a service that gives out no references
        again = None if over else now + _rarer(TOKEN, request.watch_failures, HOURLY)
        await self._log.watch.looked([request.key], again=again, failed=True)

    async def _reference_of(self, request: Request) -> str | None:
        if request.token:
            try:
                return await self._open311.reference_of(request.token)
            except (BackOfficeRefused, NotFound):
                pass  # it gives out tokens, and knows nothing of them
        since = request.created_at - SEARCH_BACK
        found = await self._open311.find_created(request.service_code, tag=request.tag, since=since)
        return found.reference if found else None


def _seen(reference: str, found: ServiceRequest, seen_at: datetime) -> Notice | None:
    notice = notices.of_request(found, seen_at=seen_at)
    return replace(notice, reference=reference) if notice else None


def _again(request: Request, now: datetime, *, news: bool) -> datetime | None:
    """When to look next: often while something happens, ever more rarely after; no more when it was over long ago."""
    quiet = timedelta(0) if news else now - request.updated_at
    if request.status == "closed" and quiet > OVER:
        return None
    return now + (SOON if quiet < QUIET else HOURLY if quiet < QUIETER else DAILY)


def _rarer(first: timedelta, failures: int, most: timedelta) -> timedelta:
    return min(most, first * (1 << min(failures, 12)))


def _pause(times: int) -> timedelta:
    return timedelta(seconds=PAUSES[min(times, len(PAUSES) - 1)])
