"""Twilio: whose webhook it is, and sending through its REST API."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from hearback.keys import Keys
from hearback.settings import TWILIO_REAL_API, Settings

SANDBOX_ACCOUNT = "AC" + "5a" * 16
SANDBOX_NUMBER = "+447700900000"
TIMEOUT = 10
# Twilio's error codes that say something other than their HTTP status does: https://www.twilio.com/docs/api/errors
STOPPED = 21610
LATER = {429, 20429, 20500, 20503}


@dataclass(frozen=True)
class TwilioAccount:
    sid: str
    token: str
    service: str
    sender: str
    api: str


def account(settings: Settings, keys: Keys) -> TwilioAccount:
    """The council's account, or the sandbox phone's while there is none."""
    if settings.sms_by_sandbox:
        return TwilioAccount(SANDBOX_ACCOUNT, keys.sandbox_twilio_token, "", SANDBOX_NUMBER, f"{settings.sandbox_url}/twilio")
    return TwilioAccount(settings.twilio_account, settings.twilio_token, settings.twilio_service, settings.twilio_from, settings.twilio_api)


def signed(token: str, url: str, signature: str, *, form: Any = None, body: bytes = b"") -> bool:
    """Whether Twilio signed this request: over the public address and all form parameters, or over the body's hash for JSON."""
    if not signature:
        return False
    if form is not None:
        return bool(RequestValidator(token).validate(url, form, signature))
    given = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
    whole = hmac.compare_digest(hashlib.sha256(body).hexdigest(), given.lower())
    return whole and bool(RequestValidator(token).validate(url, {}, signature))


class SendError(Exception):
    """A text message was not taken. `retry`: try later; `stopped`: the citizen opted out; `doubtful`: it may have been taken."""

    def __init__(self, code: str, *, retry: bool = False, stopped: bool = False, doubtful: bool = False) -> None:
        super().__init__(code)
        self.code, self.retry, self.stopped, self.doubtful = code, retry, stopped, doubtful


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

    async def send(self, *, to: str, text: str, sender: str | None, callback: str) -> tuple[str, int | None]:
        """Send one text; returns Twilio's sid and its count of segments."""
        service = self._account.service
        origin = {"messaging_service_sid": service} if service else {"from_": sender or self._account.sender}
        try:
            sent = await self._client.messages.create_async(to=to, body=text, status_callback=callback, **origin)
        except TwilioRestException as error:
            code = error.code or error.status
            retry = error.status >= 500 or error.status == 429 or code in LATER
            raise SendError(str(code), retry=retry, stopped=code == STOPPED) from None
        except (TwilioException, aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            refused = type(error).__name__ in {"ClientConnectorError", "ClientConnectorDNSError", "ConnectionRefusedError"}
            raise SendError(type(error).__name__, retry=True, doubtful=not refused) from None
        return str(sent.sid), int(sent.num_segments) if sent.num_segments else None

    async def find(self, *, to: str, text: str, since: datetime) -> str | None:
        """The sid of this text if Twilio has it already."""
        try:
            for sent in await self._client.messages.list_async(to=to, limit=50):
                made = sent.date_created
                if sent.body == text and (made is None or made >= since - timedelta(seconds=30)):
                    return str(sent.sid)
        except (TwilioException, aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise SendError(type(error).__name__, retry=True, doubtful=True) from None
        return None

    async def close(self) -> None:
        await self._http.close()
