"""A code proves a number to whoever reads its texts, and to nobody who only reads a chat."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, func, select

from engagement.chats import ChatOver
from engagement.codes import TooManyCodes
from engagement.database import Database
from engagement.log import EngagementLog
from engagement.tables import contacts, conversations, messages
from engagement.values import InboundMessage, Reply
from hearback.clock import Clock
from hearback.keys import load_keys

NUMBER = "+447700900123"


async def chat(log: EngagementLog) -> str:
    return (await log.chats.start(Reply(text="Hello")))[1].id


async def code(log: EngagementLog, conversation_id: str, number: str = NUMBER) -> str:
    """Ask for a code; the code."""
    told: list[str] = []

    def text(code: str) -> Reply:
        told.append(code)
        return Reply(text=f"Your code is {code}.", author="system")

    await log.codes.send(conversation_id, number, text)
    return told[0]


async def linked(log: EngagementLog) -> str:
    conversation_id = await chat(log)
    assert await log.codes.prove(conversation_id, await code(log, conversation_id)) == NUMBER[-3:]
    return conversation_id


async def said(log: EngagementLog, conversation_id: str) -> str:
    return " ".join(one.text for one in await log.messages(conversation_id))


async def count(database: Database, table: object, *where: object) -> int:
    def counted(connection: Connection) -> int:
        return int(connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())  # type: ignore[arg-type]

    return await database.read(counted)


async def test_a_chat_that_goes_on_by_text_already_does_not_show_the_next_code(log: EngagementLog) -> None:
    """Who finds it open on a shared computer could prove the number to a chat of their own."""
    old, new = await linked(log), await chat(log)
    await log.outbox.claim()
    for asking in (old, new):
        secret = await code(log, asking)
        assert secret not in await said(log, old) and secret not in await said(log, asking)
        assert [one.text for one in await log.outbox.claim()] == [f"Your code is {secret}."], "the phone gets it"


async def test_a_code_that_is_not_used_does_not_take_the_citizens_texts_elsewhere(log: EngagementLog, time: object) -> None:
    def text(sid: str) -> InboundMessage:
        return InboundMessage(channel="sms", provider_id=sid, text="hello", sender=NUMBER, received_by="+447700900000")

    before = (await log.receive(text("SM1"))).conversation_id
    time.move(minutes=1)  # type: ignore[attr-defined]
    await code(log, await chat(log))
    assert (await log.receive(text("SM2"))).conversation_id == before
    time.move(minutes=1)  # type: ignore[attr-defined]
    moved = await linked(log)
    assert (await log.receive(text("SM3"))).conversation_id == moved


@pytest.mark.parametrize("proved", [True, False])
async def test_a_deleted_chat_leaves_nothing_of_the_number_that_it_asked_a_code_for(
    log: EngagementLog, database: Database, proved: bool
) -> None:
    conversation_id = await linked(log) if proved else await chat(log)
    secret = await code(log, conversation_id)
    await log.erasures.begin(conversation_id)
    assert await log.erasures.finish(conversation_id)
    assert await count(database, contacts) == 0
    assert await count(database, conversations, conversations.c.contact_id.is_not(None)) == 0
    assert await count(database, messages, messages.c.text.contains(secret)) == 0
    assert await log.outbox.claim() == [] and await log.outbox.next_due() is None


async def test_an_ended_or_deleted_chat_sends_and_takes_no_code(log: EngagementLog) -> None:
    ended, deleted = await chat(log), await chat(log)
    known = await code(log, ended)
    await log.chats.end(ended)
    await log.erasures.begin(deleted)
    for conversation_id in (ended, deleted):
        with pytest.raises(ChatOver):
            await code(log, conversation_id)
        with pytest.raises(ChatOver):
            await log.codes.prove(conversation_id, known)
    assert (await log.conversation(ended)).channel == "web"


async def test_wrong_codes_of_several_chats_count_for_the_number(log: EngagementLog) -> None:
    for _ in range(3):
        await code(log, await chat(log))
    with pytest.raises(TooManyCodes):
        await code(log, await chat(log))


async def test_people_type_a_code_at_their_own_speed_whatever_the_products_clock_does(database: Database, tmp_path: object) -> None:
    now = 1_800_000_000.0
    fast = EngagementLog(database, Clock(scale=86400, origin=now, read=lambda: now), load_keys(tmp_path))  # type: ignore[arg-type]
    conversation_id = await chat(fast)
    secret = await code(fast, conversation_id)
    now += 300
    assert await fast.codes.prove(conversation_id, secret) == NUMBER[-3:]
