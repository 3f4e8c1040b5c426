"""Who a number or a reference leads to, and who not; what is typed by one about another; words leave the search index too."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from databases import about_sqlite, empty_of
from sqlalchemy import Connection, text

from engagement.database import Database
from engagement.erasure import Held
from engagement.log import EngagementLog
from engagement.migrations import configuration, upgrade
from engagement.privacy.subjects import Several, kind_of
from engagement.values import Conversation, InboundMessage, Reply

SEARCH = (
    "CREATE VIRTUAL TABLE sought USING fts5(text, content='messages', content_rowid='id')",
    "CREATE TRIGGER sought_new AFTER INSERT ON messages BEGIN INSERT INTO sought(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER sought_changed AFTER UPDATE OF text ON messages BEGIN INSERT INTO sought(sought, rowid, text)"
    " VALUES ('delete', old.id, old.text); INSERT INTO sought(rowid, text) VALUES (new.id, new.text); END",
)


async def chat(log: EngagementLog, words: str) -> Conversation:
    _, conversation, _ = await log.chats.start(Reply(text="Hello"))
    await log.receive(
        InboundMessage(channel="web", provider_id=f"{conversation.id}:{secrets.token_hex(16)}", text=words, conversation_id=conversation.id)
    )
    return conversation


async def contact(log: EngagementLog, conversation: Conversation) -> int:
    return next(one.contacts[0] for one in await log.messages(conversation.id) if one.contacts)


async def request(log: EngagementLog, conversation: Conversation, key: str, reference: str, **more: Any) -> None:
    await log.requests.open(key=key, conversation_id=conversation.id, service_code="P", service_name="P", report={"a": "b"}, **more)
    await log.requests.sent(key, reference=reference, token=None, service_notice=None, told=True)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("07700 900123", "phone"), ("+447700900123", "phone"), (" Mo@Example.org", "email"), ("ASH-104201", "reference"),
        ("C-000123", "reference"), ("104201", "reference"), ("0" * 32, "conversation"),
    ],
)  # fmt: skip
def test_what_was_given_is_told_apart(given: str, kind: str) -> None:
    assert kind_of(given) == kind


async def test_conversations_are_joined_by_what_was_left_in_them_and_not_by_what_was_typed(log: EngagementLog) -> None:
    first, second, neighbour = [await chat(log, "write to mo@example.org or call 07700 900111") for _ in range(3)]
    email = await contact(log, first)
    for number, one in enumerate((first, second)):
        await request(log, one, f"k{number}", f"R{number}", contact_id=email)
    subject = await log.subjects.of(str(await log.subjects.find("reference", "r0")))
    assert subject and {one.id: one.how for one in subject.chats} == {
        first.id: ("asked", "mentioned", "request"), second.id: ("mentioned", "request"), neighbour.id: ("mentioned",),
    }  # fmt: skip
    assert [one.kind for one in subject.contacts] == ["email"], "the number was only typed"


async def test_a_report_that_several_follow_is_its_reporters(log: EngagementLog, database: Database) -> None:
    reporter, follower, third = [await chat(log, "hello") for _ in range(3)]
    for key, one in (("a", reporter), ("b", follower), ("c", third)):
        await request(log, one, key, "R1" if key != "c" else "R2")
    await database.write(lambda connection: connection.execute(text("update requests set followed = true where key <> 'a'")))
    assert await log.subjects.find("reference", "R1") == f"conversation:{reporter.id}"
    await request(log, reporter, "d", "R2")
    await database.write(lambda connection: connection.execute(text("update requests set followed = true where key = 'd'")))
    with pytest.raises(Several):
        await log.subjects.find("reference", "R2")
    subject = await log.subjects.of(f"conversation:{follower.id}")
    assert subject
    rows = (await log.subjects.rows(subject))["requests"]
    assert [("report" in row, row["reference"]) for row in rows] == [(False, "R1")], "what another reported is not theirs to read"


async def test_a_hold_on_a_citizen_keeps_every_conversation_of_theirs(log: EngagementLog) -> None:
    first, second = [await chat(log, "call 07700 900111") for _ in range(2)]
    await log.staff.add("ada", "x", "admin")
    name = str(await log.subjects.find("phone", "07700 900111"))
    hold = await log.holds.place(name, "Claim 7", staff_id=1)
    assert not await log.erasures.begin(first.id)
    with pytest.raises(Held):
        await log.erasures.begin_citizen([second.id], [], source="staff", name=name)
    assert await log.holds.lift(hold, staff_id=1) == 1, "what the citizen wished begins now"
    assert await log.erasures.begun() == [first.id]
    await log.erasures.begin_citizen([second.id], [], source="staff", name=name)


@about_sqlite
async def test_words_leave_a_search_index_too(log: EngagementLog, database: Database, tmp_path: Path) -> None:
    def index(connection: Connection) -> None:
        for one in SEARCH:
            connection.exec_driver_sql(one)

    await database.write(index)
    word = f"zyzzyva{secrets.token_hex(4)}"
    gone, kept = await chat(log, f"my name is {word}"), await chat(log, "a quokka")
    for n in range(30):
        await chat(log, f"other words {n}")
    await log.erasures.begin(gone.id)
    await log.erasures.finish(gone.id)
    await log.erasures.tidy_search()
    await log.erasures.leave_no_trace()

    def found(connection: Connection) -> list[Any]:
        return list(connection.exec_driver_sql("SELECT rowid FROM sought WHERE sought MATCH 'zyzzyva* OR quokka'").scalars())

    assert await database.read(found) == [one.id for one in await log.messages(kept.id) if one.text == "a quokka"]
    assert word.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("hearback.db*"))


async def test_a_database_of_before_learns_whose_numbers_stand_where(tmp_path: Path) -> None:
    database = Database(empty_of(tmp_path))

    def older(connection: Connection) -> None:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
        at = "2026-01-01 00:00:00"
        columns = "id, kind, pseudonym, encrypted, created_at"
        connection.exec_driver_sql(f"INSERT INTO contacts ({columns}) VALUES (1, 'phone', 'p', 'e', '{at}')")
        columns = "id, channel, state, created_at, updated_at"
        connection.exec_driver_sql(f"INSERT INTO conversations ({columns}) VALUES ('c', 'web', 'open', '{at}', '{at}')")
        for id, contacts in ((1, "null"), (2, json.dumps([1, 9, 1])), (3, "[]")):
            connection.exec_driver_sql(
                "INSERT INTO messages (id, conversation_id, channel, author, text, contacts, state, attempts, created_at, state_at)"
                f" VALUES ({id}, 'c', 'web', 'citizen', 'x', '{contacts}', 'answered', 0, '{at}', '{at}')"
            )

    await database.write(older)
    await upgrade(database)

    def mentions(connection: Connection) -> list[Any]:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT contact_id, message_id, conversation_id FROM mentions")]

    assert await database.read(mentions) == [(1, 2, "c")]
    await database.close()
