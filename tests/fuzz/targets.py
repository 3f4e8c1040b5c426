"""One function for each parser: it takes any bytes, and fails where a parser meets them with anything but its own errors."""

from __future__ import annotations

import contextlib
import csv
import io
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import orjson
from aiohttp import web

from backoffice import bin_records, georeport, places, records, support
from bot import languages, needs, outcome_words
from bot.actions import answers
from channels import choices, numbers, opt_out, parts, sms, sms_pages, taking, whatsapp
from channels import web as web_chat
from channels.calls import Refused
from channels.twilio import TwilioAccount
from channels.webhooks import media_of
from console import query
from engagement import pictures, search
from engagement.values import Choice
from hearback import (
    back_office,
    chat_look,
    costs,
    graphemes,
    logs,
    opening_hours,
    personal,
    phones,
    profile,
    quiet,
    redaction,
    retention,
    settings,
    sms_text,
    spreadsheet,
    streets,
    teams,
)
from hearback.area import Area
from hearback.settings import Settings, SettingsError

Target = Callable[[bytes], None]
TARGETS: dict[str, Target] = {}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONGEST = 2000  # characters of a citizen's message
ACCOUNT = TwilioAccount("AC0", "token", "", "+441632960000", "https://api.example")
OFFERED = (Choice(id="a", title="Yes, send it", payload="/affirm"), Choice(id="b", title="Pothole", payload="/b"))
ATTRIBUTES = [
    records.Attribute.read({"code": "a", "datatype": kind, "description": "?", "required": True, "values": VALUES})
    for VALUES in ([{"key": "1", "name": "Small"}, {"key": "2", "name": "As large as a car"}],)
    for kind in ("singlevaluelist", "multivaluelist", "number", "datetime", "string", "text")
]
READERS: tuple[Callable[[dict[str, Any]], Any], ...] = (
    records.Attribute.read, records.Service.read, records.ServiceRequest.read, records.Update.read, records.OutcomeReport.read,
    support.Support.read, bin_records.Collection.read, bin_records.Container.read, bin_records.Missed.read, bin_records.Slot.read,
    bin_records.BulkyRules.read,
)  # fmt: skip


def target(function: Target) -> Target:
    TARGETS[function.__name__] = function
    return function


def text(data: bytes) -> str:
    """A citizen's words: any characters, no half ones, no more than the doors take."""
    return data.decode("utf-8", "replace").replace("\x00", "")[:LONGEST]


def form(data: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(data.decode("utf-8"), keep_blank_values=True, max_num_fields=500))
    except ValueError:
        return {"Body": text(data), "From": "+447700900123", "MessageSid": "SM1"}


@target
def choice(data: bytes) -> None:
    picked = choices.picked_choice(text(data), OFFERED)
    assert picked is None or picked in OFFERED
    choices.asks_for_more(text(data))


@target
def commands(data: bytes) -> None:
    assert not needs.as_words(text(data)).strip().startswith("/")
    assert not [part for part in needs.parts_of(text(data)) if part.strip().startswith("/")]


@target
def sms_length(data: bytes) -> None:
    words = text(data)
    assert sms_text.segments(sms_text.plain(words)) >= (1 if sms_text.plain(words) else 0)
    assert sms_text.render(words, OFFERED)
    assert "".join(graphemes.graphemes(words)) == words


@target
def sms_splitting(data: bytes) -> None:
    words = text(data)
    for pages in (sms_pages.pages(words), sms_pages.pages(words, OFFERED, "cy")):
        assert all(sms_text.segments(page) <= 6 for page in pages)
    said = "".join("".join(sms_pages.pieces(sms_text.plain(words))).split())
    assert said == "".join(sms_text.plain(words).split())


@target
def long_texts(data: bytes) -> None:
    parts.may_go_on(text(data))
    parts.kept(text(data))
    opt_out.read(text(data), text(data[:10]))


@target
def phone_numbers(data: bytes) -> None:
    words = text(data)
    numbers.refused(words[:64], ours=frozenset({"+441632960000", None}))
    phones.mobile(words[:40], ("GB",))
    personal.mask(personal.mask(words))  # the digits that a mask leaves may make a number with those behind it, which is masked too then
    for found in personal.find(words):
        assert found.value


@target
def redacting(data: bytes) -> None:
    done = redaction.redact(text(data))
    assert "".join(piece for piece, _ in done.pieces()) == done.before
    assert "".join(piece for piece, _ in done.pieces(after=True)) == done.after
    redaction.only_less(done.after, text(data[::2]))


@target
def language(data: bytes) -> None:
    words = text(data)
    languages.asked_for(words)
    for current in ("en", "pl"):
        languages.language_of(words, current, answering=len(data) % 2 == 0)


@target
def outcome(data: bytes) -> None:
    for intent in ("affirm", "deny", "outcome_fixed", "inform"):
        parsed = {"intent": {"name": intent, "confidence": 0.9}, "intent_ranking": [], "services": [], "entities": []}
        outcome_words.answer_in(text(data), parsed, {"id": 1, "service": "POTHOLE", "latest": True, "subject": "", "reference": "A-1"})


@target
def answers_to_questions(data: bytes) -> None:
    for attribute in ATTRIBUTES:
        with contextlib.suppress(answers.NotAnAnswer):
            assert attribute is not None and answers.read(attribute, text(data), NOON)


@target
def street(data: bytes) -> None:
    streets.street_of(text(data))


