"""A pretend Twilio: its REST API for messages with real payloads, and the webhooks that it signs and posts to our doors.

https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import BasicAuth, ClientSession, web
from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "0f" * 16
TOKEN = "4d" * 16
COUNCIL = "+441632960100"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
REFUSALS = {
    429: (429, 20429, "Too Many Requests"),
    500: (500, 20500, "Internal Server Error"),
    21610: (400, 21610, "Attempt to send to unsubscribed recipient"),
}


@dataclass
class Text:
    """A text message that Twilio took from us."""

    sid: str
    to: str
    sender: str
    body: str
    callback: str
    at: datetime

    def resource(self) -> dict[str, Any]:
        when, uri = format_datetime(self.at.replace(microsecond=0)), f"{PATH}/{self.sid}"
        return {
            "account_sid": ACCOUNT, "api_version": "2010-04-01", "body": self.body, "date_created": when, "date_sent": None,
            "date_updated": when, "direction": "outbound-api", "error_code": None, "error_message": None, "from": self.sender,
            "messaging_service_sid": None, "num_media": "0", "num_segments": "1", "price": None, "price_unit": "USD", "sid": self.sid,
            "status": "queued", "subresource_uris": {"media": f"{uri}/Media.json"}, "to": self.to, "uri": f"{uri}.json",
        }  # fmt: skip


class TwilioWorld:
    """`texts` is what Twilio took, `tries` counts every attempt by number; `trouble` makes the next attempts go wrong."""

    def __init__(self) -> None:
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.texts: list[Text] = []
        self.tries: dict[str, int] = defaultdict(int)
        self.url = self.doors = self.public = ""
        self.fetched: list[str] = []  # the paths of pictures that were asked for, with the account's token or without
        self._pictures: dict[str, tuple[str, bytes, list[int | str]]] = {}
        self._trouble: dict[str, list[int | str]] = defaultdict(list)

    async def __aenter__(self) -> TwilioWorld:
        app = web.Application()
        app.add_routes([web.post(f"{PATH}.json", self._take), web.get(f"{PATH}.json", self._list)])
        app.add_routes([web.get(f"{PATH}/{{message}}/Media/{{media}}", self._picture), web.get("/store/{media}", self._stored)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._http = ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()
        await self._runner.cleanup()

    def sent_to(self, number: str) -> list[Text]:
        return [text for text in self.texts if text.to == number]

    def trouble(self, number: str, *kinds: int | str) -> None:
        """What happens to the next sends to a number, in turn: 429, 500, 21610, "drop" (taken, then the line breaks),
        "lost" (not taken, and the line breaks) or "late" (taken, and the answer never comes)."""
        self._trouble[number] += kinds

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if not _ours(request):
            return _refusal(401, 20003, "Authenticate")
        form = {name: str(value) for name, value in (await request.post()).items()}
        to = form.get("To", "")
        self.tries[to] += 1
        missing = [name for name in ("To", "From", "Body", "StatusCallback") if not form.get(name)]
        if missing or len(form["Body"]) > 1600:
            return _refusal(400, 21617 if not missing else 21604, f"Missing {missing}")
        trouble = self._trouble[to].pop(0) if self._trouble[to] else None
        if trouble in REFUSALS:
            return _refusal(*REFUSALS[trouble])
        text = Text(f"SM{secrets.token_hex(16)}", to, form["From"], form["Body"], form["StatusCallback"], self.now())
        if trouble != "lost":
            self.texts.append(text)
        if trouble == "late":
            await asyncio.sleep(60)
        if trouble in {"drop", "lost"}:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(text.resource(), status=201)

    async def _list(self, request: web.Request) -> web.Response:
        if not _ours(request):
            return _refusal(401, 20003, "Authenticate")
        size = int(request.query.get("PageSize", 50))
        found = [text for text in reversed(self.texts) if request.query.get("To") in (None, text.to)][:size]
        first = f"{PATH}.json?PageSize={size}&Page=0"
        page = {"end": len(found), "first_page_uri": first, "next_page_uri": None, "page": 0, "page_size": size, "start": 0}
        return web.json_response({**page, "previous_page_uri": None, "uri": first, "messages": [text.resource() for text in found]})

    def pictures(self, *pictures: tuple[str, bytes], trouble: Iterable[int | str] = ()) -> dict[str, str]:
        """The parameters of a text with these (content type, content) pictures. `trouble` is what happens to the next fetches, in turn:
        a status, "cut" (the line breaks) or an address to be sent to."""
        form = {"NumMedia": str(len(pictures))}
        for number, (kind, data) in enumerate(pictures):
            sid = f"ME{secrets.token_hex(16)}"
            self._pictures[sid] = (kind, data, list(trouble))
            form |= {f"MediaContentType{number}": kind, f"MediaUrl{number}": f"{self.url}{PATH}/MM{secrets.token_hex(16)}/Media/{sid}"}
        return form

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        """Twilio asks for the account's token and sends on to its store, which wants none."""
        sid = request.match_info["media"]
        self.fetched.append(f"{sid} {'with' if _ours(request) else 'without'} token")
        if not _ours(request):
            return _refusal(401, 20003, "Authenticate")
        trouble = self._pictures[sid][2].pop(0) if self._pictures[sid][2] else None
        if isinstance(trouble, int):
            return web.Response(status=trouble)
        if trouble == "cut":
            assert request.transport is not None
            request.transport.abort()
        raise web.HTTPTemporaryRedirect(trouble if trouble and "://" in trouble else f"/store/{sid}")

    async def _stored(self, request: web.Request) -> web.Response:
        sid = request.match_info["media"]
        self.fetched.append(f"store {'with' if 'Authorization' in request.headers else 'without'} token")
        kind, data, _ = self._pictures[sid]
        return web.Response(body=data, content_type=kind)

    def signature(self, path: str, form: Mapping[str, str]) -> str:
        """Twilio's signature of a webhook to our public address."""
        return str(RequestValidator(TOKEN).compute_signature(self.public + path, dict(form)))

    async def webhook(self, path: str, form: Mapping[str, str], *, signature: str | None = None) -> int:
        """Post a webhook to our doors, signed under their public address unless a signature is given ("" is none); the status."""
        signed = self.signature(path, form) if signature is None else signature
        headers = {"X-Twilio-Signature": signed} if signed else {}
        async with self._http.post(self.doors + path, data=form, headers=headers) as answer:
            body = await answer.text()
            if answer.status == 200:
                assert body.endswith("<Response></Response>") and answer.content_type == "text/xml", body
            return answer.status

    async def deliver(self, number: str, body: str, *, sid: str | None = None, signature: str | None = None, **more: str) -> int:
        """A citizen's text arrives at our door; the status that the door answers."""
        sid = sid or f"SM{secrets.token_hex(16)}"
        form = {
            "ToCountry": "GB", "ToState": "", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "", "FromZip": "", "SmsSid": sid,
            "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": body, "FromCountry": "GB", "To": COUNCIL, "ToZip": "",
            "NumSegments": "1", "MessageSid": sid, "AccountSid": ACCOUNT, "From": number, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        return await self.webhook("/sms/inbound", {**form, **more}, signature=signature)

    async def receipt(self, text: Text, status: str, **more: str) -> int:
        """A delivery receipt for a text, posted where its StatusCallback says."""
        assert text.callback.startswith(f"{self.public}/"), text.callback
        form = {
            "SmsSid": text.sid, "SmsStatus": status, "MessageStatus": status, "To": text.to, "MessageSid": text.sid,
            "AccountSid": ACCOUNT, "From": text.sender, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        return await self.webhook(text.callback.removeprefix(self.public), {**form, **more})


def _ours(request: web.Request) -> bool:
    return request.headers.get("Authorization") == BasicAuth(ACCOUNT, TOKEN).encode()


def _refusal(status: int, code: int, words: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response({"code": code, "message": words, "more_info": more, "status": status}, status=status)
