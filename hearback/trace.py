"""Names what is done for one message, from the door to the back office: 16 hexadecimal figures that say nothing of anybody."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-ID"
SHAPE = re.compile(r"[0-9a-f]{16}")
_current: ContextVar[str] = ContextVar("trace", default="")


def fresh() -> str:
    return secrets.token_hex(8)


def current() -> str:
    """The trace of what this task does now; empty where it does nothing for a message."""
    return _current.get()


def follow(trace: object) -> None:
    """From now on this task, and those that it starts, work for this trace; what is no trace is none."""
    _current.set(trace if isinstance(trace, str) and SHAPE.fullmatch(trace) else "")


def for_message() -> str:
    """The trace of the call that brings a message, else a fresh one."""
    return current() or fresh()
