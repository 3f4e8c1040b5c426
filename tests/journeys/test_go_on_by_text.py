"""A report begun in the web chat goes on by text message, once the number is proved with a code."""

from __future__ import annotations

import re

from clients import Phone, Sandbox, WebChat, reference_in
from stack import until
from test_web_report import POTHOLE


async def code_for(chat: WebChat, phone: Phone) -> str:
    status, body = await chat.call("POST", "phone", json={"phone": "0" + phone.number[3:]})
    assert (status, body) == (202, {"ending": phone.number[-3:], "minutes": 10})
    found = re.search(r"\b\d{6}\b", await phone.reads("code"))
    assert found
    return found[0]


async def test_a_report_begun_on_the_web_is_finished_by_text(chat: WebChat, phone: Phone, sandbox: Sandbox) -> None:
    await chat.say(POTHOLE)
    code = await code_for(chat, phone)
    assert await chat.call("POST", "phone/code", json={"code": code}) == (200, {"ending": phone.number[-3:]})
    assert "3 Larger than a dinner plate" in await phone.reads("How big is it?")
    await phone.say("3", "Where in the road")
    await phone.say("two", "photo")
    await phone.say("1", "text you updates")
    await phone.say("No updates", "Send it?")
    reference = reference_in(await phone.say("1", "Your reference is"))
    assert (await sandbox.request(reference))["service_code"] == "POTHOLE"
    assert reference in (await chat.heard(reference))["text"], "the chat shows what was texted"


async def test_who_goes_on_typing_on_the_web_is_answered_there(chat: WebChat, phone: Phone) -> None:
    await chat.say(POTHOLE)
    code = await code_for(chat, phone)
    await chat.call("POST", "phone/code", json={"code": code})
    await phone.reads("How big is it?")
    assert "Where in the road" in await chat.say("Larger than a dinner plate")
    assert not [text for text in phone.texts[phone.read :] if "Where in the road" in text.body]


async def test_the_code_stands_nowhere_in_the_chat_that_asked_for_it(chat: WebChat, phone: Phone) -> None:
    code = await code_for(chat, phone)
    assert code not in str(await chat.history())
    await chat.call("POST", "phone/code", json={"code": code})
    ((left,),) = chat.stack.rows("SELECT count(*) FROM messages WHERE text LIKE ?", f"%{code}%")
    assert left == 0, "once it is used it stands nowhere in the log either"


async def test_a_wrong_code_opens_nothing_and_five_are_enough(chat: WebChat, phone: Phone) -> None:
    code = await code_for(chat, phone)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        status, body = await chat.call("POST", "phone/code", json={"code": wrong})
        assert status == 422 and "ask for a new code" in body["error"]
    assert (await chat.call("POST", "phone/code", json={"code": code}))[0] == 422


async def test_a_code_of_another_chat_does_not_count(chat: WebChat, phone: Phone) -> None:
    code = await code_for(chat, phone)
    other = await WebChat(chat.stack).start()
    assert (await other.call("POST", "phone/code", json={"code": code}))[0] == 422


async def test_a_stopped_number_gets_no_code(chat: WebChat, phone: Phone) -> None:
    await phone.say("hello", "")
    await phone.text("STOP")
    status, body = await chat.call("POST", "phone", json={"phone": phone.number})
    assert status == 429 and "START" in body["error"]
    await until(lambda: not [text for text in phone.texts if "code" in text.body], 2, "no code to be texted")


async def test_only_a_mobile_can_get_a_code_and_only_so_many(chat: WebChat, phone: Phone) -> None:
    for wrong in ("01632 960100", "hello", "", None, "+1 202 555 0100"):
        status, body = await chat.call("POST", "phone", json={"phone": wrong})
        assert status == 422 and "mobile" in body["error"]
    for _ in range(3):
        await code_for(chat, phone)
    status, body = await chat.call("POST", "phone", json={"phone": phone.number})
    assert status == 429 and "hour" in body["error"]
