"""The inbox and the outbox are states of a message; nothing is lost and nothing is doubled."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from databases import KIND, stored
from sqlalchemy import Connection, text

from engagement.database import Database, LogUnavailable
from engagement.log import EngagementLog
from engagement.values import Choice, InboundMessage, Reply, Understanding

NUMBER = "+447700900123"


def sms(sid: str, text: str = "hello", **more: object) -> InboundMessage:
    return InboundMessage(channel="sms", provider_id=sid, text=text, sender=NUMBER, received_by="+447700900000", **more)  # type: ignore[arg-type]


async def answered(log: EngagementLog, sid: str, *replies: str) -> None:
    received = await log.receive(sms(sid))
    found = await log.next_message(received.conversation_id)
    assert found
    await log.answer(
        found.conversation, found.message.id, Understanding(intent="greet", confidence=0.9), [Reply(text=one) for one in replies]
    )


async def test_the_same_webhook_five_times_is_one_message(log: EngagementLog) -> None:
    received = await asyncio.gather(*(log.receive(sms("SM1")) for _ in range(5)))
    assert len({one.id for one in received}) == 1
    assert sum(one.new for one in received) == 1
    assert len(await log.messages(received[0].conversation_id)) == 1


async def test_a_number_keeps_its_conversation(log: EngagementLog) -> None:
    first, second = await log.receive(sms("SM1")), await log.receive(sms("SM2"))
    assert first.conversation_id == second.conversation_id


async def test_messages_of_a_conversation_come_in_order(log: EngagementLog) -> None:
    received = [await log.receive(sms(f"SM{n}", str(n))) for n in range(3)]
    for n in range(3):
        found = await log.next_message(received[0].conversation_id)
        assert found and found.message.text == str(n)
        await log.answer(found.conversation, found.message.id, Understanding(), [Reply(text="ok")])
    assert await log.next_message(received[0].conversation_id) is None
    assert await log.unanswered() == []


async def test_an_answer_is_written_once(log: EngagementLog) -> None:
    received = await log.receive(sms("SM1"))
    found = await log.next_message(received.conversation_id)
    assert found
    for _ in range(2):
        await log.answer(found.conversation, found.message.id, Understanding(intent="greet"), [Reply(text="Hello")])
    assert [one.text for one in await log.messages(received.conversation_id)] == ["hello", "Hello"]
    assert [one.text for one in await log.answers_to(received.id) or []] == ["Hello"]


async def test_what_a_choice_stands_for_stays_with_us(log: EngagementLog) -> None:
    _, _, said = await log.chats.start(Reply(text="Hi", choices=(Choice(id="a", title="A", payload="/a"),)))
    assert "payload" not in str(said[0].public())


async def test_texts_of_a_citizen_go_out_one_after_another(log: EngagementLog) -> None:
    await answered(log, "SM1", "first", "second")
    (first,) = await log.outbox.claim()
    assert first.text == "first" and first.to == NUMBER and first.sender == "+447700900000"
    assert await log.outbox.claim() == []
    await log.outbox.accepted(first.id, sid="SMout1", segments=1)
    (second,) = await log.outbox.claim()
    assert second.text == "second"


@pytest.mark.parametrize("order", [("sent", "delivered"), ("delivered", "sent"), ("delivered", "failed", "queued", "sent")])
async def test_receipts_move_a_message_forwards_only(log: EngagementLog, order: tuple[str, ...]) -> None:
    await answered(log, "SM1", "hello")
    (one,) = await log.outbox.claim()
    await log.outbox.accepted(one.id, sid="SMout", segments=1)
    for status in order:
        assert await log.outbox.receipt(message_id=None, sid="SMout", status=status, error=None)
    assert [message.state for message in await log.answers_to(one.id - 1) or []] == ["delivered"]


async def test_a_receipt_may_come_before_the_answer_to_the_sending(log: EngagementLog) -> None:
    await answered(log, "SM1", "hello")
    (one,) = await log.outbox.claim()
    assert await log.outbox.receipt(message_id=one.id, sid="SMout", status="delivered", error=None)
    await log.outbox.accepted(one.id, sid="SMout", segments=1)
    (message,) = await log.answers_to(one.id - 1) or []
    assert (message.state, message.provider_id) == ("delivered", "SMout")


async def test_a_receipt_for_a_citizens_own_text_is_not_ours(log: EngagementLog) -> None:
    received = await log.receive(sms("SM1"))
    assert not await log.outbox.receipt(message_id=received.id, sid="SM1", status="failed", error=None)
    assert await log.unanswered() == [received.conversation_id]


async def test_a_text_whose_sender_died_is_doubtful_not_due(log: EngagementLog, time: object) -> None:
    await answered(log, "SM1", "hello")
    await log.outbox.claim()
    time.move(seconds=61)  # type: ignore[attr-defined]
    assert await log.outbox.claim() == []
    (one,) = await log.outbox.doubtful()
    await log.outbox.again(one.id, after=timedelta(0), error="not taken")
    assert [again.attempts for again in await log.outbox.claim()] == [2]


async def test_numbers_are_encrypted_and_masked_everywhere(log: EngagementLog, database: Database, tmp_path: Path) -> None:
    received = await log.receive(sms("SM1", "call me on 07700 900456 or gran@example.org, card 4111 1111 1111 1111"))
    (message,) = await log.messages(received.conversation_id)
    assert message.text == "call me on •••456 or g•••@example.org, card •••"
    assert len(message.contacts) == 2
    await database.close()
    content = stored(tmp_path)
    for secret in (b"7700900123", b"07700 900456", b"7700900456", b"gran@", b"4111 1111"):
        assert secret not in content


async def test_a_request_is_opened_once_for_a_key(log: EngagementLog) -> None:
    _, conversation, _ = await log.chats.start(Reply(text="Hi"))
    given = dict(key="k", conversation_id=conversation.id, service_code="POTHOLE", service_name="Pothole", report={"address": "here"})
    first, new = await log.requests.open(**given)
    again, newer = await log.requests.open(**given)
    assert (first.id, new, newer) == (again.id, True, False)
    assert first.tag == again.tag


async def test_a_reference_is_told_once(log: EngagementLog) -> None:
    _, conversation, _ = await log.chats.start(Reply(text="Hi"))
    await log.requests.open(key="k", conversation_id=conversation.id, service_code="P", service_name="P", report={})
    await log.requests.sent("k", reference="0", token=None, service_notice=None, told=False)
    assert [one.reference for one in await log.requests.untold()] == ["0"]
    told = [await log.tell_reference("k", conversation.id, Reply(text="0", author="system")) for _ in range(2)]
    assert [len(one) for one in told] == [1, 0]
    assert await log.requests.untold() == []


async def test_one_failing_write_does_not_take_its_neighbours_with_it(database: Database) -> None:
    def good(connection: Connection) -> int:
        return connection.execute(text("INSERT INTO audit (at, action) VALUES ('2026-01-01', 'x')")).rowcount

    def bad(connection: Connection) -> None:
        good(connection)
        raise ValueError("a bug")

    outcomes = await asyncio.gather(database.write(good), database.write(bad), database.write(good), return_exceptions=True)
    assert [type(one) for one in outcomes] == [int, ValueError, int]
    assert await database.read(lambda connection: connection.execute(text("SELECT count(*) FROM audit")).scalar_one()) == 2


async def test_a_log_that_cannot_be_written_says_so_without_citizens_words(database: Database, log: EngagementLog) -> None:
    only_reading = "PRAGMA query_only=ON" if KIND == "sqlite" else "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
    await database.write(lambda connection: connection.execute(text(only_reading)))
    with pytest.raises(LogUnavailable) as refused:
        await log.receive(sms("SM1", "canary"))
    assert "canary" not in repr(refused.value) and refused.value.__suppress_context__


async def test_the_migrations_make_the_tables_that_the_code_uses(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from engagement import glance
    from engagement.tables import metadata

    differences = await database.read(
        lambda connection: compare_metadata(MigrationContext.configure(connection, opts={"include_object": glance.in_metadata}), metadata)
    )
    assert differences == []
