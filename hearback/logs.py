"""Logs are sentences with fields, as text or as JSON lines; citizens' words and numbers never reach them, whoever writes the line."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import traceback
import warnings
from datetime import UTC, datetime
from typing import Any

from hearback import trace

# Fields of structlog's JSON lines (Rasa's) that hold no words of citizens.
SAFE = frozenset(("event event_info level timestamp logger intent action_name port url version model model_id name exc_type").split())
# What would begin a line of its own, or colour and move what a terminal shows; a traceback's lines stay apart.
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\n(?! )")
logger = logging.getLogger("hearback")
OURS = ("hearback", "channels", "console", "backoffice", "engagement", "bot")


class Redact(logging.Filter):
    """Keeps a line's own sentence and what we know to be harmless; replaces tracebacks by "Type at file:line"."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            record.msg = f"{self._sentence(record)} ({where(record.exc_info[1])})"
            record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
        else:
            record.msg, record.args = self._sentence(record), ()
        record.msg = CONTROL.sub(" ", record.msg)
        record.trace = getattr(record, "trace", None) or trace.current()
        return True

    def _sentence(self, record: logging.LogRecord) -> str:
        if record.name.split(".")[0] in OURS:
            return record.getMessage()
        words = record.getMessage()
        if words.startswith("{"):
            try:
                fields = json.loads(words)
            except ValueError:
                return record.name
            return " ".join(f"{name}={value}" for name, value in fields.items() if name in SAFE)
        # Another library's error text may quote what a citizen wrote: its place is enough to find it.
        return words if record.levelno < logging.WARNING else f"{record.name}:{record.funcName}:{record.lineno}"


def where(error: BaseException) -> str:
    """What kind of error, and where: never its text, which may quote a citizen."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def trace_of(record: logging.LogRecord) -> str:
    return str(getattr(record, "trace", ""))


class Text(logging.Formatter):
    """ "time process level sentence name=value trace=…", for people."""

    def __init__(self, process: str) -> None:
        super().__init__(f"%(asctime)s {process} %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        more = {**getattr(record, "fields", {}), **({"trace": trace_of(record)} if trace_of(record) else {})}
        return " ".join([super().format(record), *(f"{name}={value}" for name, value in more.items())])


class Json(logging.Formatter):
    """A JSON object a line, for programs: time, process, level, event, logger, and where they are known trace and fields."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "process": self._process,
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
        }
        if name := trace_of(record):
            line["trace"] = name
        if fields := getattr(record, "fields", None):
            line["fields"] = fields
        return json.dumps(line, ensure_ascii=False)


def set_up(process: str, level: int = logging.INFO, *, form: str = "text") -> None:
    """Send this process's log to standard error, redacted; `form` is HEARBACK_LOG_FORMAT."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(process, form))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    redact()


def formatter(process: str, form: str) -> logging.Formatter:
    return Json(process) if form == "json" else Text(process)


def shape(process: str, form: str) -> None:
    """Where JSON is wanted, write what other libraries' own handlers write in it too."""
    for name in [None, *logging.Logger.manager.loggerDict] if form == "json" else []:
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(formatter(process, form))


def redact() -> None:
    """Put the filter on every handler there is, and silence warnings, which print what they are about."""
    for name in [None, *logging.Logger.manager.loggerDict]:
        for handler in logging.getLogger(name).handlers:
            if not any(isinstance(one, Redact) for one in handler.filters):
                handler.addFilter(Redact())
    warnings.showwarning = _silent
    sys.excepthook = lambda kind, error, trace: print(f"stopped: {where(error)}", file=sys.stderr)  # noqa: T201


def _silent(*args: Any, **kwargs: Any) -> None:
    """Rasa's warnings repeat a citizen's message in full."""
