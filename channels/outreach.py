"""Keeps what citizens may ask for up to date: the back office's services and the directory of support."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from backoffice import catalogue, kept, support
from backoffice.directory import Directory
from backoffice.errors import BackOfficeError
from backoffice.open311 import Open311Client
from hearback import logs

logger = logging.getLogger("channels.outreach")
UNKNOWN_EVERY = 1.0  # real seconds, while nothing is known yet
SUPPORT_EVERY = 10  # readings of the services for one of the directory, which is larger and changes less


class Outreach:
    """`every`: real seconds between two readings of the back office's services."""

    def __init__(self, open311: Open311Client, directory: Directory, *, home: Path, every: float) -> None:
        self._open311, self._directory, self._home, self._every = open311, directory, home, every

    async def run(self) -> None:
        await asyncio.gather(self._watch_services(), self._watch_support())

    async def _watch_services(self) -> None:
        while True:
            known = True
            try:
                if await catalogue.refresh(self._open311, self._home):
                    logger.info("the back office's services have changed")
            except BackOfficeError as error:
                known = catalogue.version(self._home) != kept.NEVER
                logger.warning("the back office's services could not be read: %s", type(error).__name__)
            except Exception as error:
                logger.error("the back office's services could not be kept: %s", logs.where(error))
            await asyncio.sleep(self._every if known else UNKNOWN_EVERY)

    async def _watch_support(self) -> None:
        while True:
            try:
                if support.keep(await self._directory.services(support.read(self._home)), self._home):
                    logger.info("the directory of support has changed")
            except BackOfficeError as error:
                logger.warning("the directory of support could not be read: %s", type(error).__name__)
            except Exception as error:
                logger.error("the directory of support could not be kept: %s", logs.where(error))
            known = support.version(self._home) != kept.NEVER
            await asyncio.sleep(self._every * SUPPORT_EVERY if known else UNKNOWN_EVERY)
