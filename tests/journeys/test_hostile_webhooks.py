"""Whatever is posted to the doors of the text messages: never an error of ours, and the door answers afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from clients import ConsoleApi, Phone, new_phone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidict import MultiDict
from stack import PUBLIC, Stack
from test_web_report import POTHOLE
from twilio.request_validator import RequestValidator
from twilio_world import ACCOUNT, COUNCIL, TOKEN

FORM = "application/x-www-form-urlencoded"
Pairs = Sequence[tuple[str, str]]


def sid() -> str:
    return f"SM{secrets.token_hex(16)}"


def fields(**changed: str | None) -> list[tuple[str, str]]:
    """A text's parameters, some changed or (None) left out."""
    whole = {
        "MessageSid": sid(),
        "AccountSid": ACCOUNT,
        "From": "+447700900990",
        "To": COUNCIL,
        "Body": "hello",
        "NumMedia": "0",
        **changed,
    }
    return [(name, value) for name, value in {**whole, **changed}.items() if value is not None]


def signature(path: str, pairs: Pairs) -> str:
    return str(RequestValidator(TOKEN).compute_signature(PUBLIC + path, MultiDict(pairs)))


async def post(stack: Stack, body: bytes, *, path: str = "/sms/inbound", signed: str = "", **headers: str) -> int:
    given = {"Content-Type": FORM, **({"X-Twilio-Signature": signed} if signed else {}), **headers}
    async with stack.http.post(stack.url + path, data=body, headers=given) as answer:
        await answer.read()
        return answer.status


async def post_signed(stack: Stack, pairs: Pairs, path: str = "/sms/inbound") -> int:
    body = urlencode(pairs).encode()
    return await post(stack, body, path=path, signed=signature(path, pairs))


async def still_answers(stack: Stack) -> None:
    await new_phone(stack).say("hello", "")
    async with stack.http.get(f"{stack.url}/ready") as answer:
        assert answer.status == 200


def errors_of(stack: Stack) -> list[str]:
    """What the doors wrote about errors of their own."""
    log = stack.home / "logs" / "channels.log"
    # What is no HTTP at all is refused by the server below us, which notes it under its own name.
    return [line for line in log.read_text().splitlines() if " ERROR " in line and " aiohttp.server:" not in line]


SENDERS = [
    "+", "AMAZON", "60123", "whatsapp:+447700900123", "+266696687", "<script>alert(1)</script>", "+447700900990'; DROP TABLE messages; --",
    "anonymous", "\u202e+447700900990", "+44770090099０", "client:alice", "sip:alice@example.org", "-1", "{}", "%s%s%n", "ł" * 60,
]  # fmt: skip
BODIES = [
    "", " ", "\n\n", "\x00", "a\x00b", "<script>alert(1)</script>", "/restart", '/inform{"choice":"check:send"}', "{place}", "%00",
    "😀" * 400,
    "a" * 1600, "a" * 1601, "a" * 9000, "\u202e\u2066", "ﷺ" * 90, "STOP\x00", "=1+1", "&Body=x&From=y", "\r\n\r\nHTTP/1.1 200 OK",
]  # fmt: skip


async def test_strange_senders_are_written_down(stack: Stack) -> None:
    for sender in SENDERS:
        assert await post_signed(stack, fields(From=sender)) == 200, sender
    assert {text.to for text in stack.twilio.texts} & set(SENDERS) == set()


async def test_strange_words_are_taken(stack: Stack) -> None:
    for body in BODIES:
        number = new_phone(stack).number
        assert await post_signed(stack, fields(From=number, Body=body)) in {200, 403}, repr(body)
    await still_answers(stack)
    assert errors_of(stack) == []


