"""The local Twilio, through Twilio's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import BasicAuth
from phone_world import ACCOUNT, CITIZEN, COUNCIL, MESSAGES, PhoneWorld, until
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[PhoneWorld]:
    async with PhoneWorld(tmp_path, patience=2) as opened:
        yield opened


class Elsewhere(AsyncTwilioHttpClient):
    """Twilio's client, pointed at another address."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    async def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
        return await super().request(method, url.replace("https://api.twilio.com", self.base), *args, **more)


@pytest.fixture
async def twilio(world: PhoneWorld) -> AsyncIterator[Client]:
    http = Elsewhere(str(world.phone.make_url("/twilio")))
    yield Client(ACCOUNT, world.token, http_client=http)
    await http.close()


async def test_twilios_own_client_sends_fetches_and_lists(world: PhoneWorld, twilio: Client) -> None:
    sent = await twilio.messages.create_async(to=CITIZEN, from_=COUNCIL, body="One’s curly", status_callback=world.callback)
    assert (sent.status, sent.num_segments, sent.error_code, sent.direction) == ("queued", "1", None, "outbound-api")
    assert sent.date_created is not None and abs(datetime.now(UTC) - sent.date_created) < timedelta(seconds=5)
    for number in range(4):
        await twilio.messages.create_async(to=CITIZEN, from_=COUNCIL, body=str(number))
    await twilio.messages.create_async(to="+447700900124", from_=COUNCIL, body="other")
    listed = await twilio.messages.list_async(to=CITIZEN, date_sent_after=datetime.now(UTC) - timedelta(minutes=1), page_size=2)
    assert [item.body for item in listed] == ["3", "2", "1", "0", "One’s curly"]
    assert await twilio.messages.list_async(date_sent_before=date.today() - timedelta(days=2)) == []
    assert len(await twilio.messages.list_async(date_sent=datetime.now(UTC).date())) == 6
    assert (await twilio.messages(sent.sid).fetch_async()).body == "One’s curly"


async def test_a_complete_message_can_be_emptied_and_deleted(world: PhoneWorld, twilio: Client) -> None:
    sent = await twilio.messages.create_async(to=CITIZEN, from_=COUNCIL, body="secret", status_callback=world.callback)
    with pytest.raises(TwilioRestException) as early:
        await twilio.messages(sent.sid).delete_async()
    assert (early.value.status, early.value.code) == (409, 20009)
    await until(lambda: len(world.door.receipts) == 2)
    assert (await twilio.messages(sent.sid).update_async(body="")).body == ""
    assert await twilio.messages(sent.sid).delete_async()
    with pytest.raises(TwilioRestException) as gone:
        await twilio.messages(sent.sid).fetch_async()
    assert (gone.value.status, gone.value.code) == (404, 20404)


async def test_receipts_follow_signed_and_in_order(world: PhoneWorld) -> None:
    _, sent = await world.send(StatusCallback=world.callback)
    await until(lambda: len(world.door.receipts) == 2)
    assert [form["MessageStatus"] for form in world.door.receipts] == ["sent", "delivered"]
    last = world.door.receipts[-1]
    assert (last["MessageSid"], last["To"], last["From"], last["AccountSid"]) == (sent["sid"], CITIZEN, COUNCIL, ACCOUNT)
    assert len(last["RawDlrDoneDate"]) == 10 and "ErrorCode" not in last
    assert (await world.fetch(f"{MESSAGES}/{sent['sid']}.json"))[1]["status"] == "delivered"


async def test_a_messaging_service_chooses_its_sender_later(world: PhoneWorld) -> None:
    service = "MG" + "0" * 32
    status, sent = await world.send(From="", MessagingServiceSid=service, StatusCallback=world.callback)
    assert (status, sent["status"], sent["from"], sent["num_segments"]) == (201, "accepted", None, "0")
    await until(lambda: len(world.door.receipts) == 3)
    assert [form["MessageStatus"] for form in world.door.receipts] == ["queued", "sent", "delivered"]
    assert {form["MessagingServiceSid"] for form in world.door.receipts} == {service}
    assert (await world.fetch(f"{MESSAGES}/{sent['sid']}.json"))[1]["from"] == COUNCIL


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "07700900123"}, 21211),
        ({"To": "+4477009001"}, 21211),
        ({"From": ""}, 21603),
        ({"From": "+447700900999"}, 21606),
        ({"From": "", "MessagingServiceSid": "MG1"}, 21701),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"StatusCallback": "/sms/status"}, 21609),
    ],
)
async def test_what_twilio_refuses_is_refused_in_its_words(world: PhoneWorld, form: dict[str, str], code: int) -> None:
    status, body = await world.send(**form)
    assert (status, body["status"], body["code"]) == (400, 400, code)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}" and body["message"]
    assert await world.thread() == []


