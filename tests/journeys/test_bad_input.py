"""What must be refused, and how: each refusal names its reason, and the conversation goes on afterwards."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from clients import ConsoleApi, Phone, WebChat
from stack import Stack
from test_web_report import POTHOLE, SIZES


@pytest.mark.parametrize("signature", ["", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", "nonsense", "é"])
async def test_a_webhook_that_twilio_did_not_sign_is_refused(stack: Stack, phone: Phone, console: ConsoleApi, signature: str) -> None:
    words = f"forged {uuid.uuid4().hex}"
    assert await stack.twilio.deliver(phone.number, words, signature=signature) == 403
    assert await console.conversations(text=words) == []
    form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "delivered"}
    assert await stack.twilio.webhook("/sms/status", form, signature=signature) == 403


async def test_a_signature_is_good_for_its_own_words_only(stack: Stack, phone: Phone) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "From": phone.number, "To": "+441632960100", "Body": "one thing"}
    signed = stack.twilio.signature("/sms/inbound", form)
    assert await stack.twilio.webhook("/sms/inbound", {**form, "Body": "another thing"}, signature=signed) == 403
    assert await stack.twilio.webhook("/sms/status", form, signature=signed) == 403


async def test_a_signed_webhook_without_its_parts_is_refused(stack: Stack) -> None:
    assert await stack.twilio.webhook("/sms/inbound", {"Body": "hello"}) == 400
    assert await stack.twilio.webhook("/sms/status", {"MessageSid": "SM1"}) == 400
    assert await stack.twilio.webhook("/sms/status", {"MessageSid": "SM" + "9" * 32, "MessageStatus": "delivered"}) == 200


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"text": "x" * 2001}, 413, "at most 2000"),
        ({"text": "x" * 100_000}, 413, "at most 2000"),
        ({"text": ""}, 422, "empty"),
        ({"text": " \n\t "}, 422, "empty"),
        ({"text": None}, 422, "text or a choice"),
        ({"text": 5}, 422, "text or a choice"),
        ({"text": ["hello"]}, 422, "text or a choice"),
        ({}, 422, "text or a choice"),
        ({"choice": "unheard-of"}, 422, "not offered"),
        ({"choice": {"a": 1}}, 422, "not offered"),
        ({"choice": ""}, 422, "not offered"),
        ({"text": "hello", "client_id": "seven"}, 422, "client_id"),
        ({"text": "hello", "client_id": 7}, 422, "client_id"),
        ({"text": "hello", "client_id": ""}, 422, "client_id"),
    ],
)
async def test_a_message_that_cannot_be_taken_is_refused(chat: WebChat, body: dict[str, Any], status: int, says: str) -> None:
    got, answer = await chat.call("POST", "messages", json=body)
    assert (got, list(answer)) == (status, ["error"]) and says in answer["error"]
    assert len(await chat.history()) == 1, "nothing but the greeting"


@pytest.mark.parametrize("body", [b"", b"{", b"hello", b"[]", b'"text"', b"null", b'{"text": "\xff"}', b'{"text": "\\ud83d"}'])
async def test_what_is_not_a_json_object_is_refused(chat: WebChat, body: bytes) -> None:
    status, answer = await chat.call("POST", "messages", data=body, headers={"Content-Type": "application/json"})
    assert status == 400 and "JSON" in answer["error"]


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "../../etc"])
async def test_without_a_known_token_there_is_no_chat(chat: WebChat, token: str) -> None:
    chat.token = token
    for method, path in (("POST", "messages"), ("GET", "messages"), ("GET", "events")):
        status, answer = await chat.call(method, path, **({"json": {"text": "hello"}} if method == "POST" else {}))
        assert status == 401 and "chat" in answer["error"], (method, path)


async def test_an_after_that_is_no_number_is_refused(chat: WebChat) -> None:
    for after in ("last", "-1", "1.5", "9" * 30, "²"):
        for path in ("messages", "events"):
            status, answer = await chat.call("GET", path, params={"after": after})
            assert status == 400 and "after" in answer["error"], (path, after)
    status, answer = await chat.call("GET", "events", headers={"Last-Event-ID": "x"})
    assert status == 400


async def test_a_wait_that_is_no_number_is_refused_and_a_long_one_is_cut(chat: WebChat) -> None:
    for wait in ("long", "nan", ""):
        status, answer = await chat.call("POST", "messages", params={"wait": wait}, json={"text": "hello"})
        assert status == 400 and "wait" in answer["error"], wait
    assert [line["author"] for line in await chat.history()] == ["bot"]
    status, answer = await chat.call("POST", "messages", params={"wait": "9999"}, json={"text": "hello"})
    assert status == 200 and answer["messages"]


async def test_the_same_client_id_is_one_message_however_often_it_comes(chat: WebChat, console: ConsoleApi) -> None:
    mine = str(uuid.uuid4())
    together = await asyncio.gather(*(chat.post(text=POTHOLE, client_id=mine, wait=20) for _ in range(5)))
    assert {status for status, _ in together} == {200} and len({body["id"] for _, body in together}) == 1
    assert all([line["text"] for line in body["messages"]] == ["How big is it?"] for _, body in together)
    again = await chat.post(text="something else", client_id=mine.upper(), wait=20)
    assert again == together[0]
    assert [line["author"] for line in await chat.history()] == ["bot", "citizen", "bot"]


async def test_the_same_client_id_in_two_chats_is_two_messages(stack: Stack, chat: WebChat) -> None:
    other, mine = await WebChat(stack).start(), str(uuid.uuid4())
    (_, one), (_, two) = [await each.post(text=POTHOLE, client_id=mine, wait=20) for each in (chat, other)]
    assert one["id"] != two["id"] and one["messages"] and two["messages"]


async def test_another_chat_s_choice_is_not_mine(stack: Stack, chat: WebChat) -> None:
    other = await WebChat(stack).start()
    await other.say(POTHOLE)
    status, answer = await chat.post(choice=other.offered[SIZES[0]])
    assert status == 422 and "not offered" in answer["error"]


async def test_another_site_cannot_send_with_my_cookie(stack: Stack, chat: WebChat) -> None:
    cookie = {"Cookie": f"hearback_chat={chat.token}"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
        for path, body in (("/api/chat/messages", {"json": {"text": "hello"}}), ("/chat", {"data": {"text": "hello"}})):
            async with stack.http.post(stack.url + path, headers={**cookie, **headers}, **body) as answer:
                assert answer.status == 403, (path, headers)
    assert len(await chat.history()) == 1


async def test_2000_characters_are_taken(chat: WebChat) -> None:
    assert (await chat.say(("there's a pothole outside 12 Mill Lane. " * 60)[:2000])).messages


@pytest.mark.parametrize(
    "words", ["?", "…", "🕳️🕳️🕳️", "\u202eenal lliM", "é" * 500, "{place} {0} {question}", "%s %d $x", "<b>x</b>", "\\", "'; --"]
)
async def test_strange_words_get_an_answer_like_any_others(chat: WebChat, words: str) -> None:
    assert (await chat.say(words)).text
    await chat.say("cancel")
    asked = await chat.say(POTHOLE)
    assert asked.choices == SIZES
    assert (await chat.say(words)).messages


async def test_words_in_braces_are_shown_as_they_were_written(chat: WebChat) -> None:
    assert "Where is it?" in await chat.say("the street light is broken")
    await chat.say("{council} gate at 12 Mill Lane")
    for words in ("it flickers", "skip", "no"):
        await chat.say(words)
    assert "{council} gate at 12 Mill Lane" in await chat.say("no")


async def test_a_console_without_a_token_tells_nothing(stack: Stack) -> None:
    for path in ("conversations", "requests", "conversations/abc"):
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YWRtaW46"}):
            async with stack.http.get(f"{stack.console_url}/api/{path}", headers=headers) as answer:
                assert answer.status == 401, (path, headers)


async def test_rasa_and_the_actions_are_not_open_to_others(stack: Stack) -> None:
    """Rasa answers on loopback only, its HTTP API is off, and our channel asks for its token."""
    rasa = stack.address("HEARBACK_RASA_PORT")
    turn = {"conversation": "x", "message": "hearback-1", "channel": "web", "text": "hello"}
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        async with stack.http.post(f"{rasa}/webhooks/hearback/turn", json=turn, headers=headers) as answer:
            assert answer.status == 401
    for path in ("/webhooks/rest/webhook", "/conversations/x/tracker", "/model", "/domain"):
        async with stack.http.get(rasa + path) as answer:
            assert answer.status == 404, path