CHANGED: list[tuple[dict[str, str | None], int]] = [
        ({"MessageSid": None}, 400), ({"MessageSid": ""}, 400), ({"MessageSid": "S M"}, 400), ({"MessageSid": "SM" + "x" * 5000}, 400),
        ({"MessageSid": "AC\x00" + "0" * 32}, 400), ({"MessageSid": "SM" + "0" * 31 + "\n"}, 400), ({"From": None}, 400),
        ({"From": ""}, 400),
        ({"From": "+" * 5000}, 400), ({"Body": None}, 200), ({"To": None}, 200), ({"To": ""}, 200), ({"To": "x" * 5000}, 200),
        ({"NumMedia": None}, 200), ({"NumMedia": "-1"}, 200), ({"NumMedia": "1000000000"}, 200), ({"NumMedia": "1e9"}, 200),
        ({"NumMedia": "abc"}, 200), ({"NumMedia": "9" * 5000}, 200), ({"NumMedia": "²"}, 200), ({"NumMedia": ""}, 200),
        ({"NumMedia": "3"}, 200),
        ({"AccountSid": None}, 200), ({"AccountSid": "AC" + "9" * 32}, 200), ({"AccountSid": ""}, 200), ({"OptOutType": "MAYBE"}, 200),
        ({"OptOutType": ""}, 200), ({"NumSegments": "-5"}, 200), ({"MessagingServiceSid": "x" * 3000}, 200), ({"New": "parameter"}, 200),
]  # fmt: skip


async def test_parameters_that_are_missing_or_wrong(stack: Stack) -> None:
    for changed, status in CHANGED:
        assert await post_signed(stack, fields(**changed)) == status, str(changed)[:80]


async def test_repeated_and_blank_parameters_are_part_of_what_is_signed(stack: Stack) -> None:
    pairs = [*fields(Body=""), ("Body", "second"), ("Body", "first"), ("Extra", ""), ("Extra", "")]
    assert await post_signed(stack, pairs) == 200
    signed = signature("/sms/inbound", pairs)
    assert await post(stack, urlencode([*pairs, ("Extra", "x")]).encode(), signed=signed) == 403
    assert await post(stack, urlencode(pairs[:-3]).encode(), signed=signed) == 403


async def test_bodies_that_are_no_form(stack: Stack) -> None:
    huge = [("Body", "x" * 70_000), *fields(Body=None)]
    assert await post_signed(stack, huge) == 413
    many = [(f"p{n}", "x") for n in range(10_000)]
    assert await post(stack, urlencode(many).encode(), signed=signature("/sms/inbound", many)) in {403, 413}
    for body in (b"", b"\xff\xfe\x00", b"&&&&", b"=", b"Body=%FF%FE", b"%", b"Body", b"\x00" * 1000, b"[]", b"{", b"a" * 65536, b"<xml/>"):
        for signed in ("", "nonsense", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="):
            assert await post(stack, body, signed=signed) == 403, body[:20]
    assert await post(stack, b"x" * 5_000_000) == 413


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "application/xml", "", "é", "x" * 900]
)
async def test_other_kinds_of_bodies_are_no_secret_way_in(stack: Stack, kind: str) -> None:
    pairs = fields()
    status = await post(stack, urlencode(pairs).encode(), signed=signature("/sms/inbound", pairs), **{"Content-Type": kind})
    assert status in {200, 400, 403}


async def test_a_signed_json_body_is_no_text(stack: Stack) -> None:
    body = json.dumps(dict(fields())).encode()
    path = f"/sms/inbound?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signed = str(RequestValidator(TOKEN).compute_signature(PUBLIC + path, {}))
    assert await post(stack, body, path=path, signed=signed, **{"Content-Type": "application/json"}) == 400
    assert await post(stack, body + b" ", path=path, signed=signed, **{"Content-Type": "application/json"}) == 403


async def test_other_methods_and_paths(stack: Stack) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        async with stack.http.request(method, f"{stack.url}/sms/inbound") as answer:
            assert answer.status == 405, method
    for path in ("/sms", "/sms/", "/sms/inbound/", "/sms/inbound/x", "/sms/%2e%2e/inbound", "//sms/inbound"):
        pairs = fields()
        assert await post(stack, urlencode(pairs).encode(), path=path, signed=signature(path, pairs)) in {403, 404}, path