async def test_a_body_of_1600_characters_is_sent(world: PhoneWorld) -> None:
    assert (await world.send(Body="x" * 1600))[1]["num_segments"] == "11"


@pytest.mark.parametrize("auth", [None, BasicAuth(ACCOUNT, "wrong"), BasicAuth("AC" + "0" * 32, "wrong")])
async def test_only_the_accounts_token_is_let_in(world: PhoneWorld, auth: BasicAuth | None) -> None:
    for path in (f"{MESSAGES}.json", f"{MESSAGES}/SM{'0' * 32}.json"):
        async with world.phone.get(path, auth=auth) as reply:
            assert (reply.status, (await reply.json())["code"]) == (401, 20003)
    async with world.phone.get(f"{MESSAGES}.json", headers={"Authorization": "Bearer x"}) as reply:
        assert reply.status == 401


@pytest.mark.parametrize(("mode", "status", "code"), [("21610", 400, 21610), ("429", 429, 20429), ("500", 500, 20500)])
async def test_a_fault_holds_for_its_count(world: PhoneWorld, mode: str, status: int, code: int) -> None:
    await world.fault(mode, count=2)
    for _ in range(2):
        got, body = await world.send()
        assert (got, body["code"]) == (status, code)
    assert (await world.send())[0] == 201
    await world.fault(mode)
    assert (await world.send())[0] == status
    await world.fault(None)
    assert (await world.send())[0] == 201


async def test_a_timeout_sends_the_text_but_its_sender_never_learns_so(world: PhoneWorld) -> None:
    await world.fault("timeout", count=1, seconds=0.2)
    with pytest.raises(aiohttp.ClientError):
        await world.send(Body="lost answer")
    _, listed = await world.fetch(f"{MESSAGES}.json", To=CITIZEN)
    assert [item["body"] for item in listed["messages"]] == ["lost answer"]


async def test_receipts_can_be_late_out_of_order_or_bad(world: PhoneWorld) -> None:
    await world.fault("out_of_order", count=1)
    _, first = await world.send(StatusCallback=world.callback)
    await until(lambda: len(world.door.receipts) == 2)
    assert [form["MessageStatus"] for form in world.door.receipts] == ["delivered", "sent"]
    assert (await world.fetch(f"{MESSAGES}/{first['sid']}.json"))[1]["status"] == "delivered"
    await world.fault("undelivered", count=1)
    _, second = await world.send(StatusCallback=world.callback)
    await until(lambda: len(world.door.receipts) == 4)
    assert (world.door.receipts[-1]["MessageStatus"], world.door.receipts[-1]["ErrorCode"]) == ("undelivered", "30003")
    assert (await world.fetch(f"{MESSAGES}/{second['sid']}.json"))[1]["error_code"] == 30003
    await world.fault("late_receipts", count=1, seconds=1)
    await world.send(StatusCallback=world.callback)
    await asyncio.sleep(0.8)
    assert [form["MessageStatus"] for form in world.door.receipts[4:]] == ["sent"]
    await until(lambda: len(world.door.receipts) == 6)


@pytest.mark.parametrize("body", [{"mode": "fire"}, {"mode": "500", "count": 0}, {"mode": "timeout", "seconds": -1}, ["500"]])
async def test_faults_that_do_not_exist_are_refused(world: PhoneWorld, body: Any) -> None:
    async with world.phone.post("/phone/faults", json=body) as reply:
        assert reply.status == 400 and (await reply.json())["error"]


async def test_bad_filters_are_refused(world: PhoneWorld) -> None:
    for query in ({"PageSize": "x"}, {"DateSent>": "yesterday"}, {"Page": "-1"}):
        status, body = await world.fetch(f"{MESSAGES}.json", **query)
        assert (status, body["code"]) == (400, 20001)
