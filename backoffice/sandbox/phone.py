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

from backoffice.sandbox.opt_out import CONFIRMATIONS, opt_out_type
from backoffice.sandbox.phone_store import Fault, Message, PhoneStore, written
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
MODES = ("21610", "429", "500", "timeout", "late_receipts", "out_of_order", "undelivered")
WRONG_NUMBER = "Enter a mobile number from 07700 900001 to 07700 900999."
WRONG_TEXT = f"Enter a text of 1 to {LONGEST} characters."
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
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


def shown(message: Message) -> dict[str, str]:
    return {
        "direction": "inbound" if message.direction == "inbound" else "outbound",
        "text": message.body,
        "at": written(message.created).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "status": message.status,
        "sid": message.sid,
    }


class Wrong(Exception):
    """Something typed or posted that cannot be used; a sentence that says what to do."""


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
            web.get("/phone/faults", self.awake(self.fault)),
            web.post("/phone/faults", self.awake(self.set_fault)),
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
        html = self._pages.get_template("phone.html").render(
            number=number,
            national=national(number),
            typed=typed or national(number),
            council=national(COUNCIL_NUMBER),
            messages=[{**shown(message), "when": written(message.created)} for message in self.store.thread(number, MOST_SHOWN)],
            text=text,
            longest=LONGEST,
            wrong_number=wrong.get("wrong_number", ""),
            wrong_text=wrong.get("wrong_text", ""),
        )
        return web.Response(text=html, content_type="text/html", headers=HEADERS, status=status)

    async def messages(self, request: web.Request) -> web.Response:
        number = e164(request.query.get("number", ""))
        if number is None:
            raise Wrong(WRONG_NUMBER)
        body = {"messages": [shown(message) for message in self.store.thread(number, MOST_SHOWN)]}
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    async def send(self, request: web.Request) -> web.StreamResponse:
        """A text to the council; answers once its webhook was taken or refused, or after 5 s."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise web.HTTPForbidden
        if request.content_type == "application/json":
            body = await _json(request)
            message = await self._send(str(body.get("number", "")), str(body.get("text", "")))
            return web.json_response({"sid": message.sid, "status": message.status}, status=201)
        form = await request.post()
        typed, text = str(form.get("number", "")), str(form.get("text", ""))
        try:
            message = await self._send(typed, text)
        except Wrong as wrong:
            kind = "wrong_text" if e164(typed) else "wrong_number"
            return self._page(e164(typed) or DEFAULT_NUMBER, typed=typed, text=text, status=400, **{kind: str(wrong)})
        return web.Response(status=303, headers={"Location": f"/phone?number={message.sender.replace('+', '%2B')}"})

    async def _send(self, typed: str, text: str) -> Message:
        number, text = e164(typed), text.replace("\r\n", "\n")
        if number is None:
            raise Wrong(WRONG_NUMBER)
        if not text.strip() or len(text) > LONGEST:
            raise Wrong(WRONG_TEXT)
        if self.store.full():
            raise web.HTTPServiceUnavailable(text="Too many texts are waiting to be sent.")
        stopped = self.store.stopped(number)
        kind = opt_out_type(text, stopped=stopped)
        with self.store.together():
            message = self.store.add(
                direction="inbound", sender=number, recipient=COUNCIL_NUMBER, body=text, status="receiving", opt_out_type=kind
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

    async def fault(self, request: web.Request) -> web.Response:
        fault = self.store.fault()
        return web.json_response({"mode": fault.mode, "count": fault.count, "seconds": fault.seconds} if fault else {"mode": None})

    async def set_fault(self, request: web.Request) -> web.Response:
        """{"mode": one of MODES or null, "count"?: sends it holds for, "seconds"?: for timeout and late_receipts}."""
        body = await _json(request)
        mode, count, seconds = body.get("mode"), body.get("count"), body.get("seconds")
        if mode is not None and mode not in MODES:
            raise Wrong(f"mode must be null or one of {', '.join(MODES)}.")
        if count is not None and (type(count) is not int or count < 1):
            raise Wrong("count must be a whole number from 1.")
        if seconds is not None and (type(seconds) not in (int, float) or not 0 <= seconds <= 600):
            raise Wrong("seconds must be a number from 0 to 600.")
        self.store.set_fault(Fault(mode, count, seconds) if mode else None)
        return await self.fault(request)

    async def file(self, request: web.Request) -> web.FileResponse:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(FOLDER / request.match_info["name"], headers=headers)


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json() if request.content_type == "application/json" else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Wrong("Send a JSON object as application/json.")
    return body


def routes(settings: Settings, keys: Keys, clock: Clock, *, patience: float = 15.0) -> list[web.RouteDef]:
    """The phone and its Twilio; `patience` is how many seconds a webhook may take."""
    store = PhoneStore(settings.home / "sandbox", clock)
    webhooks = Webhooks(store, keys.sandbox_twilio_token, patience)
    phone = Phone(store, webhooks, f"{settings.public_url}/sms/inbound")
    return [*phone.routes(), *TwilioApi(store, webhooks, keys.sandbox_twilio_token).routes()]