async def test_headers_without_end(stack: Stack) -> None:
    assert await post(stack, urlencode(fields()).encode(), signed="x" * 7000) == 403
    for headers in ({"X-Twilio-Signature": "x" * 100_000}, {f"X-{n}": "y" * 1000 for n in range(200)}):
        try:
            assert await post(stack, b"", **headers) in {400, 403, 431}
        except Exception as error:
            assert type(error).__name__ in {"ServerDisconnectedError", "ClientOSError"}  # the line is cut: as good an answer
    await still_answers(stack)


async def test_a_caller_that_leaves_in_the_middle(stack: Stack) -> None:
    host, port = "127.0.0.1", int(stack.environ["HEARBACK_PORT"])
    head = f"POST /sms/inbound HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 500\r\n\r\nBody=half"
    for said in (
        head,
        head[:30],
        "POST /sms/inbound HTTP/9.9\r\n\r\n",
        "\x16\x03\x01",
        head.replace("500", "-1"),
        head.replace("500", "1e3"),
    ):
        _, writer = await asyncio.open_connection(host, port)
        writer.write(said.encode())
        await writer.drain()
        writer.close()
    await still_answers(stack)


@pytest.mark.parametrize(
    "path",
    ["/sms/status", "/sms/status?message=1", "/sms/status?message=²", "/sms/status?message=" + "9" * 400, "/sms/status?message=-1&x"],
)
async def test_strange_receipts(stack: Stack, path: str) -> None:
    path = quote(path, safe="/?=&")
    for status in ("delivered", "DELIVERED", "read", "x" * 5000, "\x00", "<b>", "queued"):
        pairs = [("MessageSid", sid()), ("AccountSid", ACCOUNT), ("MessageStatus", status), ("ErrorCode", "x" * 500)]
        assert await post_signed(stack, pairs, path) == 200
    for missing in ([("MessageStatus", "sent")], [("MessageSid", sid())], [("MessageSid", "1!"), ("MessageStatus", "sent")]):
        assert await post_signed(stack, missing, path) == 400


@pytest.mark.parametrize("words", [POTHOLE, "", "STOP", "hello"])
async def test_every_webhook_five_times_at_once_is_one_message_and_one_answer(phone: Phone, console: ConsoleApi, words: str) -> None:
    twilio, name = phone.stack.twilio, sid()
    phone.sid = name
    assert await asyncio.gather(*(twilio.deliver(phone.number, words, sid=name) for _ in range(5))) == [200] * 5
    other = f"{words or 'hello'} {uuid.uuid4().hex[:6]}"
    await new_phone(phone.stack).say(other, "")
    await asyncio.sleep(1)
    lines = (await console.of(phone))["messages"]
    assert [line["author"] for line in lines].count("citizen") == 1
    assert len(phone.texts) == (0 if words == "STOP" else 1)
    assert await twilio.deliver(phone.number, words, sid=name) == 200
    await asyncio.sleep(0.5)
    assert len((await console.of(phone))["messages"]) == len(lines)


NAMES = st.sampled_from(
    ["MessageSid", "AccountSid", "From", "To", "Body", "NumMedia", "MediaUrl0", "MediaContentType0", "OptOutType", "MessageStatus"]
)
TEXT = st.text(max_size=200)
FUZZED = st.lists(st.tuples(st.one_of(NAMES, TEXT), st.one_of(TEXT, st.sampled_from([*SENDERS, *BODIES, "1"]))), max_size=30)


async def test_two_hundred_fuzzed_webhooks(stack: Stack) -> None:
    made: list[tuple[Any, bool, str]] = []

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(FUZZED, st.booleans(), st.sampled_from(["/sms/inbound", "/sms/status"]))
    def make(pairs: Any, whole: bool, path: str) -> None:
        made.append((pairs, whole, path))

    make()
    for number, (pairs, whole, path) in enumerate(made):
        sent = [(name.encode(errors="replace").decode(), value.encode(errors="replace").decode()) for name, value in pairs]
        if whole:
            sent = [("MessageSid", sid()), *[pair for pair in sent if pair[0] not in {"MessageSid", "AccountSid"}]]
        status = await post_signed(stack, sent, path) if number % 4 else await post(stack, urlencode(sent).encode(), path=path, signed="x")
        assert status == 200 or 400 <= status < 500, (status, sent)
    await still_answers(stack)
    assert errors_of(stack) == []
