"""Twilio's own OpenAPI description takes every request that we make of its API for messages."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from channels.sms_pages import pages
from channels.twilio import TwilioAccount
from channels.twilio_sending import Sender
from engagement.values import Choice

HERE = Path(__file__).parent / "openapi" / "node_modules"
SERVER = HERE / "@stoplight" / "prism-cli" / "dist" / "index.js"
DESCRIPTION = HERE / "@twilio" / "cli-core" / "src" / "services" / "twilio-api" / "twilio_api_v2010.json"
ACCOUNT = "AC" + "0f" * 16
CALLBACK = "https://council.example/sms/status?message=12"


@pytest.fixture(scope="module")
def description(node: list[str]) -> Iterator[str]:
    """The address of a server that answers as Twilio describes itself, and 422 to what does not fit the description."""
    if not (SERVER.exists() and DESCRIPTION.exists()):
        pytest.skip("Twilio's description is missing: `make tests/channels/openapi/node_modules/.package-lock.json` fetches it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*node, SERVER, "mock", "--port", str(port), "--host", "127.0.0.1", DESCRIPTION]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


@pytest.fixture(params=["", "MG" + "0f" * 16], ids=["number", "messaging service"])
async def sender(description: str, request: pytest.FixtureRequest) -> AsyncIterator[Sender]:
    made = Sender(TwilioAccount(ACCOUNT, "4d" * 16, request.param, "+441632960100", description))
    yield made
    await made.close()


LIST = tuple(Choice(id=str(n), title=f"Choice number {n} of a list that goes on and on", payload="/x") for n in range(1, 15))
TEXTS = ["hi", "a & b = c?\nŵ ŷ 👩🏽‍🚀 +44", "x" * 1600, *pages("Which of these?", LIST)]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("to", ["+447700900123", "whatsapp:+447700900123"])
async def test_every_text_that_we_send_fits_twilios_description(sender: Sender, text: str, to: str) -> None:
    sent = await sender.send(to=to, text=text, sender="+441632960100", callback=CALLBACK)
    assert len(sent.sid) == 34


async def test_asking_whether_a_text_was_taken_fits_twilios_description(sender: Sender) -> None:
    assert await sender.find(to="+447700900123", texts=["hi"], since=datetime.now(UTC)) == []


@pytest.mark.parametrize("missing", ["To", "auth"])
async def test_the_description_refuses_what_does_not_fit(description: str, missing: str) -> None:
    """So that the tests above can fail."""
    form = {"To": "+447700900123", "From": "+441632960100", "Body": "hi"}
    auth = None if missing == "auth" else aiohttp.BasicAuth(ACCOUNT, "x")
    form.pop(missing, None)
    url = f"{description}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    async with aiohttp.ClientSession() as session, session.post(url, data=form, auth=auth) as answer:
        assert answer.status == (401 if missing == "auth" else 422)
