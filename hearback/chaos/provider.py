"""A Twilio of our own: it takes our texts, loses some answers, signs webhooks, and tries again until they are taken.

https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import BasicAuth, ClientError, ClientSession, ClientTimeout, web
from twilio.request_validator import RequestValidator

ACCOUNT, TOKEN, COUNCIL = "AC" + "0f" * 16, "4d" * 16, "+441632960100"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
PUBLIC = "https://hearback.council.example"
WITHIN = ClientTimeout(total=15)  # Twilio's own patience with a webhook
RECEIPT_TRIES = 60
AFTER_LATE = 14.0  # longer than Hearback waits
REFUSALS = {"429": (429, 20429, "Too Many Requests"), "500": (500, 20500, "Internal Server Error")}
# Not taken: 429, 500, lost (and the line breaks). Taken: drop (the line breaks), late (the answer comes too late), broken (500).
TROUBLES = ("429", "500", "lost", "drop", "late", "broken")


@dataclass
class Text:
    """A text that was taken from us. `message` is the id that its StatusCallback names."""

    sid: str
    to: str
    body: str
    callback: str
    at: datetime
    trouble: str

    @property
    def message(self) -> int | None:
        given = parse_qs(urlsplit(self.callback).query).get("message", [""])[0]
        return int(given) if given.isdecimal() else None

    def resource(self) -> dict[str, Any]:
        when, uri = format_datetime(self.at.replace(microsecond=0)), f"{PATH}/{self.sid}"
        return {
            "account_sid": ACCOUNT, "api_version": "2010-04-01", "body": self.body, "date_created": when, "date_sent": None,
            "date_updated": when, "direction": "outbound-api", "error_code": None, "error_message": None, "from": COUNCIL,
            "messaging_service_sid": None, "num_media": "0", "num_segments": "1", "price": None, "price_unit": "USD", "sid": self.sid,
            "status": "queued", "subresource_uris": {"media": f"{uri}/Media.json"}, "to": self.to, "uri": f"{uri}.json",
        }  # fmt: skip


class Provider:
    """`share` of the sends go wrong in one of the ways of TROUBLES. `now` tells the product's time."""

    def __init__(self, seed: int, now: Callable[[], datetime]) -> None:
        self.now, self.share = now, 0.0
        self.texts: list[Text] = []
        self.url = self.doors = ""
        self._chance = Random(f"provider {seed}")
        self._of: dict[str, list[Text]] = defaultdict(list)
        self._bells: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._receipts: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Provider:
        app = web.Application()
        app.add_routes([web.post(f"{PATH}.json", self._take), web.get(f"{PATH}.json", self._list)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._http = ClientSession(timeout=WITHIN)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._receipts:
            task.cancel()
        await asyncio.gather(*self._receipts, return_exceptions=True)
        await self._http.close()
        await self._runner.cleanup()

    def settings(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": COUNCIL, "HEARBACK_TWILIO_API": self.url,
            "HEARBACK_PUBLIC_URL": PUBLIC, "HEARBACK_SMS_PER_SECOND": "100",
        }  # fmt: skip

    def texts_of(self, number: str) -> list[Text]:
        return self._of[number]

    async def news(self, number: str, seconds: float) -> None:
        """Wait until another text came to a number, or the time is over."""
        self._bells[number].clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._bells[number].wait(), seconds)

    @property
    def receipts_left(self) -> int:
        return len(self._receipts)

    async def deliver(self, number: str, body: str, *, sid: str) -> bool:
        """A citizen's text at our door: whether it was taken."""
        form = {
            "ToCountry": "GB", "SmsMessageSid": sid, "NumMedia": "0", "SmsSid": sid, "SmsStatus": "received", "Body": body,
            "FromCountry": "GB", "To": COUNCIL, "NumSegments": "1", "MessageSid": sid, "AccountSid": ACCOUNT, "From": number,
            "ApiVersion": "2010-04-01",
        }  # fmt: skip
        return await self._webhook("/sms/inbound", form)

    async def _webhook(self, path: str, form: Mapping[str, str]) -> bool:
        signature = str(RequestValidator(TOKEN).compute_signature(PUBLIC + path, dict(form)))
        try:
            async with self._http.post(self.doors + path, data=form, headers={"X-Twilio-Signature": signature}) as answer:
                return answer.status == 200
        except (ClientError, TimeoutError, OSError):
            return False

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != BasicAuth(ACCOUNT, TOKEN).encode():
            return _refusal(401, 20003, "Authenticate")
        form = {name: str(value) for name, value in (await request.post()).items()}
        trouble = self._chance.choice(TROUBLES) if self._chance.random() < self.share else ""
        if trouble in REFUSALS:
            return _refusal(*REFUSALS[trouble])
        text = Text(f"SM{secrets.token_hex(16)}", form["To"], form["Body"], form["StatusCallback"], self.now(), trouble)
        if trouble != "lost":
            self.texts.append(text)
            self._of[text.to].append(text)
            self._bells[text.to].set()
            self._receipts.add(task := asyncio.create_task(self._receipt(text)))
            task.add_done_callback(self._receipts.discard)
        if trouble == "late":
            await asyncio.sleep(AFTER_LATE)
        if trouble in {"drop", "lost"} and request.transport is not None:
            request.transport.abort()
        if trouble == "broken":
            return _refusal(*REFUSALS["500"])
        return web.json_response(text.resource(), status=201)

    async def _receipt(self, text: Text) -> None:
        await asyncio.sleep(self._chance.uniform(0.2, 2.0))
        form = {
            "SmsSid": text.sid, "SmsStatus": "delivered", "MessageStatus": "delivered", "To": text.to, "MessageSid": text.sid,
            "AccountSid": ACCOUNT, "From": COUNCIL, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        for _ in range(RECEIPT_TRIES):
            if await self._webhook(text.callback.removeprefix(PUBLIC), form):
                return
            await asyncio.sleep(2)

    async def _list(self, request: web.Request) -> web.Response:
        size = int(request.query.get("PageSize", 50))
        found = self._of[request.query.get("To", "")][::-1][:size]
        first = f"{PATH}.json?PageSize={size}&Page=0"
        page = {"end": len(found), "first_page_uri": first, "next_page_uri": None, "page": 0, "page_size": size, "start": 0}
        return web.json_response({**page, "previous_page_uri": None, "uri": first, "messages": [text.resource() for text in found]})


def _refusal(status: int, code: int, words: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response({"code": code, "message": words, "more_info": more, "status": status}, status=status)
