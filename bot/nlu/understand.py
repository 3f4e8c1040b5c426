"""`hearback understand`: what the trained assistant makes of lines of text."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import sys
from typing import TextIO

import orjson
import structlog
from rasa.core.agent import Agent

from hearback.training import current, newest


def understand(lines: TextIO, out: TextIO) -> int:
    """Print {text, intent, confidence, entities, services: [{code, score} x3]} for each line."""
    model = current() or newest()
    if model is None:
        print("There is no model yet: run `make run` or `uv run hearback train` first.", file=sys.stderr)  # noqa: T201
        return 1
    # Until Rasa's server sets it up, its structured log goes to standard output, citizens' words and all.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with contextlib.redirect_stdout(io.StringIO()):  # Rasa greets on standard output
        agent = Agent.load(str(model))
    for line in lines:
        if text := line.strip():
            out.write(asyncio.run(_one(agent, text)) + "\n")
            out.flush()
    return 0


async def _one(agent: Agent, text: str) -> str:
    parsed = await agent.parse_message(text.lstrip("/") or text)
    intent = parsed.get("intent") or {}
    told = {
        "text": text,
        "intent": intent.get("name"),
        "confidence": round(intent.get("confidence") or 0.0, 4),
        "entities": [{name: one[name] for name in ("entity", "value", "start", "end")} for one in parsed.get("entities") or ()],
        "services": parsed.get("services") or [],
    }
    return orjson.dumps(told).decode()
