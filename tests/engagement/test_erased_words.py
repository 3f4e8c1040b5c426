"""What was erased is in no file any more, the index of words included, and is found by no search."""

from pathlib import Path

from databases import KIND, stored

from engagement.database import Database
from engagement.filters import Filter
from engagement.log import EngagementLog
from engagement.values import InboundMessage, Reply, Understanding

CANARY = "zanzibarian"


async def test_erased_words_are_in_no_file_and_in_no_index(log: EngagementLog, database: Database, tmp_path: Path) -> None:
    others = []
    for number in range(60):
        _, conversation, _ = await log.chats.start(Reply(text="Hello."))
        words = f"{CANARY} lights in Mill Lane" if number % 20 == 7 else f"A pothole, number {number}"
        got = await log.receive(InboundMessage(channel="web", provider_id=f"m{number}", text=words, conversation_id=conversation.id))
        await log.answer(conversation, got.id, Understanding(intent="report_problem"), [Reply(text=f"About {words}?")])
        others += [conversation.id] if CANARY in words else []
    await log.staff.add("ada", "hash", "admin")
    await log.review.add_note(others[0], 1, f"The {CANARY} wants a call")
    assert {one.id for one in (await log.review.conversations(Filter(text=CANARY[:4].upper())))[0]} == set(others)
    assert CANARY[:8].encode() in stored(tmp_path)
    for one in others:
        await log.erasures.begin(one)
        assert await log.erasures.finish(one)
    await log.erasures.tidy_search()
    await log.erasures.leave_no_trace()
    assert CANARY[:8].encode() not in stored(tmp_path)
    assert await log.review.conversations(Filter(text=CANARY)) == ([], (0, False))
    assert len((await log.review.conversations(Filter(text="pothole")))[0]) == 50
    if KIND == "sqlite":
        await database.write(
            lambda connection: connection.exec_driver_sql("INSERT INTO message_words(message_words) VALUES ('integrity-check')")
        )
