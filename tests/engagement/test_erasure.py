"""What is deleted is gone from the file itself, and nothing of others goes with it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from databases import stored

from engagement.database import Database
from engagement.log import EngagementLog
from engagement.values import Choice, Conversation, InboundMessage, Reply, Understanding


async def chat(log: EngagementLog) -> Conversation:
    _, conversation, _ = await log.chats.start(Reply(text="Hello"))
    return conversation


async def says(log: EngagementLog, conversation: Conversation, words: str) -> int:
    """A citizen's message that is answered with their own words, as a check before sending does."""
    got = await log.receive(
        InboundMessage(
            channel="web", provider_id=f"{conversation.id}:{secrets.token_hex(16)}", text=words, payload=f"/inform{words}",
            conversation_id=conversation.id, location={"lat": 51.12345, "long": 0.1},
        )
    )  # fmt: skip
    understanding = Understanding(intent="inform", details={"entities": [{"entity": "place", "value": words * 9}], "told": words})
    reply = Reply(text=f"you said {words}", choices=(Choice(id="a", title=words, payload=f"/pick{words}"),))
    await log.answer(conversation, got.id, understanding, [reply])
    return got.id


async def erase(log: EngagementLog, conversation: Conversation) -> bool:
    await log.erasures.begin(conversation.id)
    done = await log.erasures.finish(conversation.id)
    await log.erasures.leave_no_trace()
    return done


async def test_no_word_stays_in_the_file_among_many_conversations(log: EngagementLog, tmp_path: Path) -> None:
    chats = [(await chat(log), f"zyzzyva{n}x{secrets.token_hex(4)}") for n in range(20)]
    for _ in range(12):
        for conversation, words in chats:
            await says(log, conversation, f"{words} " * secrets.choice((1, 7, 40)))
    for conversation, words in chats[:10]:
        await log.handovers.open(conversation.id, key=words, reason="make_complaint", details={"words": words})
        await log.updates.open(key=f"{words}u", conversation_id=conversation.id, reference="1", kind="added", words=words)
        await log.chats.rate(conversation.id, 1, words)
        await log.requests.open(
            key=f"{words}k", conversation_id=conversation.id, service_code="P", service_name="P", report={"description": words}
        )
        await log.requests.sent(f"{words}k", reference=f"R{words[-8:]}", token=None, service_notice=None, told=True)
        assert await erase(log, conversation)
    content = stored(tmp_path)
    # The keys of hand-overs, updates and requests are ours: here they hold the word, so only the rest is looked at.
    left = {
        words
        for _, words in chats[:10]
        if any(what + words.encode() in content for what in (b"you said ", b'{"words": "', b'description": "'))
    }
    assert not left
    assert all(b"you said " + words.encode() in content for _, words in chats[10:])


async def test_a_number_that_was_given_goes_with_the_chat_unless_another_needs_it(log: EngagementLog, database: Database) -> None:
    alone, shared, other = await chat(log), await chat(log), await chat(log)
    await says(log, alone, "call me on 07700 900111")
    await says(log, shared, "call me on 07700 900222")
    await says(log, other, "call me on 07700 900222")
    kept = await log.receive(
        InboundMessage(channel="sms", provider_id="SM1", text="hi", sender="+447700900333", received_by="+441632960100")
    )
    for one in (alone, shared):
        assert await erase(log, one)

    def numbers(connection):  # type: ignore[no-untyped-def]
        from sqlalchemy import text

        return connection.execute(text("select count(*) from contacts")).scalar_one()

    assert await database.read(numbers) == 2
    assert await log.next_message(kept.conversation_id)
    assert await erase(log, other) and await database.read(numbers) == 1


async def test_a_request_on_its_way_is_sent_first_and_then_its_words_go(log: EngagementLog, tmp_path: Path) -> None:
    conversation = await chat(log)
    await log.requests.open(key="k", conversation_id=conversation.id, service_code="P", service_name="P", report={"description": "zyzzyva"})
    await log.requests.keep("k", after=timedelta(0), error="down")
    assert not await erase(log, conversation)
    (waiting,) = await log.requests.take_due()
    assert waiting.report == {"description": "zyzzyva"}
    await log.requests.sent("k", reference="R1", token=None, service_notice=None, told=False)
    assert await log.tell_reference("k", conversation.id, Reply(text="R1", author="system")) == [], "nobody is there to hear it"
    assert await erase(log, conversation) and await log.erasures.begun() == []
    (sent,) = await log.requests.of_conversation(conversation.id)
    assert (sent.reference, sent.report) == ("R1", {}) and b"zyzzyva" not in stored(tmp_path)


async def test_what_is_answered_or_said_after_the_deletion_is_not_written(log: EngagementLog) -> None:
    conversation = await chat(log)
    got = await log.receive(
        InboundMessage(channel="web", provider_id=f"{conversation.id}:{'0' * 32}", text="zyzzyva", conversation_id=conversation.id)
    )
    found = await log.next_message(conversation.id)
    assert found
    await log.erasures.begin(conversation.id)
    assert await log.next_message(conversation.id) is None and await log.unanswered() == []
    assert await log.answer(found.conversation, got.id, Understanding(intent="inform"), [Reply(text="you said zyzzyva")]) == []
    assert await log.tell(found.conversation, Reply(text="about zyzzyva", author="system")) == []
    assert {one.text for one in await log.messages(conversation.id)} == {""}


async def test_what_waits_for_staff_waits_no_more(log: EngagementLog) -> None:
    ended, erased = await chat(log), await chat(log)
    for one in (ended, erased):
        await log.handovers.open(one.id, key=f"{one.id}:talk", reason="talk_to_person")
        await log.handovers.open(one.id, key=f"{one.id}:complaint", reason="make_complaint", details={"words": "zyzzyva"})
    await log.chats.end(ended.id)
    assert (await log.chats.state(ended.id)).state == "ended"
    assert {one.reason: one.state for one in await log.handovers.of_citizen(ended.id)} == {
        "talk_to_person": "closed",
        "make_complaint": "waiting",
    }
    await log.erasures.begin(erased.id)
    assert {(one.state, one.details) for one in await log.handovers.of_citizen(erased.id)} == {("closed", None)}
