"""The inbox as it happens. One look a second for all open windows of this process, and none while nobody listens."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web

from engagement.database import LogUnavailable
from engagement.desk_values import Pulse
from engagement.log import EngagementLog

EVERY = 1.0
logger = logging.getLogger("hearback.console")


class Window:
    """A page that listens: to the inbox, and to the conversation that it shows."""

    def __init__(self, conversation: str | None) -> None:
        self.conversation, self.bell = conversation, asyncio.Event()
        self.pulse: Pulse | None = None

    def see(self, pulse: Pulse) -> None:
        before, self.pulse = self.pulse, pulse
        if before is None or (before.mark, self._of(before)) != (pulse.mark, self._of(pulse)):
            self.bell.set()

    def _of(self, pulse: Pulse) -> object:
        return pulse.latest.get(self.conversation or "")


class Live:
    def __init__(self, log: EngagementLog) -> None:
        self._log = log
        self._windows: set[Window] = set()
        self._looking: asyncio.Task[None] | None = None
        self.closed = False

    def join(self, conversation: str | None) -> Window:
        window = Window(conversation)
        self._windows.add(window)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return window

    def leave(self, window: Window) -> None:
        self._windows.discard(window)
        if not self._windows and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def close(self) -> None:
        """Let every window end: browsers come back by themselves."""
        self.closed = True
        for window in self._windows:
            window.bell.set()

    async def _look(self) -> None:
        while True:
            try:
                pulse = await self._log.desk.pulse({one.conversation for one in self._windows if one.conversation})
                for window in self._windows:
                    window.see(pulse)
            except LogUnavailable:
                logger.warning("The inbox waits: the log does not answer")
            except Exception as error:
                logger.error("The inbox waits: %s", type(error).__name__)
            await asyncio.sleep(EVERY)


LIVE = web.AppKey("live", Live)


def set_up(app: web.Application, log: EngagementLog) -> None:
    app[LIVE] = Live(log)
    app.on_shutdown.append(_hang_up)


async def _hang_up(app: web.Application) -> None:
    app[LIVE].close()
