"""Sends what waits to be told by e-mail: plain text in the citizen's language, one line to the mail server for all that is due."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence
from datetime import timedelta
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTP, SMTPException

from channels import metrics, words
from channels.signals import Signals, pause
from engagement.database import LogUnavailable
from engagement.log import EngagementLog
from engagement.mail_links import ANSWERED_WITHIN
from engagement.mails import Mail
from hearback import logs, profile
from hearback.clock import Clock

logger = logging.getLogger("channels.mail")
AT_ONCE = 10
LOOK_EVERY = 10.0  # real seconds: the actions write mails too, and their process rings no bell here
TIMEOUT = 30.0
CANCEL_EVERY = 0.2
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 4 * 3600.0  # real seconds before another try; each is twice the one before
GIVE_UP_AFTER = 36  # tries, about five days: as long as mail servers try among themselves (RFC 5321, 4.5.4.1)
# Lines may have 998 letters (RFC 5322, 2.1.1). Folded at 78, Python writes a header's long link in a code that no mail program follows.
LINES = policy.SMTP.clone(max_line_length=900, cte_type="7bit")
SUBJECTS = {
    "outcome": "utter_mail_subject_outcome",
    "reminder": "utter_mail_subject_reminder",
    "general": "utter_mail_subject_general",
    "progress": "utter_mail_subject_progress",
    "remedy": "utter_mail_subject_remedy",
}
# Refusals of us, not of the mail: mended by whoever runs this, so the mail waits whatever the code.
OF_US = (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPConnectError, aiosmtplib.SMTPHeloError, aiosmtplib.SMTPSenderRefused)


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many tries; different for each mail, so that they do not all come back at once."""
    return timedelta(seconds=min(FIRST_PAUSE * 2.0 ** (attempts - 1), LONGEST_PAUSE) * random.uniform(0.5, 1.0))


