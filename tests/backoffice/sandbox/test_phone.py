"""The phone in the browser, and what it tells the council."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from phone_world import CITIZEN, COUNCIL, PhoneWorld, until

from backoffice.sandbox.opt_out import opt_out_type
from backoffice.sandbox.phone import e164
from backoffice.sandbox.phone_store import PhoneStore
from backoffice.sandbox.segments import segments
from hearback.clock import Clock


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[PhoneWorld]:
    async with PhoneWorld(tmp_path, patience=0.3) as opened:
        yield opened


async def test_a_text_reaches_the_council_as_twilio_sends_it(world: PhoneWorld) -> None:
    status, body = await world.text("There's a pothole – Mill Lane\n& it's deep")
    assert (status, body["status"]) == (201, "received")
    [form] = world.door.inbound
    assert form["MessageSid"] == form["SmsSid"] == form["SmsMessageSid"] == body["sid"]
    assert len(body["sid"]) == 34 and body["sid"].startswith("SM")
    assert form["Body"] == "There's a pothole – Mill Lane\n& it's deep"
    assert (form["From"], form["To"], form["NumMedia"], form["NumSegments"]) == (CITIZEN, COUNCIL, "0", "1")
    assert "MessagingServiceSid" not in form and "OptOutType" not in form


async def test_a_webhook_that_fails_is_tried_three_times_as_the_same_message(world: PhoneWorld) -> None:
    world.door.answers = [503, 0]
    _, body = await world.text("hello")
    assert body["status"] == "received"
    assert [form["MessageSid"] for form in world.door.inbound] == [body["sid"]] * 3
    assert len(set(world.door.tokens)) == 1


async def test_a_council_that_never_takes_a_text_is_shown(world: PhoneWorld) -> None:
    world.door.answers = [403, 403, 403]
    assert (await world.text("hello"))[1]["status"] == "failed"
    assert len(world.door.inbound) == 3


async def test_the_form_sends_and_leads_back_to_the_phone(world: PhoneWorld) -> None:
    form = {"number": "07700 900555", "text": "one\r\ntwo"}
    async with world.phone.post("/phone/messages", data=form, allow_redirects=False) as reply:
        assert (reply.status, reply.headers["Location"]) == (303, "/phone?number=%2B447700900555")
    assert world.door.inbound[0]["Body"] == "one\ntwo"
    async with world.phone.get("/phone?number=%2B447700900555") as reply:
        page = await reply.text()
    assert "one\ntwo" in page and "Taken by the council" in page


async def test_what_cannot_be_sent_is_explained_and_kept_in_the_form(world: PhoneWorld) -> None:
    async with world.phone.post("/phone/messages", data={"number": "020 7946 0000", "text": "<b>hi"}) as reply:
        page = await reply.text()
        assert reply.status == 400
    assert "Enter a mobile number from 07700 900001" in page and "&lt;b&gt;hi" in page and 'value="020 7946 0000"' in page
    assert (await world.text(" "))[0] == (await world.text("x" * 1601))[0] == (await world.text("hi", COUNCIL))[0] == 400
    async with world.phone.post("/phone/messages", data=b"[1]", headers={"Content-Type": "application/json"}) as reply:
        assert reply.status == 400
    assert world.door.inbound == []


async def test_another_site_cannot_text_through_the_visitors_browser(world: PhoneWorld) -> None:
    form, headers = {"number": CITIZEN, "text": "hi"}, {"Sec-Fetch-Site": "cross-site"}
    async with world.phone.post("/phone/messages", data=form, headers=headers) as reply:
        assert reply.status == 403


async def test_the_page_runs_no_inline_code_and_asks_no_third_party(world: PhoneWorld) -> None:
    async with world.phone.get("/phone") as reply:
        page, policy = await reply.text(), reply.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    assert "http" not in page and "style=" not in page and "onclick" not in page
    for name in ("phone.js", "phone.css"):
        async with world.phone.get(f"/phone/{name}") as reply:
            assert reply.status == 200 and "http" not in await reply.text()
    async with world.phone.get("/phone/phone.py") as reply:
        assert reply.status == 404


async def test_stop_is_kept_and_start_opens_again(world: PhoneWorld) -> None:
    await world.text("Stop ")
    assert world.door.inbound[-1]["OptOutType"] == "STOP"
    assert (await world.thread())[-1]["text"].startswith("You have successfully been unsubscribed")
    status, body = await world.send()
    assert (status, body["code"]) == (400, 21610)
    await world.text("stop")
    assert len(await world.thread()) == 3
    await world.text("yes")
    assert world.door.inbound[-1]["OptOutType"] == "START"
    assert (await world.send())[0] == 201


async def test_yes_is_an_ordinary_answer_and_help_is_answered(world: PhoneWorld) -> None:
    await world.text("YES")
    assert "OptOutType" not in world.door.inbound[-1] and len(await world.thread()) == 1
    await world.text("help")
    assert world.door.inbound[-1]["OptOutType"] == "HELP" and len(await world.thread()) == 3
    assert opt_out_type("please stop", stopped=False) is None


async def test_texts_and_opt_outs_outlive_a_restart(world: PhoneWorld) -> None:
    await world.text("hello")
    await world.text("STOP")
    before = await world.thread()
    await world.phone.close()
    await world.open()
    assert await world.thread() == before
    assert (await world.send())[1]["code"] == 21610


async def test_a_text_that_a_process_left_behind_is_sent_by_the_next(world: PhoneWorld) -> None:
    store = PhoneStore(world.home / "sandbox", Clock())
    message = store.add(direction="inbound", sender=CITIZEN, recipient=COUNCIL, body="hello", status="receiving")
    store.add_webhook(message.sid, "received", world.inbound)
    await world.thread()
    await until(lambda: [form["MessageSid"] for form in world.door.inbound] == [message.sid])
    await until(lambda: store.message(message.sid) != message)
    assert [item["status"] for item in await world.thread()] == ["received"] and store.webhooks() == []


async def test_only_the_newest_messages_are_kept(tmp_path: Path) -> None:
    store = PhoneStore(tmp_path, Clock(), most=3)
    for number in range(5):
        store.add(direction="inbound", sender=CITIZEN, recipient=COUNCIL, body=str(number), status="received")
    assert [message.body for message in store.thread(CITIZEN, 10)] == ["2", "3", "4"]


async def test_phones_see_their_own_texts_oldest_first(world: PhoneWorld) -> None:
    await world.text("first")
    await world.send(Body="second")
    await world.text("elsewhere", "07700900777")
    texts = await world.thread()
    assert [(item["direction"], item["text"]) for item in texts] == [("inbound", "first"), ("outbound", "second")]
    assert set(texts[0]) == {"direction", "text", "at", "status", "sid"} and texts[0]["at"].endswith("Z")
    await until(lambda: len(world.door.inbound) == 2)


@pytest.mark.parametrize("written", ["07700900123", "07700 900 123", "+44 7700 900123", "+44 (0)7700 900123", "00447700900123"])
def test_numbers_may_be_written_as_people_do(written: str) -> None:
    assert e164(written) == CITIZEN


@pytest.mark.parametrize("written", ["", "07700900000", "07911123456", "077009001234", "+447700900123x"])
def test_only_drama_numbers_can_text(written: str) -> None:
    assert e164(written) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 153, 3),
        ("’" + "a" * 69, 1),
        ("’" + "a" * 70, 2),
        ("ŵ" * 134, 2),
        ("ŵ" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),
    ],
)
def test_segments_are_counted_as_networks_do(text: str, count: int) -> None:
    assert segments(text) == count
