"""What else of a conversation goes when it is erased, table by table: a table that is new gets its line here.

`engagement/erasure.py` takes care of the tables in which a state has to change too. A test walks all tables that point to a
conversation or a message: each must be named in one of the two places.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Table, select, update

from engagement.tables import messages, metadata

# Columns that are emptied, with what they get.
BLANKED: dict[str, dict[str, Any]] = {
    "ratings": {"words": None},
    "request_updates": {"words": None},
    "outcomes": {"words": None},
    "handovers": {"details": None, "contact_id": None, "note": None},
    "claims": {"note": None},
    "examples": {"message_id": None},  # what was made for teaching stays, without whose it was
}
SECURE_DELETE = (3, 42)  # the SQLite that has it
PAGES = 200  # of a full-text index that are merged in one step
DELETED = ("notes", "mentions", "phone_codes", "chat_tokens")  # whole rows
# Without words, and without a way back to the citizen: they are counted.
KEPT = ("tasks", "outcome_events", "erasure_orders", "legal_holds")
BY_THEMSELVES = ("conversations", "messages", "photos", "requests", "mails")  # see engagement/erasure.py


def blank_elsewhere(connection: Connection, conversation_id: str) -> None:
    """Empty or delete what stands in these tables of the conversation."""
    for name, change in BLANKED.items():
        table = metadata.tables[name]
        connection.execute(update(table).where(of_conversations(table, [conversation_id])).values(**change))
    for name in DELETED:
        table = metadata.tables[name]
        connection.execute(table.delete().where(of_conversations(table, [conversation_id])))


def of_conversations(table: Table, conversation_ids: Collection[str]) -> Any:
    """The condition that a row belongs to one of the conversations, by its own column or by its message's."""
    if "conversation_id" in table.c:
        return table.c.conversation_id.in_(conversation_ids)
    return table.c.message_id.in_(select(messages.c.id).where(messages.c.conversation_id.in_(conversation_ids)))


def let_search_forget(connection: Connection) -> None:
    """Have SQLite's full-text indexes drop the words of a line that goes at once, where this SQLite can; see `tidy_search`.

    https://www.sqlite.org/fts5.html#the_secure_delete_configuration_option
    """
    if connection.dialect.name == "sqlite" and sqlite3.sqlite_version_info >= SECURE_DELETE:
        for name in _search_tables(connection):
            connection.exec_driver_sql(f'INSERT INTO "{name}" ("{name}", rank) VALUES (\'secure-delete\', 1)')


def tidy_search(connection: Connection, first: bool) -> bool:
    """A step of merging the full-text indexes, so that words of lines that went leave them too; False when there is nothing left to do.

    A negative number of pages begins a merge of everything: https://www.sqlite.org/fts5.html#the_merge_command
    """
    if connection.dialect.name != "sqlite" or sqlite3.sqlite_version_info >= SECURE_DELETE:
        return False
    more = False
    for name in _search_tables(connection):
        before = _changes(connection)
        pages = -PAGES if first else PAGES
        connection.exec_driver_sql(f'INSERT INTO "{name}" ("{name}", rank) VALUES (\'merge\', {pages})')
        more |= _changes(connection) - before >= 2
    return more


def _search_tables(connection: Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%fts5%'"
    return list(connection.exec_driver_sql(query).scalars())


def _changes(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())
