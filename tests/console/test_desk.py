"""The inbox and the desk, by forms as a browser sends them, beside the citizens' doors that hear the bell."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from engagement.values import InboundMessage, OptOut


@pytest.fixture
async def waiting(console: Any) -> str:
    """A citizen who waits for a person, and two colleagues."""
    await console.add("sam", "agent")
    await console.add("kim", "agent")
    console.rows("update staff set display_name = 'Sam' where username = 'sam'")
    conversation = await console.web_chat("I want to talk to a person", intent="talk_to_person")
    await console.log.handovers.open(conversation, key="t", reason="talk_to_person")
    return str(conversation)


async def writes(console: Any, conversation: str, text: str, number: int) -> int:
    """A citizen writes while a colleague has the conversation."""
    named = f"{conversation}:{number:032}"
    got = await console.log.receive(InboundMessage(channel="web", provider_id=named, text=text, conversation_id=conversation))
    await console.log.leave_to_staff(got.id)
    return int(got.id)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


async def reply(browser: Any, conversation: str, text: str, *, photo: bytes | None = None, form: str = "") -> Any:
    """Fill in the reply box of the page as it is now."""
    page = (await browser.get(f"/conversations/{conversation}")).text
    data = aiohttp.FormData()
    for name in ("csrf", "form", "seen"):
        data.add_field(name, form if name == "form" and form else hidden(page, name))
    data.add_field("text", text)
    data.add_field(
        "photo", photo or b"", filename="hole.png" if photo else "", content_type="image/png" if photo else "application/octet-stream"
    )
    return await browser.send("POST", f"/conversations/{conversation}/reply", data=data)


async def test_the_inbox_shows_who_waits_and_the_first_to_take_over_has_them(console: Any, waiting: str) -> None:
    sam, kim = await console.signed_in("sam"), await console.signed_in("kim")
    page = (await sam.get("/inbox")).text
    assert "asked to talk to a person" in page and "Customer Services" in page and "Take over" in page and "There now: Sam" in page
    assert console.audited("read_inbox") == [(2, None)]
    won = await sam.post(f"/conversations/{waiting}/claim", page="/inbox")
    assert won.location == f"/conversations/{waiting}#desk"
    lost = await kim.post(f"/conversations/{waiting}/claim", page="/inbox")
    assert lost.location == f"/conversations/{waiting}?taken=1#desk"
    told = (await kim.get(f"/conversations/{waiting}?taken=1")).text
    assert "Sam was faster." in told and "Your reply" not in told
    lines = await console.log.messages(waiting)
    assert lines[-1].text == "You are now talking to Sam of Customer Services, Ashdown Borough Council. They can read what you wrote."
    listed = (await kim.get("/inbox", headers={})).text
    assert "Nobody is waiting." in listed and "With <strong>Sam</strong>" in listed
    data = await console.browser().get("/inbox.json", headers=await console.token("kim"))
    assert '"name": "Sam"' in data.text and '"waiting": []' in data.text


async def test_a_reply_carries_the_name_and_the_same_form_twice_is_one_message(console: Any, waiting: str) -> None:
    sam = await console.signed_in("sam")
    await sam.post(f"/conversations/{waiting}/claim", page="/inbox")
    asked = await writes(console, waiting, "are you there?", 1)
    sent = await reply(sam, waiting, "Yes, I am.\r\nHow can I help?", form="a" * 32)
    assert sent.location == f"/conversations/{waiting}?sent={'a' * 32}#desk"
    await reply(sam, waiting, "Yes, I am.", form="a" * 32)
    said = [line for line in await console.log.messages(waiting) if line.author == "staff"]
    assert [(line.text, line.public()["by"], line.reply_to) for line in said] == [("Yes, I am.\nHow can I help?", "Sam", asked)]
    assert "Sam</strong>" in (await sam.get(f"/conversations/{waiting}")).text


async def test_what_cannot_be_sent_is_said_and_the_draft_stays(console: Any, waiting: str) -> None:
    sam, kim = await console.signed_in("sam"), await console.signed_in("kim")
    await sam.post(f"/conversations/{waiting}/claim", page="/inbox")
    empty = await reply(sam, waiting, "  ")
    assert empty.status == 400 and "Write a reply or choose a photo" in empty.text
    no_picture = await reply(sam, waiting, "look", photo=b"this is no picture")
    assert no_picture.status == 400 and "Choose a photo that we can open" in no_picture.text and ">look</textarea>" in no_picture.text
    page = (await sam.get(f"/conversations/{waiting}")).text
    console.move(minutes=11)
    await kim.post(f"/conversations/{waiting}/claim", page="/inbox")
    fields = {name: hidden(page, name) for name in ("csrf", "form", "seen")}
    late = await sam.send("POST", f"/conversations/{waiting}/reply", data={**fields, "text": "I was away"})
    assert late.status == 409 and "kim has this conversation now" in late.text
    assert [line for line in await console.log.messages(waiting) if line.author == "staff"] == []


async def test_a_photo_goes_to_the_chat_without_what_the_camera_wrote(console: Any, waiting: str) -> None:
    sam, file = await console.signed_in("sam"), io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    await sam.post(f"/conversations/{waiting}/claim", page="/inbox")
    assert (await reply(sam, waiting, "", photo=file.getvalue())).status == 303
    line = (await console.log.messages(waiting))[-1]
    assert line.public()["photos"][0]["width"] == 40 and line.text == "(photo shared)"
    photo = await console.log.photos.get(line.media[0]["photo"])
    assert photo.message_id == line.id


async def test_a_text_begins_with_the_name_and_is_six_parts_at_most(console: Any, waiting: str) -> None:
    sam = await console.signed_in("sam")
    texted, _ = await console.text_message("hello")
    await sam.post(f"/conversations/{texted}/claim", page="/inbox")
    assert "It is sent as: Sam, Ashdown Borough Council: " in (await sam.get(f"/conversations/{texted}")).text
    long = await reply(sam, texted, "x" * 900)
    assert long.status == 400 and "Shorten the reply" in long.text
    await reply(sam, texted, "Don’t worry")
    outgoing = [one for one in await console.log.outbox.claim() if one.author == "staff"]
    assert outgoing == [] and (await console.log.messages(texted))[-1].text == "Sam, Ashdown Borough Council: Don't worry"
    stop = OptOut(kind="STOP")
    await console.log.receive(
        InboundMessage(channel="sms", provider_id="SM9", text="STOP", sender="+447700900123", received_by="+441632960000", opt_out=stop)
    )
    stopped = await reply(sam, texted, "Are you there?")
    assert stopped.status == 400 and "asked us to stop texting" in stopped.text


async def test_replies_from_the_list_are_filled_in_and_one_that_lacks_a_reference_is_not_offered(console: Any, waiting: str) -> None:
    sam = await console.signed_in("sam")
    await sam.post(f"/conversations/{waiting}/claim", page="/inbox")
    page = (await sam.get(f"/conversations/{waiting}?reply=hello")).text
    assert "Hello, my name is Sam." in page.split('id="reply-text"')[1].split("</textarea>")[0]
    assert "With the team under its reference" not in page


async def test_passing_on_handing_back_and_closing(console: Any, waiting: str) -> None:
    sam, kim = await console.signed_in("sam"), await console.signed_in("kim")
    at = f"/conversations/{waiting}"
    await sam.post(f"{at}/claim", page="/inbox")
    assert (await sam.post(f"{at}/pass-on", page=at, team="waste", why="")).status == 400
    await sam.post(f"{at}/pass-on", page=at, team="waste", why="It is about bins")
    listed = (await kim.get("/inbox?team=waste")).text
    assert "Passed on by Sam" in listed and "It is about bins" in listed
    assert "Nobody is waiting." in (await kim.get("/inbox?team=housing")).text
    await kim.post(f"{at}/claim", page="/inbox")
    await writes(console, waiting, "what about my bin day?", 1)
    assert (await kim.post(f"{at}/hand-back", page=at)).location == f"{at}?done=handed_back#desk"
    assert await console.log.unanswered() == [waiting]
    await kim.post(f"{at}/claim", page=at)
    console.move(minutes=6)
    assert (await kim.post(f"{at}/close", page=at, result="nothing")).status == 400
    assert (await kim.post(f"{at}/close", page=at, result="solved", note="told them")).location == f"{at}?done=closed#desk"
    page = (await kim.get(at)).text
    assert "Who had it before" in page and "closed, solved" in page and "told them" in page
    claim = (await console.log.desk.of_conversation(waiting))[0]
    assert claim.minutes == 6.0
    await kim.post(f"/claims/{claim.id}/minutes", page=at, minutes="2,5")
    assert (await console.log.desk.of_conversation(waiting))[0].minutes == 2.5
    for action in ("took_over", "passed_on", "handed_back", "closed_conversation", "corrected_minutes"):
        assert console.audited(action), action


async def test_a_complaint_says_by_when_it_was_promised_an_answer(console: Any, waiting: str) -> None:
    conversation = await console.web_chat("I want to complain", number=2, intent="make_complaint")
    promised = {"words": "rude", "acknowledge_by": "2026-11-26", "answer_by": "2026-12-07"}
    await console.log.handovers.open(conversation, key="c", reason="make_complaint", details=promised)
    page = (await (await console.signed_in("sam")).get("/inbox?team=complaints")).text
    assert "wants to complain" in page and "answer by <strong>Thursday 26 November</strong>" in page and "Complaints and Data" in page


async def test_whoever_is_away_is_not_there(console: Any, waiting: str) -> None:
    sam = await console.signed_in("sam")
    await sam.get("/inbox")
    assert await console.log.desk.there() == ["Sam"]
    await sam.post("/inbox/presence", page="/inbox", away="yes")
    assert "You are away." in (await sam.get("/inbox")).text and await console.log.desk.there() == []


async def line(browser: Any, path: str, headers: dict[str, str] | None = None) -> AsyncIterator[str]:
    async with browser.session.get(browser.url + path, headers=headers) as answer:
        assert answer.status == 200 and answer.content_type == "text/event-stream"
        fields: dict[str, str] = {}
        async for raw in answer.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                yield f"{fields.get('id', '')} {fields['event']} {fields['data']}"
                fields = {}


async def heard(events: AsyncIterator[str], words: str) -> str:
    async with asyncio.timeout(5):
        async for one in events:
            if words in one:
                return one
    raise AssertionError(words)


async def test_the_live_line_tells_what_changes_and_ends_with_the_session(console: Any, waiting: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("console.pages.inbox.CHECKED", 0.2)
    monkeypatch.setattr("console.pages.inbox.HEARTBEAT", 0.3)
    sam = await console.signed_in("sam")
    events = line(sam, f"/events/inbox?conversation={waiting}")
    first = await heard(events, 'inbox {"waiting": 1}')
    await heard(events, '"state": "waiting"')
    assert await console.log.desk.there() == ["Sam"]
    again = line(sam, "/events/inbox", {"Last-Event-ID": first.split()[0]})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await anext(again)
    await sam.post(f"/conversations/{waiting}/claim", page="/inbox")
    await heard(events, 'inbox {"waiting": 0}')
    number = await writes(console, waiting, "hello?", 1)
    await heard(events, f'conversation {{"latest": {number}')
    fragment = (await sam.get(f"/conversations/{waiting}/lines?after={number - 1}")).text
    assert "hello?" in fragment and "<html" not in fragment
    await sam.post("/sign-out", page="/inbox")
    await heard(events, "signed_out")


async def test_nobody_asks_the_log_while_nobody_listens(console: Any, waiting: str) -> None:
    sam = await console.signed_in("sam")
    events = line(sam, "/events/inbox")
    await heard(events, "inbox")
    await events.aclose()  # type: ignore[attr-defined]
    await asyncio.sleep(0.2)
    asked = console.log._database.asked["pulse"]
    await asyncio.sleep(1.5)
    assert console.log._database.asked["pulse"] <= asked + 1


async def test_an_analyst_sees_no_desk(console: Any, waiting: str, tmp_path: Path) -> None:
    await console.add("rea", "reviewer")
    rea = await console.signed_in("rea")
    page = (await rea.get(f"/conversations/{waiting}")).text
    assert "Take over" not in page and (await rea.get("/inbox")).status == 403
