"""A web chat from its first minute to its end: reloads, other windows, ending, rating, keeping a copy, deleting."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from camera import photo
from clients import ConsoleApi, Sandbox, WebChat, reference_in
from stack import Stack, until
from test_web_report import POTHOLE, to_the_check


def kept(stack: Stack, words: str) -> list[str]:
    """The files of the log and of the assistant's memory in which these words stand."""
    names = {"hearback.db", "hearback.db-wal", "rasa.db", "rasa.db-wal"}
    return [name for name, content in stack.files().items() if name in names and words.encode() in content]


async def heard(chat: WebChat, until: str, count: int) -> list[tuple[str, dict[str, Any]]]:
    """(kind, data) of the live line, until so many events of a kind have come."""
    got: list[tuple[str, dict[str, Any]]] = []
    line = chat.live()
    async with asyncio.timeout(20):
        async for kind, _, told in line:
            got.append((kind, told))
            if sum(one == until for one, _ in got) == count:
                break
    await line.aclose()
    return got


async def test_the_live_line_says_how_the_chat_stands_and_who_is_typing(chat: WebChat) -> None:
    listening = asyncio.create_task(heard(chat, "typing", 2))
    await asyncio.sleep(0.3)
    await chat.say("hello")
    got = await listening
    assert got[0] == ("state", {"conversation": chat.conversation, "state": "open", "language": "en", "rated": False})
    assert [told["typing"] for kind, told in got if kind == "typing"] == [True, False]
    kinds = [kind for kind, _ in got]
    assert kinds.index("typing") < len(kinds) - 1 - kinds[::-1].index("message") < len(kinds) - 1, "the answer comes before typing ends"


async def test_a_chat_that_ended_can_be_read_and_takes_nothing_more(stack: Stack, chat: WebChat) -> None:
    await chat.say("hello")
    listening = asyncio.create_task(heard(chat, "state", 2))
    await asyncio.sleep(0.3)
    assert await chat.call("POST", "end") == (200, {"state": "ended"})
    assert [told["state"] for kind, told in await listening if kind == "state"] == ["open", "ended"]
    for body in ({"text": "one more thing"}, {"choice": "person"}):
        status, refused = await chat.post(**body)
        assert status == 409 and "Start a new chat" in refused["error"]
    assert (await chat.call("POST", "photos", data=photo(), headers={"Content-Type": "image/jpeg"}))[0] == 409
    assert len(await chat.history()) == 3
    assert (await (await WebChat(stack).start()).say("hello")).messages


async def test_a_chat_is_rated_once_and_the_last_word_counts(chat: WebChat) -> None:
    assert (await chat.call("POST", "rating", json={"score": 2, "words": "slow"}))[0] == 204
    assert (await chat.call("POST", "end"))[0] == 200
    assert (await chat.call("POST", "rating", json={"score": 5}))[0] == 204
    _, state = await chat.call("GET", "session")
    assert (state["rated"], state["state"]) == (True, "ended")
    for score in (0, 6, "5", True, None, 2.5):
        assert (await chat.call("POST", "rating", json={"score": score}))[0] == 422


async def test_a_person_can_be_asked_for_at_any_time(chat: WebChat) -> None:
    await chat.say(POTHOLE)
    answer = await chat.send(choice="person")
    assert "team" in answer.text or "person" in answer.text
    assert (await chat.history())[3]["text"] == "Talk to a person"


async def test_the_greetings_choices_can_be_taken_by_their_place(chat: WebChat) -> None:
    answer = await chat.send(choice="start-0")
    assert answer.text and (await chat.history())[1]["text"] == "Report a problem"


async def test_the_citizen_can_keep_a_copy(stack: Stack, chat: WebChat) -> None:
    await chat.say(POTHOLE)
    async with stack.http.get(f"{stack.url}/api/chat/transcript", headers=chat.headers) as answer:
        assert (answer.status, answer.content_type, answer.charset) == (200, "text/plain", "utf-8")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        text = await answer.text()
    assert f"You: {POTHOLE}" in text and "Automated assistant: How big is it?" in text and "- Larger than a dinner plate" in text
    assert "Your chat with Ashdown Borough Council" in text


async def test_a_deleted_chat_leaves_no_word_behind(stack: Stack, chat: WebChat, sandbox: Sandbox, console: ConsoleApi) -> None:
    canary = f"zyzzyva{secrets.token_hex(8)}"
    for n in range(6):
        await chat.say(f"{canary} {n} is what I call it")
    added = await chat.add_photo(photo())
    await to_the_check(chat, f"there's a massive pothole outside 12 Mill Lane, {canary}")
    reference = reference_in((await chat.choose("Send it")).text)
    await chat.send(photos=[added["id"]], text=canary)
    unsent = await chat.add_photo(photo())
    await chat.call("POST", "rating", json={"score": 1, "words": f"{canary} was no help"})
    await chat.post(text=f"and another {canary}")  # the assistant has it in hand while the chat is deleted
    listening = asyncio.create_task(heard(chat, "state", 2))
    await asyncio.sleep(0.05)

    assert (await chat.call("DELETE", "session"))[0] == 204
    assert (await listening)[-1][1]["state"] == "erased"
    assert (await chat.call("GET", "messages"))[0] == 401
    await until(lambda: not kept(stack, canary), 30, "its words to be in no file")
    assert not [path for one in (added, unsent) for path in (stack.home / "photos").rglob(f"{one['id']}*")]
    whole = await console.conversation(chat.conversation)
    assert whole["state"] == "erased" and not any(line["text"] for line in whole["messages"])
    assert (await sandbox.request(reference))["status"] == "open", "the council's record stays"


async def test_a_chat_is_deleted_to_the_end_when_the_assistant_is_back(stack: Stack, chat: WebChat, console: ConsoleApi) -> None:
    canary = f"zyzzyva{secrets.token_hex(8)}"
    await chat.say(canary)
    await stack.kill("-m rasa")
    assert (await chat.call("DELETE", "session"))[0] == 204

    async def erased() -> bool:
        return bool((await console.conversation(chat.conversation))["state"] == "erased")

    await until(erased, 150, "the chat to be erased")
    await until(lambda: not kept(stack, canary), 30, "its words to be in no file")
