"""Sending through Twilio's REST API, and what each of its refusals means for a text."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from channels.twilio import TwilioAccount
from hearback.settings import TWILIO_REAL_API


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What becomes of a text that was not taken. With none of these it never goes out, and the team sees that."""

    retry: bool = False  # again later
    doubtful: bool = False  # it may have been taken all the same: ask before sending it again
    stopped: bool = False  # the citizen opted out: nothing is sent to them any more
    split: bool = False  # too long: send it in smaller texts
    rest: float = 0.0  # seconds in which nothing at all is sent


NEVER, LATER, UNSURE = Policy(), Policy(retry=True), Policy(retry=True, doubtful=True)
STOPPED, SPLIT = Policy(stopped=True), Policy(retry=True, split=True)
# https://www.twilio.com/docs/api/errors; also what receipts say (30xxx, 63xxx).
CODES = {
    **dict.fromkeys((20003, 20005, 21606, 21603, 21701), LATER),  # our account, its token or sender: somebody will put it right
    **dict.fromkeys((429, 20429, 14107, 63018), Policy(retry=True, rest=2.0)),  # too many requests
    21611: Policy(retry=True, rest=30.0),  # the number's own queue is full
    **dict.fromkeys((20500, 20503), UNSURE),
    21610: STOPPED,
    21617: SPLIT,  # more than 1,600 characters
    **dict.fromkeys((21211, 21214, 21217, 21408, 21601, 21602, 21604, 21612, 21614, 21635), NEVER),  # this number, from here, ever
    63016: NEVER,  # WhatsApp: more than 24 hours since the citizen wrote
    **dict.fromkeys((30003, 30004, 30005, 30006, 30007, 30008), NEVER),  # undelivered: the network had its tries
}
TIMEOUT = 10


def policy(code: int, status: int = 0) -> Policy:
    """By Twilio's code, else by the HTTP status."""
    if code in CODES:
        return CODES[code]
    if status >= 500:
        return UNSURE
    return CODES.get(status, NEVER)


class SendError(Exception):
    """A text message was not taken, or nobody knows; `policy` says what becomes of it."""

    def __init__(self, code: str, policy: Policy) -> None:
        super().__init__(code)
        self.code, self.policy = code, policy


@dataclass(frozen=True)
class Sent:
    """What Twilio says of a text that it has. `parts` is its own count, None until it knows."""

    sid: str
    parts: int | None


class _Rebased(AsyncTwilioHttpClient):
    """Twilio's own client, speaking to another address: a proxy, a mock, the sandbox phone."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=TIMEOUT)
        self._base = base

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        # Twilio's asynchronous client takes a time-out and does not use it (twilio 9.13): an answer that never comes would wait for ever.
        async with asyncio.timeout(TIMEOUT):
            return await super().request(method, url.replace(TWILIO_REAL_API, self._base, 1), *args, **kwargs)


class Sender:
    """Sends text messages for one account. Make it inside the running loop."""

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._http = _Rebased(account.api)
        self._client = Client(account.sid, account.token, http_client=self._http)

    @property
    def number(self) -> str:
        """The council's number, where the citizen wrote to no other."""
        return self._account.sender

    async def send(self, *, to: str, text: str, sender: str, callback: str, from_service: bool = True) -> Sent:
        """Send one text, from our Messaging Service where there is one and it may be; raises SendError."""
        service = self._account.service if from_service else ""
        origin = {"messaging_service_sid": service} if service else {"from_": sender}
        try:
            sent = await self._client.messages.create_async(to=to, body=text, status_callback=callback, **origin)
        except TwilioRestException as error:
            code = error.code or error.status
            raise SendError(str(code), policy(code, error.status)) from None
        except (TwilioException, aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            unreached = type(error).__name__ in {"ClientConnectorError", "ClientConnectorDNSError", "ConnectionRefusedError"}
            raise SendError(type(error).__name__, LATER if unreached else UNSURE) from None
        return _sent(sent)

    async def find(self, *, to: str, texts: Collection[str], since: datetime) -> list[Sent]:
        """Twilio's newest messages to a number since then with one of these texts. It may list what other lines of ours sent, too."""
        try:
            listed = await self._client.messages.list_async(to=to, limit=50)
        except (TwilioException, aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise SendError(type(error).__name__, UNSURE) from None
        since -= timedelta(seconds=30)  # two clocks
        return [_sent(one) for one in listed if one.body in texts and (one.date_created is None or one.date_created >= since)]

    async def close(self) -> None:
        await self._http.close()


def _sent(message: Any) -> Sent:
    counted = str(message.num_segments or "")
    return Sent(str(message.sid), int(counted) if counted.isdecimal() and counted != "0" else None)
