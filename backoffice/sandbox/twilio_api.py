"""Twilio's REST API for messages, as far as a council uses it: send, list, fetch, empty and delete.
https://www.twilio.com/docs/messaging/api/message-resource"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import BasicAuth, web

from backoffice.sandbox import phone_media
from backoffice.sandbox.phone_media import ACCOUNT, API_VERSION
from backoffice.sandbox.phone_store import FINAL, RANK, Fault, Message, PhoneStore
from backoffice.sandbox.phone_webhooks import COUNCIL_NUMBER, Webhooks
from backoffice.sandbox.twilio_shapes import PATH, Refusal, checked, filters, resource

FAULT_CODES = {"21610": 21610, "21614": 21614, "21617": 21617, "429": 20429, "500": 20500}
SENT_AFTER, DELIVERED_AFTER, LATE_AFTER, TIMEOUT_AFTER = 0.2, 0.5, 20.0, 30.0


def steps(fault: Fault | None, service: bool) -> list[tuple[float, str]]:
    """(real seconds from now, status) of a text's receipts. The status given in the answer has no receipt of its own."""
    mode, seconds = (fault.mode, fault.seconds) if fault else ("", None)
    queued = [(0.05, "queued")] if service else []
    if mode == "out_of_order":
        return [(SENT_AFTER, "delivered"), (DELIVERED_AFTER, "sent"), *((DELIVERED_AFTER * 2, "queued") for _ in queued)]
    last = LATE_AFTER if seconds is None else seconds
    ending = "undelivered" if mode == "undelivered" else "delivered"
    return [*queued, (SENT_AFTER, "sent"), (SENT_AFTER + last if mode == "late_receipts" else DELIVERED_AFTER, ending)]


