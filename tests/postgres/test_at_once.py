"""What several processes do at the same moment, on PostgreSQL, where each has a transaction of its own."""

import asyncio

from sqlalchemy import Connection, text

from engagement.values import InboundMessage, Reply, Understanding

SECOND = 1.0  # that a row is kept from the others: long enough for all of them to come and wait


async def test_lines_are_seen_in_the_order_of_their_ids(shared):  # type: ignore[no-untyped-def]
    """A window asks for what came after the last id it has: a lower one that is seen later would never reach it."""
    _, chat, (greeting,) = await shared.one.chats.start(Reply(text="Hello"))
    async with shared.hold("SELECT 1 FROM messages WHERE id = :id FOR UPDATE", id=greeting.id):
        slow = asyncio.create_task(shared.one.tell(chat, Reply(text="one"), reply_to=greeting.id))  # has its id, and waits for that row
        await asyncio.sleep(SECOND / 2)
        quick = asyncio.create_task(shared.other.tell(chat, Reply(text="two")))
        await asyncio.sleep(SECOND / 2)
        seen = await shared.other.messages(chat.id)
    await asyncio.gather(slow, quick)
    seen += await shared.other.messages(chat.id, after=seen[-1].id)
    assert [line.text for line in seen] == ["Hello", "one", "two"]


async def test_a_text_and_an_answer_are_seen_in_the_order_of_their_ids(shared):  # type: ignore[no-untyped-def]
    def texted(number: int) -> InboundMessage:
        return InboundMessage(channel="sms", provider_id=f"SM{number}", text="hi", sender="+447700900123", received_by="+441632960000")

    first = await shared.one.receive(texted(1))
    found = await shared.one.next_message(first.conversation_id)
    assert found
    async with shared.hold("SELECT 1 FROM messages WHERE id = :id FOR UPDATE", id=first.id):
        answering = asyncio.create_task(shared.one.answer(found.conversation, first.id, Understanding(), [Reply(text="yes")]))
        await asyncio.sleep(SECOND / 2)
        texting = asyncio.create_task(shared.other.receive(texted(2)))
        await asyncio.sleep(SECOND / 2)
        assert not texting.done()
    await asyncio.gather(answering, texting)
    assert [line.text for line in await shared.one.messages(first.conversation_id)] == ["hi", "yes", "hi"]


async def test_first_texts_of_one_number_at_the_same_time_are_one_conversation(shared):  # type: ignore[no-untyped-def]
    for known in (False, True):
        for citizen in range(3):
            sender = f"+44770090012{citizen}"

            def texted(number: int, sender: str = sender, known: bool = known) -> InboundMessage:
                return InboundMessage(
                    channel="sms", provider_id=f"{sender}:{known}:{number}", text="hi", sender=sender, received_by="+441632960000"
                )

            got = await asyncio.gather(*((shared.one, shared.other)[number % 2].receive(texted(number)) for number in range(8)))
            assert len({one.conversation_id for one in got}) == 1 and len({one.id for one in got}) == 8
            await shared.one.chats.end(got[0].conversation_id)  # then the number is known, and has no open conversation


async def test_a_chat_that_is_erased_while_it_is_answered_ends_empty_and_nobody_fails(shared):  # type: ignore[no-untyped-def]
    for number in range(6):
        _, chat, _ = await shared.one.chats.start(Reply(text="Hello"))
        got = await shared.one.receive(
            InboundMessage(channel="web", provider_id=f"{chat.id}:{number}", text="zyzzyva", conversation_id=chat.id)
        )
        replies = [Reply(text="you said zyzzyva")] * 3
        await asyncio.gather(
            shared.one.answer(chat, got.id, Understanding(intent="inform", details={"told": "zyzzyva"}), replies),
            shared.other.erasures.begin(chat.id),
            shared.one.tell(chat, Reply(text="zyzzyva"), reply_to=got.id, once=True),
            shared.other.erasures.finish(chat.id),
        )
        assert {line.text for line in await shared.one.messages(chat.id)} == {""}


async def test_two_that_wait_for_each_other_both_get_done(shared):  # type: ignore[no-untyped-def]
    """PostgreSQL ends one of them, which is then done again."""
    chats = [(await shared.one.chats.start(Reply(text="Hello")))[1].id for _ in range(2)]

    def in_order(first: str, second: str):  # type: ignore[no-untyped-def]
        def work(connection: Connection) -> None:
            for one in (first, second):
                connection.execute(text("UPDATE conversations SET cost_turns = cost_turns + 1 WHERE id = :id"), {"id": one})
                connection.execute(text("SELECT pg_sleep(0.5)"))

        return work

    await asyncio.gather(shared.database.write(in_order(*chats)), shared.other._database.write(in_order(*reversed(chats))))

    def costs(connection: Connection) -> list[float]:
        return list(connection.execute(text("SELECT cost_turns FROM conversations")).scalars())

    assert await shared.database.read(costs) == [2.0, 2.0]


async def test_messages_are_numbered_beyond_two_to_the_31(shared):  # type: ignore[no-untyped-def]
    _, chat, _ = await shared.one.chats.start(Reply(text="Hello"))
    assert await shared.one.messages(chat.id, after=10**15 - 1) == []
    await shared.database.write(lambda connection: connection.execute(text("SELECT setval('messages_id_seq', 3000000000)")))
    got = await shared.one.receive(
        InboundMessage(channel="web", provider_id="x", text="my number is 07700 900123", conversation_id=chat.id)
    )
    assert got.id == 3000000001
    found = await shared.one.next_message(chat.id)
    assert found
    (reply,) = await shared.one.answer(found.conversation, got.id, Understanding(), [Reply(text="yes")])
    assert [line.id for line in await shared.one.messages(chat.id, after=got.id)] == [reply.id]
