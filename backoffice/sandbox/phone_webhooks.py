"""What the sandbox phone tells the council, signed as Twilio does: texts that came in, and what became of texts sent out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from backoffice.sandbox.phone_media import ACCOUNT, API_VERSION, Media
from backoffice.sandbox.phone_store import Message, PhoneStore, Webhook, written

COUNCIL_NUMBER = "+447700900000"
UNREACHABLE = 30003  # https://www.twilio.com/docs/api/errors/30003
RETRY_AFTER = (0.5, 2.0)
AT_ONCE = 16
logger = logging.getLogger(__name__)


def inbound_form(message: Message, media: Sequence[Media] = (), api: str = "") -> dict[str, str]:
    """https://www.twilio.com/docs/messaging/guides/webhook-request; `api` is where the pictures can be fetched."""
    places = {f"{end}{part}": "" for end in ("From", "To") for part in ("City", "State", "Zip")}
    form = {
        **{name: message.sid for name in ("MessageSid", "SmsSid", "SmsMessageSid")},
        **places,
        "AccountSid": ACCOUNT,
        "ApiVersion": API_VERSION,
        "SmsStatus": "received",
        "From": message.sender,
        "FromCountry": "GB",
        "To": message.recipient,
        "ToCountry": "GB",
        "Body": message.body,
        "NumMedia": str(len(media)),
        "NumSegments": str(message.segments),
    }
    for number, one in enumerate(media):
        form |= {f"MediaUrl{number}": f"{api}{one.path}", f"MediaContentType{number}": one.content_type}
    return form | ({"OptOutType": message.opt_out_type} if message.opt_out_type else {})


def receipt_form(message: Message, status: str) -> dict[str, str]:
    """https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks"""
    form = {
        "AccountSid": ACCOUNT,
        "ApiVersion": API_VERSION,
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "From": message.sender,
        "To": message.recipient,
    }
    if message.service:
        form["MessagingServiceSid"] = message.service
    if status in ("delivered", "undelivered"):
        form["RawDlrDoneDate"] = f"{written(message.updated):%y%m%d%H%M}"
    if status == "undelivered":
        form["ErrorCode"] = str(UNREACHABLE)
    return form


@dataclass
class Webhooks:
    """Sends webhooks in the background, each up to three times, 16 at once; those left from before a restart go first."""

    store: PhoneStore
    token: str
    patience: float
    api: str  # the local Twilio's own address
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _resumed: bool = False

    def resume(self) -> None:
        """Send what an earlier process left; only the first call does anything."""
        if not self._resumed:
            self._resumed = True
            for webhook in self.store.webhooks():
                self.send(webhook)

    def send(self, webhook: Webhook, after: float = 0.0) -> asyncio.Task[None]:
        task = asyncio.create_task(self._send(webhook, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send(self, webhook: Webhook, after: float) -> None:
        await asyncio.sleep(after)
        message = self.store.message(webhook.sid)
        if message and message.direction == "inbound":
            arrived = await self._deliver(webhook, inbound_form(message, self.store.media.of(message.sid), self.api))
            self.store.advance(message.sid, "received" if arrived else "failed")
        elif message:
            self.store.advance(message.sid, webhook.status, UNREACHABLE if webhook.status == "undelivered" else None)
            message = self.store.message(message.sid) or message
            if webhook.url:
                await self._deliver(webhook, receipt_form(message, webhook.status))
        self.store.webhook_done(webhook)

    async def _deliver(self, webhook: Webhook, form: Mapping[str, str]) -> bool:
        headers = {
            "X-Twilio-Signature": RequestValidator(self.token).compute_signature(webhook.url, form),
            "I-Twilio-Idempotency-Token": webhook.token,
            "User-Agent": "TwilioProxy/1.1",
        }
        for pause in (*RETRY_AFTER, None):
            async with self._gate:
                outcome = await self._post(webhook.url, form, headers)
            if outcome == "":
                return True
            logger.warning("Webhook for %s was not taken: %s", webhook.sid, outcome)
            if pause is not None:
                await asyncio.sleep(pause)
        return False

    async def _post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> str:
        """What went wrong; empty if it was taken."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.patience)) as session,
                # Redirects are not followed and the address is left as written: the signature is over it.
                session.post(URL(url, encoded=True), data=form, headers=headers, allow_redirects=False) as answer,
            ):
                return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__
