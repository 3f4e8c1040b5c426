"""Log lines as text and as JSON: a sentence, its fields, the trace of what is done; never what a citizen wrote."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from hearback import logs, trace

SECRET = "zyzzyva lives at 12 Mill Lane"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a handler of ours writes, as `logs.set_up` makes it."""
    root, kept, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root.handlers = [handler]
    logs.redact()
    for name in logs.OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    yield stream
    root.handlers, root.level = kept, level
    trace.follow(None)


def test_a_json_line_has_time_process_level_event_trace_and_fields(written: io.StringIO) -> None:
    logs.shape("channels", "json")
    trace.follow("0123456789abcdef")
    logging.getLogger("channels.inbox").info("a message was %s", "answered", extra={"fields": {"seconds": 0.2}})
    line = json.loads(written.getvalue())
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "process": "channels", "level": "info", "event": "a message was answered", "logger": "channels.inbox",
        "trace": "0123456789abcdef", "fields": {"seconds": 0.2},
    }  # fmt: skip


def test_a_line_of_text_ends_with_its_fields_and_trace(written: io.StringIO) -> None:
    logging.getLogger().handlers[0].setFormatter(logs.formatter("channels", "text"))
    trace.follow("0123456789abcdef")
    logging.getLogger("channels.inbox").info("a message was answered", extra={"fields": {"seconds": 0.2}})
    assert written.getvalue().endswith(" channels INFO a message was answered seconds=0.2 trace=0123456789abcdef\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_keeps_its_place_and_loses_its_words(written: io.StringIO, form: str) -> None:
    logs.shape("rasa", form)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("channels").exception("it failed")
    logging.getLogger("sanic.root").error(SECRET)
    lines = written.getvalue()
    assert "it failed (ValueError at test_logs.py:" in lines and "zyzzyva" not in lines and "Mill Lane" not in lines


def test_what_is_no_trace_is_not_followed() -> None:
    for given in (SECRET, "0123456789ABCDEF", "0123", 5, None, "0123456789abcdef\n"):
        trace.follow(given)
        assert trace.current() == ""
    trace.follow("0123456789abcdef")
    assert trace.for_message() == "0123456789abcdef"
    trace.follow(None)
    assert logs.trace.SHAPE.fullmatch(trace.for_message())
