"""Pictures by text message: fetched from Twilio with its token, kept as ours, handed to the back office; and from nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from camera import REMARK, metadata_of, photo
from clients import ConsoleApi, Phone, Sandbox, new_phone, reference_in
from stack import PUBLIC, Stack, until
from test_web_report import POTHOLE

JPEG = "image/jpeg"
NOT_RECEIVED, NOT_READ = "your photo did not reach us", "we can only take photos"


async def to_the_photo(phone: Phone) -> None:
    await phone.say(POTHOLE, "How big is it?")
    await phone.say("3", "Where in the road")
    await phone.say("1", "photo")


@contextlib.contextmanager
def trap() -> Iterator[tuple[int, socket.socket]]:
    """A port of this machine at which nobody must call."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        yield int(listening.getsockname()[1]), listening


def was_called(listening: socket.socket) -> bool:
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


async def test_a_picture_answers_the_photo_question_and_reaches_the_back_office(
    stack: Stack, phone: Phone, console: ConsoleApi, sandbox: Sandbox
) -> None:
    await to_the_photo(phone)
    stack.twilio.fetched.clear()
    await phone.text("", **stack.twilio.pictures((JPEG, photo((3000, 2000)))))
    await phone.reads("text you updates")
    assert [one.split(maxsplit=1)[1] for one in stack.twilio.fetched] == ["with token", "without token"]
    await phone.say("2", "Send it?")
    reference = reference_in(await phone.say("1", "Your reference is"))
    address = (await sandbox.request(reference))["media_url"]
    assert address.startswith(f"{PUBLIC}/photos/")
    async with stack.http.get(stack.url + urlsplit(address).path) as answer:
        data = await answer.read()
    assert answer.status == 200 and metadata_of(data) == {} and REMARK.encode() not in data
    (media,) = [line["media"] for line in (await console.of(phone))["messages"] if line["media"]]
    assert media[0]["url"] == address and stack.twilio.url not in str(media)


async def test_a_picture_that_comes_at_the_third_try_is_received(stack: Stack, phone: Phone) -> None:
    await to_the_photo(phone)
    await phone.text("", **stack.twilio.pictures((JPEG, photo()), trouble=[404, "cut"]))
    await phone.reads("text you updates")
    assert NOT_RECEIVED not in "".join(text.body for text in phone.texts)


async def test_a_picture_that_never_comes_is_said_so_and_the_report_goes_on(stack: Stack, phone: Phone) -> None:
    await to_the_photo(phone)
    await phone.text("", **stack.twilio.pictures((JPEG, photo()), trouble=[500, 500, 500]))
    await phone.reads(NOT_RECEIVED)
    await phone.text("", **stack.twilio.pictures((JPEG, photo())))
    await phone.reads("text you updates")


async def test_words_beside_a_picture_that_never_comes_are_answered(stack: Stack, phone: Phone) -> None:
    await phone.text(POTHOLE, **stack.twilio.pictures((JPEG, b""), trouble=[404, 404, 404]))
    told = await phone.reads("How big is it?")
    assert NOT_RECEIVED in told


async def test_a_picture_with_words_is_both(stack: Stack, phone: Phone, sandbox: Sandbox) -> None:
    await phone.text(POTHOLE, **stack.twilio.pictures((JPEG, photo())))
    await phone.reads("How big is it?")
    await phone.say("3", "Where in the road")
    await phone.say("1", "text you updates")


async def test_a_picture_out_of_the_blue_is_kept_for_the_report_that_follows(stack: Stack, phone: Phone, sandbox: Sandbox) -> None:
    await phone.text("", **stack.twilio.pictures((JPEG, photo())))
    await phone.reads("What does it show, and where is it?")
    assert "your photo goes with the report" in await phone.say(POTHOLE, "How big is it?")
    await phone.say("3", "Where in the road")
    await phone.say("1", "text you updates")
    await phone.say("2", "Send it?")
    reference = reference_in(await phone.say("1", "Your reference is"))
    assert (await sandbox.request(reference))["media_url"].startswith(f"{PUBLIC}/photos/")


async def test_a_picture_in_the_middle_of_a_report_is_taken_and_the_question_stands(stack: Stack, phone: Phone) -> None:
    await phone.say(POTHOLE, "How big is it?")
    await phone.text("", **stack.twilio.pictures((JPEG, photo())))
    assert "your photo goes with the report" in await phone.reads("How big is it?")
    await phone.say("3", "Where in the road")
    await phone.say("1", "text you updates")


@pytest.mark.parametrize(
    ("kind", "data"), [("text/x-vcard", b"BEGIN:VCARD"), ("video/3gpp", b"\0"), ("audio/amr", b"#!AMR"), (JPEG, b"no picture"), (JPEG, b"")]
)
async def test_what_is_no_picture_is_said_kindly(stack: Stack, phone: Phone, kind: str, data: bytes) -> None:
    await phone.text("", **stack.twilio.pictures((kind, data)))
    await phone.reads(NOT_READ)
    await phone.say(POTHOLE, "How big is it?")


async def test_of_several_pictures_those_that_can_be_read_are_kept(stack: Stack, phone: Phone, console: ConsoleApi) -> None:
    await to_the_photo(phone)
    await phone.text("", **stack.twilio.pictures((JPEG, photo()), ("image/png", photo(kind="PNG")), ("video/mp4", b"")))
    assert NOT_READ in await phone.reads("text you updates")
    (media,) = [line["media"] for line in (await console.of(phone))["messages"] if line["media"]]
    assert [("photo" in one, one.get("missing")) for one in media] == [(True, None), (True, None), (False, "not_read")]


async def test_a_picture_larger_than_10_mb_is_not_read(stack: Stack, phone: Phone) -> None:
    await phone.text("", **stack.twilio.pictures((JPEG, b"x" * (10 * 1024 * 1024 + 1))))
    await phone.reads(NOT_READ)


HOUSE = ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1", "0.0.0.0", "169.254.169.254")


async def test_no_redirect_leads_into_the_house(stack: Stack) -> None:
    with trap() as (port, listening):

        async def is_led(host: str, scheme: str) -> None:
            phone, address = new_phone(stack), f"{scheme}://{host}:{port}/latest/meta-data"
            await phone.text("", **stack.twilio.pictures((JPEG, photo()), trouble=[address, address, address]))
            await phone.reads(NOT_RECEIVED, seconds=90)

        await asyncio.gather(*(is_led(host, scheme) for host in HOUSE for scheme in ("http", "https")))
        assert not was_called(listening)


async def test_an_address_of_the_house_in_the_webhook_itself_is_not_fetched(stack: Stack, phone: Phone) -> None:
    with trap() as (port, listening):
        for address in (
            f"http://127.0.0.1:{port}/",
            f"https://localhost:{port}/",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "nonsense",
            "//x",
        ):
            await phone.text("", NumMedia="1", MediaUrl0=address, MediaContentType0=JPEG)
        await until(lambda: len(phone.texts) == 6, 90, "six answers")
        assert {NOT_RECEIVED in text.body for text in phone.texts} == {True}
        assert not was_called(listening)


async def test_a_crash_while_a_picture_is_fetched_loses_nothing(stack: Stack, phone: Phone) -> None:
    await to_the_photo(phone)
    await phone.text("", **stack.twilio.pictures((JPEG, photo()), trouble=[500]))
    await stack.kill("-m channels")
    await phone.reads("text you updates", seconds=60)