@dataclass
class TwilioApi:
    store: PhoneStore
    webhooks: Webhooks
    token: str

    def routes(self) -> list[web.RouteDef]:
        path = f"/twilio/{API_VERSION}/Accounts/{{account}}/Messages"
        return [
            web.post(f"{path}.json", self.guarded(self.create)),
            web.get(f"{path}.json", self.guarded(self.newest)),
            web.get(f"{path}/{{sid}}.json", self.guarded(self.fetch)),
            web.post(f"{path}/{{sid}}.json", self.guarded(self.empty)),
            web.delete(f"{path}/{{sid}}.json", self.guarded(self.delete)),
            web.get(f"{path}/{{sid}}/Media.json", self.guarded(self.pictures)),
            web.get(f"{path}/{{sid}}/Media/{{media:ME[0-9a-f]{{32}}}}", self.guarded(self.picture)),
            web.delete(f"{path}/{{sid}}/Media/{{media:ME[0-9a-f]{{32}}}}.json", self.guarded(self.delete_picture)),
        ]

    def guarded(self, handler: Callable[[web.Request], Awaitable[web.Response]]) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Only the account's own token is let in; refusals are answered in Twilio's shape."""

        async def handle(request: web.Request) -> web.Response:
            self.webhooks.resume()
            try:
                self._authenticate(request)
                return await handler(request)
            except Refusal as refusal:
                return refusal.response()

        return handle

    def _authenticate(self, request: web.Request) -> None:
        try:
            given = BasicAuth.decode(request.headers.get("Authorization", ""))
        except ValueError:
            raise Refusal(20003) from None
        known = hmac.compare_digest(f"{given.login}:{given.password}".encode(), f"{ACCOUNT}:{self.token}".encode())
        if not known or request.match_info["account"] != ACCOUNT:
            raise Refusal(20003)

    async def create(self, request: web.Request) -> web.Response:
        form = checked({name: value for name, value in (await request.post()).items() if isinstance(value, str)})
        fault = self.store.take_fault()
        if self.store.full():
            raise Refusal(20429)
        if fault and fault.mode in FAULT_CODES:
            raise Refusal(FAULT_CODES[fault.mode])
        if self.store.stopped(form["to"]):
            raise Refusal(21610)
        if fault and fault.mode == "lost" and request.transport:
            request.transport.abort()
            return web.Response(status=500)
        message = self._accept(form, fault)
        if fault and fault.mode == "timeout":  # The text goes out, but its sender never learns so.
            await asyncio.sleep(TIMEOUT_AFTER if fault.seconds is None else fault.seconds)
            if request.transport:
                request.transport.abort()
        return web.json_response(resource(message), status=201)

    def _accept(self, form: Mapping[str, str], fault: Fault | None) -> Message:
        service, plan = form["service"] or None, steps(fault, bool(form["service"]))
        with self.store.together():
            message = self.store.add(
                direction="outbound-api",
                sender=COUNCIL_NUMBER,
                recipient=form["to"],
                body=form["body"],
                status="accepted" if service else "queued",
                service=service,
            )
            webhooks = [self.store.add_webhook(message.sid, status, form["callback"]) for _, status in plan]
        for webhook, (after, _) in zip(webhooks, plan, strict=True):
            self.webhooks.send(webhook, after)
        return message

    async def newest(self, request: web.Request) -> web.Response:
        query, size = request.query, request.query.get("PageSize", "50")
        page = request.query.get("Page", "0")
        if not size.isdecimal() or not page.isdecimal():
            raise Refusal(20001)
        most = min(max(int(size), 1), 1000)
        found = self.store.find(filters(query), most + 1)
        shown, number = found[:most], int(page)
        asked = {name: value for name, value in query.items() if name not in ("Page", "PageToken", "PageSize")}
        first = {**asked, "PageSize": most, "Page": 0}
        following = {**first, "Page": number + 1, "PageToken": f"PA{shown[-1].sid}"} if len(found) > most else None
        body = {
            "messages": [resource(message) for message in shown],
            "page": number,
            "page_size": most,
            "start": number * most,
            "end": number * most + max(len(shown) - 1, 0),
            "uri": f"{PATH}.json?{urlencode({**first, 'Page': number})}",
            "first_page_uri": f"{PATH}.json?{urlencode(first)}",
            "next_page_uri": f"{PATH}.json?{urlencode(following)}" if following else None,
            "previous_page_uri": None,
        }
        return web.json_response(body)

    async def fetch(self, request: web.Request) -> web.Response:
        return web.json_response(resource(self._message(request)))

    async def empty(self, request: web.Request) -> web.Response:
        """An empty Body takes the words out of a message that is complete."""
        message, form = self._message(request), await request.post()
        if form.get("Body") != "" or RANK[message.status] < FINAL:
            raise Refusal(20001)
        self.store.empty(message.sid)
        return web.json_response(resource(self.store.message(message.sid) or message))

    async def delete(self, request: web.Request) -> web.Response:
        message = self._message(request)
        if RANK[message.status] < FINAL:
            raise Refusal(20009)
        self.store.delete(message.sid)
        return web.Response(status=204)

    async def pictures(self, request: web.Request) -> web.Response:
        found = [phone_media.resource(media) for media in self.store.media.of(self._message(request).sid)]
        uri = f"{PATH}/{request.match_info['sid']}/Media.json?PageSize=50&Page=0"
        page = {"page": 0, "page_size": 50, "start": 0, "end": max(len(found) - 1, 0), "uri": uri, "first_page_uri": uri}
        return web.json_response({"media_list": found, **page, "next_page_uri": None, "previous_page_uri": None})

    async def picture(self, request: web.Request) -> web.Response:
        """Where the picture is, as Twilio answers: it is not on the API's own address."""
        there = request.url.origin().with_path(f"/phone/media/{self._media(request)}")
        return web.Response(status=307, headers={"Location": str(there)})

    async def delete_picture(self, request: web.Request) -> web.Response:
        self.store.media.delete(self._media(request))
        return web.Response(status=204)

    def _media(self, request: web.Request) -> str:
        sid = request.match_info["media"]
        if sid not in [media.sid for media in self.store.media.of(self._message(request).sid)]:
            raise Refusal(20404)
        return sid

    def _message(self, request: web.Request) -> Message:
        message = self.store.message(request.match_info["sid"])
        if message is None:
            raise Refusal(20404)
        return message