@target
def open311_and_directories(data: bytes) -> None:
    """JSON or XML of any server outside, down to our own values."""
    with contextlib.suppress(georeport.BackOfficeError):
        georeport._rows(200, data)
    with contextlib.suppress(georeport.BackOfficeError):
        georeport._rows(500 if len(data) % 2 else 404, data)
    for row in georeport._parsed(data) or ():
        for read in READERS:
            read(row)
        for reading in (records.text_of, records.reference_of, records.flag, records.number, records.moment, bin_records.day_of):
            for value in row.values():
                reading(value)


@target
def open311_json(data: bytes) -> None:
    """The same, where what comes is at least an object with the names that our servers use."""
    words = text(data)
    names = (
        "service_code service_name description metadata type keywords group service_request_id token status status_notes "
        "requested_datetime "
        "updated_datetime expected_datetime address lat long media_url agency_responsible code datatype values variable required order "
        "id name email url fees schedules locations organization phones taxonomy_terms minimum_age maximum_age dtstart date "
        "kind bin percent"
    ).split()
    pieces: list[Any] = [words, words[::-1], 0, -1, 1e308, True, None, [], {}, [{"key": words, "name": None}], {"name": words}, [words]]
    row = {name: pieces[(data[at % len(data)] if data else at) % len(pieces)] for at, name in enumerate(names)}
    open311_and_directories(orjson.dumps({"service_requests": [row]}))


@target
def gazetteer(data: bytes) -> None:
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        body = [{"USRN": text(data), "STREET_DESCRIPTION": text(data), "LAT": text(data[:9]), "LNG": 1}]
    found = places._spots(records.rows_of(body))
    assert all(spot.title for spot in found)


@target
def xml(data: bytes) -> None:
    """Trees, however deep."""
    depth = int.from_bytes(data[:2], "big") if data else 0
    georeport._parsed(b"<a>" * depth + data[2:200] + b"</a>" * depth)
    with contextlib.suppress(ElementTree.ParseError, ValueError, LookupError):
        ElementTree.fromstring(data)
        georeport._parsed(data)


@target
def twilio_forms(data: bytes) -> None:
    given = form(data)
    for read in (sms.inbound_message, whatsapp.inbound_message):
        for more in ({}, {"MessageSid": "SM1", "From": "whatsapp:+447700900123", "To": "whatsapp:+441632960000"}):
            with contextlib.suppress(web.HTTPBadRequest):
                read({**given, **more}, ACCOUNT)
    media_of({**given, "NumMedia": text(data[:3])})
    assert whatsapp.location_of({"Latitude": text(data[:20]), "Longitude": text(data[20:40])}) is not False


@target
def json_doors(data: bytes) -> None:
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        body = {"text": text(data), "location": {"lat": text(data), "long": 1}}
    values = list(body.values()) if isinstance(body, dict) else [body]
    for value in values:
        for read in (taking.checked, taking.point_of, taking.client_uuid):
            with contextlib.suppress(Refused):
                read(value)
    for asked in (web_chat.seconds, web_chat.after):
        with contextlib.suppress(Refused):
            asked(text(data))


@target
def console_filters(data: bytes) -> None:
    given = form(data)
    words = text(data)
    fields = ("since", "until", "citizen", "text", "measure", "of", "by", "name", "start", "end", "channel", "state", "reference")
    for asked in (given, dict.fromkeys(fields, words), {name: words[at:] for at, name in enumerate(fields)}):
        with contextlib.suppress(query.BadQuery):
            query.filter_of(asked)
        query.known(asked)
    query.kept(words)
    search.words_of(words)


@target
def tables(data: bytes) -> None:
    words = data.decode("utf-8", "replace")
    (_, *rows) = csv.reader(io.StringIO(spreadsheet.table(["a", "b"], [{"a": words, "b": [words]}]), newline=""))
    assert rows == [[spreadsheet.cell(words), spreadsheet.cell([words])]]
    assert not spreadsheet.cell(words).startswith(("=", "+", "-", "@", "\t", "\r"))


@target
def council_files(data: bytes) -> None:
    """Bad files are a SettingsError, whatever stands in them."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name in ("profile.yml", "back_office.yml", "costs.yml", "retention.yml", "teams.yml", "replies.yml", "chat.yml", "area.yml"):
            (folder / name).write_bytes(data)
        reads: tuple[Callable[[], Any], ...] = (
            lambda: profile.read_council(folder), lambda: back_office.read(folder / "back_office.yml"),
            lambda: costs.read(folder / "costs.yml"),
            lambda: retention.read(folder / "retention.yml"), lambda: teams.read_teams(folder), lambda: teams.read_replies(folder),
            lambda: chat_look.ChatLook.read(folder), lambda: Area.read(folder),
            lambda: opening_hours.OpeningHours.read({"opening_times": {"monday": text(data)}}),
            lambda: quiet.read({"texts": {"quiet": text(data)}}),
        )  # fmt: skip
        for read in reads:
            with contextlib.suppress(SettingsError):
                read()


@target
def setting_texts(data: bytes) -> None:
    words = text(data)
    for name in (name for name, _, _ in settings.described()):
        with contextlib.suppress(SettingsError):
            Settings.from_environ({name: words})


@target
def images(data: bytes) -> None:
    pictures.scans(data)
    with contextlib.suppress(pictures.Unreadable):
        clean, width, height = pictures.cleaned(data)
        assert clean.startswith(b"\xff\xd8") and 0 < max(width, height) <= pictures.LONGEST_SIDE


@target
def log_lines(data: bytes) -> None:
    record = logs.logging.LogRecord("rasa.core", logs.logging.INFO, "a.py", 1, text(data), (), None)
    assert logs.Redact().filter(record) and "\n" not in record.getMessage().replace("\n ", "") and "\x1b" not in record.getMessage()