def code_of(error: Exception) -> str:
    """The server's code, or what kind of error it is; never its text, which repeats addresses."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    return str(error.code) if isinstance(error, aiosmtplib.SMTPResponseException) else type(error).__name__


def for_good(error: Exception) -> bool:
    """Whether the server will never take this mail: a code of the five hundreds (RFC 5321, 4.2.1)."""
    return not isinstance(error, OF_US) and code_of(error).startswith("5")


class Composer:
    """Makes the message of a mail. `sender` is the council's address, `public_url` where the links lead."""

    def __init__(self, clock: Clock, *, sender: str, public_url: str) -> None:
        self._clock, self._sender, self._public_url = clock, sender, public_url

    def message(self, mail: Mail) -> EmailMessage:
        stop = f"{self._public_url}/mail/stop/{mail.stop}"
        message = EmailMessage(policy=LINES)
        message["From"] = Address(profile.name(mail.language), addr_spec=self._sender)
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = self._subject(mail)
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{mail.message_id}@{self._sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office programs do not answer it
        message["List-Unsubscribe"] = f"<{stop}>"
        if stop.startswith("https://"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        message.set_content("\n\n".join(self._paragraphs(mail, stop)) + "\n")
        message["Content-Language"] = mail.language
        return message

    def _subject(self, mail: Mail) -> str:
        subject = _say(SUBJECTS[mail.kind], mail.language)
        if reference := mail.values.get("reference"):
            subject = f"{subject} ({reference})"
        return " ".join(subject.split())  # a header is one line

    def _paragraphs(self, mail: Mail, stop: str) -> list[str]:
        said, council = [_say(mail.response, mail.language, **mail.values)], profile.council()
        if mail.token:
            link = f"{self._public_url}/outcome/{mail.token}"
            said.append(_say("utter_mail_answer", mail.language, link=link, days=str(ANSWERED_WITHIN.days)))
        footer = {
            "council": profile.name(mail.language), "phone": council["phone"], "hours": profile.hours(mail.language),
            "chat": f"{self._public_url}/chat", "stop": stop,
        }  # fmt: skip
        return [*said, _say("utter_mail_footer", mail.language, **footer)]


class MailSender:
    """`url` is `HEARBACK_SMTP_URL`."""

    def __init__(self, log: EngagementLog, signals: Signals, clock: Clock, *, url: str, sender: str, public_url: str) -> None:
        self._log, self._signals, self._clock = log, signals, clock
        self._url, self._sender, self._public_url = url, sender, public_url
        self._composer = Composer(clock, sender=sender, public_url=public_url)

    async def run(self) -> None:
        """Send while there is something due, then sleep until something is written or a retry is due; runs until cancelled."""
        work = asyncio.create_task(self._run())
        try:
            await asyncio.wait([work])
            work.result()
        finally:
            # The client waits by wait_for, which before Python 3.12 swallows a cancellation in the moment in which an answer comes.
            while not work.done():
                work.cancel()
                await asyncio.wait([work], timeout=CANCEL_EVERY)

    async def _run(self) -> None:
        async with self._signals.listen("mail") as bell:
            while True:
                bell.clear()
                try:
                    wait = await self.send_due()
                except LogUnavailable:
                    wait = 1.0
                except Exception as error:  # one bad row must not stop all mail
                    logger.error("e-mail stopped for a moment: %s", logs.where(error))
                    wait = 5.0
                await pause(bell, min(max(wait, 0.05), LOOK_EVERY))

    async def send_due(self) -> float:
        """Send what may go now; the real seconds until there is more to do."""
        while True:
            next_due = await self._log.mails.next_due()
            if next_due is None:
                return LOOK_EVERY
            if (wait := (next_due - self._clock.now()).total_seconds()) > 0:
                return self._clock.real_seconds(wait)
            if due := await self._log.mails.claim(AT_ONCE):
                await self._send_all(due)

    async def _send_all(self, due: Sequence[Mail]) -> None:
        client = self._client()
        try:
            await client.connect()
        except (SMTPException, OSError, ValueError) as error:
            metrics.mail_refused(code_of(error))
            logger.warning("the mail server does not take e-mail: %s", code_of(error))
            for one in due:
                await self._later(one, code_of(error))
            return
        try:
            for one in due:
                await self._send(client, one)
        finally:
            with contextlib.suppress(SMTPException, OSError):
                await client.quit()
            client.close()

    async def _send(self, client: SMTP, one: Mail) -> None:
        try:
            message = self._composer.message(one).as_bytes()  # by its own policy: the client would fold its headers anew
        except (KeyError, IndexError, ValueError, MessageError) as error:  # a response that is not there, or says more than its values
            logger.error("an e-mail cannot be written: %s", logs.where(error))
            await self._log.mails.failed(one.id, error="unwritable")
            return
        try:
            await client.sendmail(self._sender, [one.to], message)
        except (SMTPException, OSError, ValueError) as error:
            code = code_of(error)
            metrics.mail_refused(code)
            logger.warning("an e-mail was not taken: %s", code)
            if for_good(error) or one.attempts >= GIVE_UP_AFTER:
                await self._log.mails.failed(one.id, error=code)
            else:
                await self._later(one, code)
        else:
            await self._log.mails.sent(one.id)

    async def _later(self, one: Mail, code: str) -> None:
        if one.attempts >= GIVE_UP_AFTER:
            await self._log.mails.failed(one.id, error=code)
        else:
            await self._log.mails.again(one.id, after=self._clock.lease(back_off(one.attempts)), error=code)

    def _client(self) -> SMTP:
        address, host = urlsplit(self._url), urlsplit(self._url).hostname or ""
        at_once = address.scheme == "smtps"
        named = bool(address.username)
        return SMTP(
            hostname=host,
            port=address.port or (465 if at_once else 587),
            username=unquote(address.username or "") or None,
            password=unquote(address.password or "") or None,
            use_tls=at_once,
            # A password never goes over an open line to another machine; without one, encryption is taken where it is offered.
            start_tls=False if at_once else True if named and not _loopback(host) else None,
            local_hostname=_name(urlsplit(self._public_url).hostname or "localhost"),
            timeout=TIMEOUT,
        )


def _say(response: str, language: str, **values: str) -> str:
    return words.say(response, "email", language, **values).text


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _name(host: str) -> str:
    """How we call ourselves to the mail server: a name, or an address in brackets (RFC 5321, 4.1.3)."""
    try:
        found = ip_address(host)
    except ValueError:
        return host
    return f"[IPv6:{found}]" if found.version == 6 else f"[{found}]"
