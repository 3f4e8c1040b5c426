"""What can be looked at over the line, without writing anything anywhere: our own doors, Twilio, the council's systems, the mail server."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

import aiohttp
import aiosmtplib

from backoffice.errors import BackOfficeError
from backoffice.open311 import Open311Client
from hearback.doctor.findings import FINE, Finding, fine, wrong
from hearback.settings import Settings

Session = aiohttp.ClientSession
INSIDE = ("127.0.0.1", "localhost", "::1")
CLOCKS_APART = 120  # seconds
FAILED = (aiohttp.ClientError, TimeoutError, OSError)


async def doors(session: Session, settings: Settings) -> Finding:
    return await _answers(session, f"http://{settings.host}:{settings.port}/ready", "HEARBACK_PORT")


async def console(session: Session, settings: Settings) -> Finding:
    return await _answers(session, f"http://{settings.host}:{settings.console_port}/health", "HEARBACK_CONSOLE_PORT")


async def twilio(session: Session, settings: Settings) -> Finding:
    if settings.sms_by_sandbox:
        return fine("off; the sandbox phone stands in, as TWILIO_ACCOUNT_SID is not set")
    url = f"{settings.twilio_api}/2010-04-01/Accounts/{settings.twilio_account}.json"
    proof = aiohttp.BasicAuth(settings.twilio_account, settings.twilio_token)
    try:
        async with session.get(url, auth=proof, allow_redirects=False) as answer:
            if answer.status in {401, 403}:
                return wrong(f"Twilio answers {answer.status}: look at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.")
            if answer.status != 200:
                return wrong(f"Twilio answers {answer.status} for the account: look at TWILIO_ACCOUNT_SID and HEARBACK_TWILIO_API.")
            state = (await answer.json(content_type=None)).get("status")
            apart = _apart(answer)
    except (*FAILED, ValueError, AttributeError) as error:
        return _unreached(settings.twilio_api, "HEARBACK_TWILIO_API", error)
    if state not in {None, "active"}:
        return wrong(f"The Twilio account is {state}: texts are not sent. Look at Twilio's console.")
    if apart > CLOCKS_APART:
        return wrong(f"Twilio's clock and this machine's are {apart:.0f} seconds apart: set this machine's clock (NTP).")
    return FINE


async def open311(session: Session, settings: Settings) -> Finding:
    client = Open311Client(session, url=settings.open311_url, jurisdiction=settings.open311_jurisdiction)
    try:
        services = await client.services()
    except BackOfficeError as error:
        return wrong(f"{settings.open311_url} gives no services ({type(error).__name__}): look at HEARBACK_OPEN311_URL and at its log.")
    if not services:
        return wrong(f"{settings.open311_url} has no services: nothing can be reported. Look at HEARBACK_OPEN311_JURISDICTION.")
    if settings.open311 and not settings.open311_key:
        return wrong("HEARBACK_OPEN311_API_KEY is empty: most back offices take no request without it.")
    key = "its key can only be tried by sending" if settings.open311 else "the sandbox"
    return fine(f"{len(services)} services, {key}")


async def hsds(session: Session, settings: Settings) -> Finding:
    return await _answers(session, f"{settings.hsds_url}/services", "HEARBACK_HSDS_URL", {"per_page": "1"})


async def gazetteer(session: Session, settings: Settings) -> Finding:
    asked = {"query": "High Street", "maxresults": "1", "dataset": "LPI"}
    if settings.gazetteer_key:
        asked["key"] = settings.gazetteer_key
    return await _answers(session, f"{settings.gazetteer_url}/find", "HEARBACK_GAZETTEER_URL", asked, proof="HEARBACK_GAZETTEER_KEY")


async def mail(session: Session, settings: Settings) -> Finding:
    if not settings.smtp:
        return fine("off, as HEARBACK_SMTP_URL is not set")
    address = urlsplit(settings.smtp)
    at_once = address.scheme == "smtps"
    client = aiosmtplib.SMTP(
        hostname=address.hostname, port=address.port or (465 if at_once else 587), use_tls=at_once, timeout=5,
        # A password never goes over an open line to another machine.
        start_tls=False if at_once else True if address.username and address.hostname not in INSIDE else None,
        username=unquote(address.username or "") or None, password=unquote(address.password or "") or None,
    )  # fmt: skip
    try:
        await client.connect()
        await client.quit()
    except aiosmtplib.SMTPAuthenticationError as error:
        return wrong(f"The mail server does not take the user and password ({error.code}): look at HEARBACK_SMTP_URL.")
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return wrong(f"The mail server {address.hostname} cannot be used ({type(error).__name__}): look at HEARBACK_SMTP_URL.")
    return FINE


async def redis(session: Session, settings: Settings) -> Finding:
    url = str(getattr(settings, "redis", ""))
    if not url:
        return fine("off, as HEARBACK_REDIS_URL is not set")
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
    try:
        await client.ping()
    except (RedisError, OSError, ValueError) as error:
        return wrong(f"Redis cannot be used ({type(error).__name__}): look at HEARBACK_REDIS_URL.")
    finally:
        await client.close()
    return FINE


async def _answers(session: Session, url: str, setting: str, query: dict[str, str] | None = None, *, proof: str = "") -> Finding:
    try:
        async with session.get(url, params=query) as answer:
            if answer.status in {401, 403} and proof:
                return wrong(f"{url} answers {answer.status}. Look at {proof}.")
            if answer.status != 200:
                return wrong(f"{url} answers {answer.status}. Look at {setting} and at its log.")
    except FAILED as error:
        return _unreached(url, setting, error)
    return FINE


def _unreached(url: str, setting: str, error: Exception) -> Finding:
    return wrong(f"{url} cannot be reached ({type(error).__name__}). Is it running? The setting is {setting}.")


def _apart(answer: aiohttp.ClientResponse) -> float:
    """Seconds between the other side's clock and ours."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return 0.0
    return abs((datetime.now(UTC) - theirs).total_seconds()) if theirs.tzinfo else 0.0
