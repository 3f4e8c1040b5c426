"""A citizen who asks for more gets the next page of what was said last, once."""

from __future__ import annotations

from engagement.log import EngagementLog
from engagement.values import Choice, InboundMessage, Message, Reply, Understanding

CHOICES = tuple(Choice(id=str(n), title=f"Choice {n}", payload=f"/x{n}") for n in range(1, 4))


async def said(log: EngagementLog, sid: str, *replies: Reply) -> str:
    """A text of the citizen and its answer; returns the conversation."""
    conversation_id = await wrote(log, sid)
    found = await log.next_message(conversation_id)
    assert found
    await log.answer(found.conversation, found.message.id, Understanding(), replies)
    return conversation_id


async def wrote(log: EngagementLog, sid: str) -> str:
    text = InboundMessage(channel="sms", provider_id=sid, text="MORE", sender="+447700900123", received_by="+447700900000")
    return (await log.receive(text)).conversation_id


async def more(log: EngagementLog, sid: str, conversation_id: str) -> Message | None:
    """The citizen asks for more of texts that have as many pages as words; the line that this added."""
    await wrote(log, sid)
    found = await log.next_message(conversation_id)
    assert found
    line = await log.outbox.next_page(conversation_id, found.message.id, pages=lambda text, choices: len(text.split()))
    if line is None:
        await log.answer(found.conversation, found.message.id, Understanding(), [])
        return None
    assert await log.next_message(conversation_id) is None
    (added,) = await log.answers_to(found.message.id) or []
    assert added.id == line
    return added


async def test_each_more_is_one_page_until_there_is_none(log: EngagementLog) -> None:
    conversation_id = await said(log, "SM1", Reply(text="one two three", choices=CHOICES))
    for sid, page in (("SM2", 1), ("SM3", 2)):
        line = await more(log, sid, conversation_id)
        assert line and (line.text, line.choices, line.author, line.state) == ("one two three", CHOICES, "bot", "queued")
        assert line.page == page
    assert await more(log, "SM4", conversation_id) is None
    assert [row.page for row in await log.messages(conversation_id) if row.author == "bot"] == [0, 1, 2]


async def test_the_whole_list_can_be_picked_from_on_every_page(log: EngagementLog) -> None:
    conversation_id = await said(log, "SM1", Reply(text="one two", choices=CHOICES))
    assert await more(log, "SM2", conversation_id)
    await wrote(log, "SM3")
    found = await log.next_message(conversation_id)
    assert found and found.offered == CHOICES


async def test_of_several_lines_each_is_read_to_its_end_and_the_last_question_stays(log: EngagementLog) -> None:
    conversation_id = await said(log, "SM1", Reply(text="a b"), Reply(text="c"), Reply(text="d e f", choices=CHOICES))
    seen = []
    for sid in ("SM2", "SM3", "SM4"):
        line = await more(log, sid, conversation_id)
        seen.append((line.text, line.page) if line else None)
    assert seen == [("a b", 1), ("d e f", 1), ("d e f", 2)]
    await wrote(log, "SM5")
    found = await log.next_message(conversation_id)
    assert found and found.offered == CHOICES


async def test_more_belongs_to_the_last_answer_only(log: EngagementLog) -> None:
    conversation_id = await said(log, "SM1", Reply(text="long long"))
    await said(log, "SM2", Reply(text="short"))
    assert await more(log, "SM3", conversation_id) is None


async def test_the_same_text_said_again_begins_at_its_first_page(log: EngagementLog) -> None:
    conversation_id = await said(log, "SM1", Reply(text="one two"))
    assert await more(log, "SM2", conversation_id)
    await said(log, "SM3", Reply(text="one two"))
    line = await more(log, "SM4", conversation_id)
    assert line and line.page == 1


async def test_a_message_that_was_answered_gets_no_page(log: EngagementLog) -> None:
    conversation_id = await said(log, "SM1", Reply(text="one two"))
    await more(log, "SM2", conversation_id)
    before = await log.messages(conversation_id)
    assert await log.outbox.next_page(conversation_id, before[2].id, pages=lambda text, choices: 9) is None
    assert await log.messages(conversation_id) == before


async def test_nothing_was_said_yet(log: EngagementLog) -> None:
    conversation_id = await wrote(log, "SM1")
    found = await log.next_message(conversation_id)
    assert found and await log.outbox.next_page(conversation_id, found.message.id, pages=lambda text, choices: 9) is None


async def test_more_goes_on_with_what_was_texted_not_with_what_the_web_page_said_since(log: EngagementLog) -> None:
    """A text of the web channel could not be sent at all."""
    conversation_id = await said(log, "SM1", Reply(text="one two three"))
    on_web = f"{conversation_id}:{'0' * 32}"
    await log.receive(InboundMessage(channel="web", provider_id=on_web, text="hello", conversation_id=conversation_id))
    found = await log.next_message(conversation_id)
    assert found
    await log.answer(found.conversation, found.message.id, Understanding(), [Reply(text="a long answer on the page")])
    line = await more(log, "SM2", conversation_id)
    assert line and (line.text, line.page, line.channel) == ("one two three", 1, "sms")
