"""What Rasa would read as a command is words when a citizen types it."""

from __future__ import annotations

import pytest
from clients import ConsoleApi, Phone, WebChat
from test_web_report import POTHOLE, SIZES

PICK = '/inform{"choice":"service:FLYTIP"}'
ANSWER = '/inform{"choice":"detail-size:larger"}'


@pytest.mark.parametrize("words", [PICK, ANSWER, f"  {PICK}", f"//{ANSWER}", "/report_danger{}", "/EXTERNAL: x"])
async def test_a_payload_typed_in_the_chat_chooses_nothing(chat: WebChat, console: ConsoleApi, words: str) -> None:
    await chat.say(POTHOLE)
    said = await chat.say(words)
    assert said.messages[-1]["text"] == "How big is it?" and said.choices == SIZES, said.text
    line = [line for line in (await console.conversation(chat.conversation))["messages"] if line["author"] == "citizen"][-1]
    assert line["text"] == words.strip() and not line["picked"] and "choice" not in {one["entity"] for one in line["entities"]}
    assert line["confidence"] < 1 and line["intent"] not in {"report_danger", "session_start"}


async def test_restart_typed_in_the_chat_is_a_word(chat: WebChat, console: ConsoleApi) -> None:
    await chat.say(POTHOLE)
    said = await chat.say("/restart")
    assert said.text, "a citizen who types something gets an answer"
    history = await chat.history()
    assert [line["text"] for line in history if line["author"] == "citizen"] == [POTHOLE, "/restart"]
    assert (await console.conversation(chat.conversation))["messages"][0]["text"] == history[0]["text"]


async def test_a_payload_sent_by_text_message_chooses_nothing(phone: Phone, console: ConsoleApi) -> None:
    await phone.say(POTHOLE, "How big is it?")
    assert "How big is it?" in await phone.say(PICK, "How big is it?")
    assert "How big is it?" in await phone.say(ANSWER, "How big is it?")
    await phone.say("/restart", "")
    whole = await console.of(phone)
    assert [line["text"] for line in whole["messages"] if line["author"] == "citizen"][1:3] == [PICK, ANSWER]
    assert not any(line["picked"] for line in whole["messages"])
