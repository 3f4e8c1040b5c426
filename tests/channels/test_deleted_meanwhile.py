"""A call that was on its way while its chat was deleted or ended in another tab leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from camera import photo
from doors import Doors

from engagement.tables import messages, ratings

MESSAGES, RATING = "/api/chat/messages", "/api/chat/rating"


async def slowly(body: bytes, go_on: asyncio.Event) -> AsyncIterator[bytes]:
    """A body that stops in the middle, as on a train."""
    yield body[:5]
    await go_on.wait()
    yield body[5:]


async def meanwhile(doors: Doors, path: str, body: bytes, *, method: str, other: str) -> tuple[int, str]:
    """Begin a call, do something else with its chat, finish the call: its status, and the conversation."""
    token, go_on = await doors.begin(), asyncio.Event()
    conversation = (await doors.call("GET", "/api/chat/session", token=token)).body["conversation"]
    before = doors.database.asked["_look"]
    under_way = asyncio.create_task(doors.call("POST", path, token=token, data=slowly(body, go_on)))
    while doors.database.asked["_look"] == before:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert (await doors.call(method, other, token=token)).status < 300
    go_on.set()
    return (await under_way).status, conversation


async def test_a_message_to_a_chat_that_was_deleted_meanwhile_is_not_written_down(doors: Doors) -> None:
    status, conversation = await meanwhile(doors, MESSAGES, b'{"text": "my secret"}', method="DELETE", other="/api/chat/session")
    assert status == 409
    said = await doors.database.read(lambda connection: connection.execute(messages.select()).all())
    assert [one.text for one in said if one.conversation_id == conversation] == [""]


async def test_a_message_to_a_chat_that_was_ended_meanwhile_is_refused(doors: Doors) -> None:
    assert (await meanwhile(doors, MESSAGES, b'{"text": "one more"}', method="POST", other="/api/chat/end"))[0] == 409


async def test_words_to_a_rating_of_a_chat_that_was_deleted_meanwhile_are_not_kept(doors: Doors) -> None:
    body = b'{"score": 1, "words": "my secret"}'
    status, _ = await meanwhile(doors, RATING, body, method="DELETE", other="/api/chat/session")
    assert status == 401
    assert not await doors.database.read(lambda connection: connection.execute(ratings.select()).all())


@pytest.mark.parametrize("twice", [("DELETE", "/api/chat/session"), ("POST", "/api/chat/end")])
async def test_two_tabs_that_do_the_same_at_once_do_it_once(doors: Doors, twice: tuple[str, str]) -> None:
    token = await doors.begin()
    answers = await asyncio.gather(*(doors.call(*twice, token=token) for _ in range(2)))
    assert {answer.status for answer in answers} <= {200, 204, 401}
    (row,) = await doors.database.read(lambda connection: connection.exec_driver_sql("SELECT state FROM conversations").all())
    assert row.state in ("erasing", "ended")


async def test_a_photo_is_shown_to_nobody_from_the_deletion_on_though_the_assistant_is_away(doors: Doors) -> None:
    token = await doors.begin()
    added = await doors.call("POST", "/api/chat/photos", token=token, data=photo(), headers={"Content-Type": "image/jpeg"})
    await doors.call("POST", MESSAGES, token=token, json={"photos": [added.body["id"]]})
    address = f"/photos/{added.body['id']}.jpg"
    assert (await doors.call("GET", address)).status == 200
    assert (await doors.call("DELETE", "/api/chat/session", token=token)).status == 204
    assert await doors.log.erasures.begun(), "its memory could not be deleted yet"
    assert (await doors.call("GET", address)).status == 404


async def test_a_chat_under_a_legal_hold_is_kept_and_says_so(doors: Doors) -> None:
    token = await doors.begin()
    conversation = (await doors.call("GET", "/api/chat/session", token=token)).body["conversation"]
    await doors.log.staff.add("ada", "x", "admin")
    await doors.log.holds.place(f"conversation:{conversation}", "Claim 7", staff_id=1)
    kept = await doors.call("DELETE", "/api/chat/session", token=token)
    assert (kept.status, kept.body["state"]) == (202, "open")
    said = (await doors.call("GET", MESSAGES, token=token)).body["messages"]
    assert "cannot delete this conversation yet" in said[-1]["text"] and "01632" in said[-1]["text"]
    assert await doors.log.erasures.begun() == []
