"""The bell from the console to the doors: what a colleague said goes out at once. Best effort: the doors also look by themselves."""

from __future__ import annotations

import logging

import aiohttp

from hearback.keys import Keys
from hearback.settings import Settings

PATH = "/internal/bell"
HEADER = "X-Hearback-Bell"
WITHIN = aiohttp.ClientTimeout(total=0.5)
EVERYWHERE = ("0.0.0.0", "::", "localhost")
logger = logging.getLogger("hearback.bells")


class Bell:
    """Make it inside the running loop, or ring it for the first time there."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
        self._url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}{PATH}"
        self._key = keys.bell_key
        self._session: aiohttp.ClientSession | None = None

    async def ring(self, conversation_id: str) -> bool:
        """There is news in this conversation; whether the doors heard it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=WITHIN)
        try:
            async with self._session.post(self._url, json={"conversation": conversation_id}, headers={HEADER: self._key}) as answer:
                return answer.status == 204
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            logger.info("the doors did not hear the bell: %s", type(error).__name__)
            return False

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
