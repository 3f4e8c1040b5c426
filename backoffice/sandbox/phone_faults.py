"""What goes wrong with the next texts, chosen on the phone's page or by a journey."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiohttp import web

from backoffice.sandbox.phone_forms import Wrong, json_object, own_page
from backoffice.sandbox.phone_store import Fault, PhoneStore

MODES = {
    "21610": "Twilio refuses: the citizen has opted out (21610)",
    "21614": "Twilio refuses: not a mobile number (21614)",
    "21617": "Twilio refuses: too long (21617)",
    "429": "Twilio refuses: too many requests (429)",
    "500": "Twilio fails (500)",
    "timeout": "The text is taken, but Twilio does not answer",
    "lost": "The line breaks before the text is taken",
    "late_receipts": "Receipts come late",
    "out_of_order": "Receipts come in the wrong order",
    "undelivered": "The text is not delivered",
}
MOST_TEXTS = 1000


def checked(mode: object, count: object, seconds: object) -> Fault | None:
    """The fault that was asked for, None for none; raises Wrong."""
    if mode is not None and mode not in MODES:
        raise Wrong(f"mode must be null or one of {', '.join(MODES)}.")
    if count is not None and (type(count) is not int or not 1 <= count <= MOST_TEXTS):
        raise Wrong(f"count must be a whole number from 1 to {MOST_TEXTS}.")
    if seconds is not None and (not isinstance(seconds, int | float) or type(seconds) is bool or not 0 <= seconds <= 600):
        raise Wrong("seconds must be a number from 0 to 600.")
    return Fault(mode, count, seconds) if isinstance(mode, str) else None


def shown(fault: Fault | None) -> dict[str, Any]:
    return {"mode": fault.mode, "count": fault.count, "seconds": fault.seconds} if fault else {"mode": None}


def routes(store: PhoneStore) -> list[web.RouteDef]:
    async def now(request: web.Request) -> web.Response:
        return web.json_response(shown(store.fault()))

    async def choose(request: web.Request) -> web.Response:
        """{"mode": one of MODES or null, "count"?: texts it holds for, "seconds"?: for timeout and late_receipts}, or the page's form."""
        own_page(request)
        try:
            if request.content_type != "application/json":
                return await from_page(request)
            body = await json_object(request)
            store.set_fault(checked(body.get("mode"), body.get("count"), body.get("seconds")))
        except Wrong as wrong:
            return web.json_response({"error": str(wrong)}, status=400)
        return await now(request)

    async def from_page(request: web.Request) -> web.Response:
        form = await request.post()
        count = str(form.get("count", ""))
        store.set_fault(checked(form.get("mode") or None, int(count) if count.isdecimal() and len(count) < 5 else None, None))
        return web.Response(status=303, headers={"Location": f"/phone?number={quote(str(form.get('number', ''))[:20])}"})

    return [web.get("/phone/faults", now), web.post("/phone/faults", choose)]
