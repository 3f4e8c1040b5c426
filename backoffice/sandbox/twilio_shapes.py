"""What Twilio's REST API for messages takes and gives: the message resource, refusals, the fields of a send, the filters of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

from backoffice.sandbox.phone_media import ACCOUNT, API_VERSION
from backoffice.sandbox.phone_store import Message, written
from backoffice.sandbox.phone_webhooks import COUNCIL_NUMBER, UNREACHABLE

LONGEST = 1600
PATH = f"/{API_VERSION}/Accounts/{ACCOUNT}/Messages"
E164 = re.compile(r"\+(?:447\d{9}|(?!447)[1-9]\d{7,14})")
SERVICE = re.compile(r"MG[0-9a-f]{32}")
# https://www.twilio.com/docs/api/errors
REFUSALS = {
    20001: (400, "Invalid parameter"),
    20003: (401, "Authenticate"),
    20009: (409, "Cannot delete this resource before it is complete"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    21211: (400, "Invalid 'To' Phone Number"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number is not a valid, SMS-capable inbound phone number or short code for your account."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    21701: (400, "The Messaging Service does not exist"),
}


class Refusal(Exception):
    """An answer with one of Twilio's error codes."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def response(self) -> web.Response:
        status, words = REFUSALS[self.code]
        body = {"code": self.code, "message": words, "more_info": f"https://www.twilio.com/docs/errors/{self.code}", "status": status}
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if status == 401 else {}
        return web.json_response(body, status=status, headers=headers)


def resource(message: Message) -> dict[str, object]:
    def when(seconds: float | None) -> str | None:
        return None if seconds is None else format_datetime(written(seconds).replace(microsecond=0))

    uri = f"{PATH}/{message.sid}"
    unassigned = message.status == "accepted"  # A Messaging Service has not chosen its sender yet.
    return {
        "account_sid": ACCOUNT,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": when(message.created),
        "date_sent": when(message.sent),
        "date_updated": when(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": "Unreachable destination handset" if message.error_code == UNREACHABLE else None,
        "from": None if unassigned else message.sender,
        "messaging_service_sid": message.service,
        "num_media": str(message.pictures),
        "num_segments": "0" if unassigned else str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.recipient,
        "uri": f"{uri}.json",
    }


def checked(form: Mapping[str, str]) -> dict[str, str]:
    """The parts of a send that are used; raises Refusal."""
    to, sender, service, body = (form.get(name, "") for name in ("To", "From", "MessagingServiceSid", "Body"))
    callback = form.get("StatusCallback", "")
    rules = (
        (not to, 21604),
        (not E164.fullmatch(to), 21211),
        (not sender and not service, 21603),
        (bool(service) and not SERVICE.fullmatch(service), 21701),
        (not service and sender != COUNCIL_NUMBER, 21606),
        (not body.strip(), 21602),
        (len(body) > LONGEST, 21617),
        (bool(callback) and not callback.startswith(("http://", "https://")), 21609),
    )
    for broken, code in rules:
        if broken:
            raise Refusal(code)
    return {"to": to, "service": service, "body": body, "callback": callback}


def moment(text: str, *, to_its_end: bool = False) -> float:
    """Seconds since 1970 of `2026-11-24` or `2026-11-24T09:30:00Z`, or of when that day or second is over; raises Refusal."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(20001) from None
    length = timedelta(days=1) if len(text) == 10 else timedelta(seconds=1)
    return (value.replace(tzinfo=value.tzinfo or UTC) + (length if to_its_end else timedelta())).timestamp()


def filters(query: Mapping[str, str]) -> dict[str, str | float]:
    """Twilio's query as PhoneStore.find takes it; `DateSent>=2026-11-24` arrives as the name `DateSent>`."""
    wanted: dict[str, str | float] = {}
    for name, key in (("To", "recipient"), ("From", "sender")):
        if query.get(name):
            wanted[key] = query[name]
    day = query.get("DateSent", "")[:10]
    if since := query.get("DateSent>", day):
        wanted["since"] = moment(since)
    if until := query.get("DateSent<", day):
        wanted["until"] = moment(until, to_its_end=True)
    if query.get("PageToken"):
        wanted["before_sid"] = query["PageToken"].removeprefix("PA")
    return wanted
