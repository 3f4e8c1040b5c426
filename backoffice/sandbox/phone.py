"""A phone in the browser that texts the council through a local Twilio; also for journeys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backoffice.sandbox import phone_faults, phone_media
from backoffice.sandbox.opt_out import CONFIRMATIONS, opt_out_type
from backoffice.sandbox.phone_forms import Posted, Wrong, own_page, posted
from backoffice.sandbox.phone_store import Message, PhoneStore, written
from backoffice.sandbox.phone_webhooks import COUNCIL_NUMBER, Webhooks
from backoffice.sandbox.twilio_api import TwilioApi
from backoffice.sandbox.twilio_shapes import LONGEST
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.settings import Settings

FOLDER = Path(__file__).parent
LONDON = ZoneInfo("Europe/London")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
DEFAULT_NUMBER = "+447700900123"
DRAMA = re.compile(r"(?:\+44|0044|0)(7700900\d{3})")  # https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
MOST_SHOWN = 300
ANSWER_WITHIN = 5.0
WRONG_NUMBER = "Enter a mobile number from 07700 900001 to 07700 900999."
WRONG_TEXT = f"Enter a text of 1 to {LONGEST} characters."
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def e164(number: str) -> str | None:
    """A drama number as +447700900123, however it was written; None for any other, and for the council's own."""
    found = DRAMA.fullmatch(re.sub(r"[\s()-]", "", number).replace("+440", "+44"))
    return f"+44{found[1]}" if found and f"+44{found[1]}" != COUNCIL_NUMBER else None


def national(number: str) -> str:
    return f"0{number[3:7]} {number[7:]}" if number.startswith("+44") else number


def shown(message: Message, store: PhoneStore) -> dict[str, Any]:
    return {
        "direction": "inbound" if message.direction == "inbound" else "outbound",
        "text": message.body,
        "at": written(message.created).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "status": message.status,
        "sid": message.sid,
        **({"pictures": [f"/phone/media/{one.sid}" for one in store.media.of(message.sid)]} if message.pictures else {}),
    }


@dataclass
class Phone:
    store: PhoneStore
    webhooks: Webhooks
    inbound_url: str

    def __post_init__(self) -> None:
        loader = FileSystemLoader(FOLDER)
        self._pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._pages.filters["clock"] = lambda at: f"{at.astimezone(LONDON):%-d %b, %H:%M}"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/phone", self.awake(self.page)),
            web.get("/phone/messages", self.awake(self.messages)),
            web.post("/phone/messages", self.awake(self.send)),
            phone_media.elsewhere(self.store.media),
            *phone_faults.routes(self.store),
            web.get("/phone/{name:phone\\.(?:js|css)}", self.file),
        ]

    def awake(self, handler: Handler) -> Handler:
        """What an earlier process left unsent goes out first; calls that cannot be used are answered 400."""

        async def handle(request: web.Request) -> web.StreamResponse:
            self.webhooks.resume()
            try:
                return await handler(request)
            except Wrong as wrong:
                return web.json_response({"error": str(wrong)}, status=400)

        return handle

    async def page(self, request: web.Request) -> web.Response:
        given = request.query.get("number", DEFAULT_NUMBER)
        number = e164(given)
        if number is None:
            return self._page(DEFAULT_NUMBER, typed=given, wrong_number=WRONG_NUMBER, status=400)
        return self._page(number)

    def _page(self, number: str, *, typed: str = "", text: str = "", status: int = 200, **wrong: str) -> web.Response:
        thread = self.store.thread(number, MOST_SHOWN)
        html = self._pages.get_template("phone.html").render(
            number=number,
            national=national(number),
            typed=typed or national(number),
            council=national(COUNCIL_NUMBER),
            messages=[{**shown(message, self.store), "when": written(message.created)} for message in thread],
            text=text,
            longest=LONGEST,
            fault=self.store.fault(),
            modes=phone_faults.MODES,
            wrong_number=wrong.get("wrong_number", ""),
            wrong_text=wrong.get("wrong_text", ""),
        )
        return web.Response(text=html, content_type="text/html", headers=HEADERS, status=status)

    async def messages(self, request: web.Request) -> web.Response:
        number = e164(request.query.get("number", ""))
        if number is None:
            raise Wrong(WRONG_NUMBER)
        body = {"messages": [shown(message, self.store) for message in self.store.thread(number, MOST_SHOWN)]}
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    async def send(self, request: web.Request) -> web.StreamResponse:
        """A text to the council; answers once its webhook was taken or refused, or after 5 s."""
        own_page(request)
        given = await posted(request)
        api = request.content_type == "application/json" or "json" in request.headers.get("Accept", "")
        try:
            message = await self._send(given)
        except Wrong as wrong:
            if api:
                raise
            kind = "wrong_text" if e164(given.number) else "wrong_number"
            return self._page(e164(given.number) or DEFAULT_NUMBER, typed=given.number, text=given.text, status=400, **{kind: str(wrong)})
        if api:
            return web.json_response({"sid": message.sid, "status": message.status}, status=201)
        return web.Response(status=303, headers={"Location": f"/phone?number={message.sender.replace('+', '%2B')}"})

    async def _send(self, given: Posted) -> Message:
        number, text = e164(given.number), given.text
        if number is None:
            raise Wrong(WRONG_NUMBER)
        if given.wrong_picture:
            raise Wrong(given.wrong_picture)
        if not (text.strip() or given.pictures) or len(text) > LONGEST:
            raise Wrong(WRONG_TEXT)
        if self.store.full():
            raise web.HTTPServiceUnavailable(text="Too many texts are waiting to be sent.")
        stopped = self.store.stopped(number)
        kind = opt_out_type(text, stopped=stopped)
        with self.store.together():
            message = self.store.add(
                direction="inbound",
                sender=number,
                recipient=COUNCIL_NUMBER,
                body=text,
                status="receiving",
                opt_out_type=kind,
                pictures=given.pictures,
            )
            webhook = self.store.add_webhook(message.sid, "received", self.inbound_url)
            if kind and not (kind == "STOP" and stopped):
                self.store.add(
                    direction="outbound-reply", sender=COUNCIL_NUMBER, recipient=number, body=CONFIRMATIONS[kind], status="delivered"
                )
            if kind == "STOP":
                self.store.stop(number)
            elif kind == "START":
                self.store.start(number)
        await asyncio.wait([self.webhooks.send(webhook)], timeout=ANSWER_WITHIN)
        return self.store.message(message.sid) or message

    async def file(self, request: web.Request) -> web.FileResponse:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(FOLDER / request.match_info["name"], headers=headers)


def routes(settings: Settings, keys: Keys, clock: Clock, *, patience: float = 15.0) -> list[web.RouteDef]:
    """The phone and its Twilio; `patience` is how many seconds a webhook may take."""
    store = PhoneStore(settings.home / "sandbox", clock)
    webhooks = Webhooks(store, keys.sandbox_twilio_token, patience, f"{settings.sandbox_url}/twilio")
    phone = Phone(store, webhooks, f"{settings.public_url}/sms/inbound")
    return [*phone.routes(), *TwilioApi(store, webhooks, keys.sandbox_twilio_token).routes()]
