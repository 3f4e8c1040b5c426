"""The log keeps the language of a conversation, so that staff see it and the doors speak it."""

from engagement.log import EngagementLog
from engagement.values import InboundMessage, Reply, Understanding


async def test_the_latest_understanding_says_the_language(log: EngagementLog) -> None:
    _, conversation, _ = await log.chats.start(Reply(text="Hello"))
    assert conversation.language == "en"
    received = await log.receive(InboundMessage(channel="web", provider_id="1", text="bore da", conversation_id=conversation.id))
    await log.answer(conversation, received.id, Understanding(intent="greet", details={"language": "cy"}), [Reply(text="Helo")])
    assert (await log.conversation(conversation.id)).language == "cy"
    await log.receive(InboundMessage(channel="web", provider_id="2", text="ie", conversation_id=conversation.id))
    waiting = await log.next_message(conversation.id)
    assert waiting is not None and waiting.conversation.language == "cy"
