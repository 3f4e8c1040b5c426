"""Pictures that citizens send by text: fetched from Twilio before the turn, by the worker, and from nowhere that is not public."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Iterable
from typing import Any

import aiohttp
from yarl import URL

from channels.twilio import TwilioAccount
from engagement.photos import TooManyPhotos
from engagement.pictures import LARGEST, Pictures, Unreadable, medium
from engagement.values import Message

logger = logging.getLogger("channels.media")
WITHIN = 20.0  # seconds for one try, redirects included
PAUSES = (1.0, 4.0)  # seconds before the second and the third try
MOST_REDIRECTS = 3
AT_ONCE = 8
# Why there is no copy of ours, and what the citizen hears.
MISSING = {"not_received": "utter_photo_not_received", "not_read": "utter_media_not_read"}
NOWHERE = [ipaddress.ip_network(one) for one in ("192.88.99.0/24", "2002::/16")]  # the old 6to4: an IPv4 address in disguise
GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")


class NotReceived(Exception):
    """A picture could not be fetched; perhaps it can be later."""


def unread(one: dict[str, Any]) -> bool:
    """Whether nobody has tried to fetch this picture yet."""
    return "photo" not in one and "missing" not in one


def seen(media: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The pictures that we hold."""
    return tuple(one for one in media if "photo" in one)


def told(media: Iterable[dict[str, Any]]) -> list[str]:
    """The responses that say which pictures we do not have; each once."""
    return list(dict.fromkeys(MISSING[one["missing"]] for one in media if "missing" in one))


def public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not private, of this machine, of this network, or a disguise of such."""
    one = ipaddress.ip_address(address)
    if not one.is_global or one.is_multicast or any(one in network for network in NOWHERE if network.version == one.version):
        return False
    return one.version == 4 or one in GLOBAL_IPV6


def _public_socket(address: Any) -> socket.socket:
    """Checked where the connection is made, so that a name cannot stand for another address a moment later."""
    family, kind, protocol, _, where = address
    if not public(str(where[0])):
        raise OSError("not a public address")
    return socket.socket(family, kind, protocol)


class Fetcher:
    """Fetches what stands at Twilio and keeps it among the citizens' pictures. Make it in the running loop."""

    def __init__(self, account: TwilioAccount, session: aiohttp.ClientSession, pictures: Pictures, *, public_url: str) -> None:
        self._api, self._auth = URL(account.api).origin(), aiohttp.BasicAuth(account.sid, account.token)
        self._session, self._pictures, self._public_url = session, pictures, public_url
        self._gate = asyncio.Semaphore(AT_ONCE)
        connector = aiohttp.TCPConnector(socket_factory=_public_socket, force_close=True)
        self._elsewhere = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def fetch(self, line: Message) -> list[dict[str, Any]]:
        """What became of each picture of a message: `photo` and `url` of our copy, or `missing` with the reason."""
        return [await self._one(one, line.conversation_id) if unread(one) else one for one in line.media]

    async def close(self) -> None:
        await self._elsewhere.close()

    async def _one(self, one: dict[str, Any], conversation_id: str) -> dict[str, Any]:
        kind = one.get("content_type", "")
        if kind and not kind.lower().startswith(("image/", "application/octet-stream")):
            return {**one, "missing": "not_read"}
        for pause in (*PAUSES, None):
            try:
                async with self._gate, asyncio.timeout(WITHIN):
                    data = await self._bytes(URL(one["url"]))
                return medium(await self._pictures.keep(data, conversation_id), self._public_url)
            except Unreadable:
                return {**one, "missing": "not_read"}
            except (NotReceived, TooManyPhotos, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                logger.warning("a picture was not received: %s", type(error).__name__)
                if pause is not None:
                    await asyncio.sleep(pause)
        return {**one, "missing": "not_received"}

    async def _bytes(self, url: URL) -> bytes:
        """The content behind an address; redirects are followed by hand, and Twilio's token goes to Twilio's API alone."""
        auth: aiohttp.BasicAuth | None = self._auth
        for _ in range(MOST_REDIRECTS + 1):
            ours = url.is_absolute() and url.origin() == self._api
            if not ours and url.scheme != "https":
                raise NotReceived
            session = self._session if ours else self._elsewhere
            headers = {"Accept-Encoding": "identity"}
            async with session.get(url, auth=auth if ours else None, allow_redirects=False, headers=headers) as answer:
                if answer.status not in {301, 302, 303, 307, 308}:
                    return await self._body(answer)
                url, auth = url.join(URL(answer.headers.get("Location", ""))), None
        raise NotReceived

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        if answer.status != 200:
            raise NotReceived
        data = bytearray()
        async for chunk in answer.content.iter_chunked(64 * 1024):
            data += chunk
            if len(data) > LARGEST:
                raise Unreadable
        return bytes(data)
