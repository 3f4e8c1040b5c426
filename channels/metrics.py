"""What the doors and the worker count: messages, how long each step of a turn took, and what the world outside refused."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from aiohttp import web

from backoffice import calls
from channels.twilio_sending import CODES
from engagement.log import EngagementLog
from engagement.values import Message, Received
from hearback import metrics, trace
from hearback.metrics_page import Page
from hearback.settings import Settings

logger = logging.getLogger("channels.turns")
KIND = re.compile(r"[A-Z][A-Za-z]+|[245]\d\d")  # a kind of error, or a code of mail


def add_to(app: web.Application, settings: Settings, log: EngagementLog) -> None:
    """GET /metrics."""
    app.router.add_get("/metrics", Page(settings, log.waits.depths).show)


def watching(settings: Settings) -> aiohttp.TraceConfig:
    """For a session through which the council's systems are asked."""
    return calls.watching(settings.systems, tell=lambda call: metrics.failed_calls([call]))


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time a step of a turn that goes well."""
    began = time.monotonic()
    yield
    metrics.TURNS.labels(name).observe(time.monotonic() - began)


@contextmanager
def turn(log: EngagementLog, message: Message) -> Iterator[None]:
    """Around all that is done to answer a message. Its trace stays with the task: what is logged of a failure has it too."""
    trace.follow(message.trace)
    metrics.TURNS.labels("waiting").observe(log.waits.since(message.created_at))
    yield
    whole = log.waits.since(message.created_at)
    metrics.TURNS.labels("whole").observe(whole)
    metrics.ANSWERED.labels(message.channel).inc()
    logger.info("a message was answered", extra={"fields": {"message": message.id, "channel": message.channel, "seconds": round(whole, 3)}})


def message_came(received: Received, channel: str) -> None:
    if received.new:
        metrics.RECEIVED.labels(channel).inc()


def text_refused(code: str) -> None:
    """Twilio did not take a text."""
    known = code.isdecimal() and int(code) in CODES
    _failed("twilio", code if known or KIND.fullmatch(code) else "other")


def mail_refused(code: str) -> None:
    _failed("mail", code if KIND.fullmatch(code) else "other")


def answered(*, took: float, actions: float, calls: list[calls.Call]) -> None:
    """A turn came back from the assistant: its time, that of its actions within, and what they asked."""
    metrics.TURNS.labels("rasa").observe(took)
    metrics.TURNS.labels("actions").observe(actions)
    metrics.failed_calls(calls)


def rasa_failed(kind: str) -> None:
    _failed("rasa", kind)


def _failed(provider: str, kind: str) -> None:
    metrics.PROVIDER_ERRORS.labels(provider, kind).inc()


def text_sent(channel: str, segments: int, pence: float | None) -> None:
    metrics.SEGMENTS.labels(channel).inc(segments)
    metrics.COST.labels(channel).inc(pence or 0.0)
