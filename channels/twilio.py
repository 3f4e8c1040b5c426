"""Twilio: which account, and whether a webhook is from it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import RequestValidator

from hearback.keys import Keys
from hearback.settings import Settings

SANDBOX_ACCOUNT = "AC" + "5a" * 16
SANDBOX_NUMBER = "+447700900000"


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
