"""What lists know of each conversation at a glance, and the words that search finds: the database keeps both in step by itself.

Triggers see every writer, also those that do not know of lists. `fill` writes all of it anew, for a database that had none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

_WAITS = "({row}.state IN ('received', 'with_staff'))"
_LOST = "({row}.state IN ('undelivered', 'failed') AND {row}.error IS DISTINCT FROM 'stopped')"
_NOT_UNDERSTOOD = "({row}.intent IN ('out_of_scope', 'nlu_fallback'))"
_CORRECTED = "({row}.corrected)"
COUNTED = {"unanswered": _WAITS, "undelivered": _LOST, "fallbacks": _NOT_UNDERSTOOD, "corrections": _CORRECTED}
LOWEST = {"lowest_confidence": "confidence", "lowest_margin": "margin"}
READ = ("state", "error", "intent", "confidence", "margin", "corrected")

# The words of each set, of the conversation {id}.
SETS = {
    "task_names": "SELECT task AS word FROM tasks WHERE conversation_id = {id}",
    "task_ends": """SELECT coalesce("end", 'open') AS word FROM tasks WHERE conversation_id = {id}""",
    "services": "SELECT service_code AS word FROM tasks WHERE conversation_id = {id} AND service_code IS NOT NULL"
    " UNION SELECT service_code FROM requests WHERE conversation_id = {id}",
    "partners": "SELECT partner AS word FROM outcomes WHERE conversation_id = {id} AND partner IS NOT NULL",
    "outcome_words": "SELECT confirmed AS word FROM outcomes WHERE conversation_id = {id} AND confirmed IS NOT NULL"
    " UNION SELECT 'declared' FROM outcomes WHERE conversation_id = {id} AND declared IS NOT NULL"
    " UNION SELECT 'no_answer' FROM outcomes WHERE conversation_id = {id} AND asked_at IS NOT NULL AND confirmed IS NULL",
    "handover_reasons": "SELECT reason AS word FROM handovers WHERE conversation_id = {id}",
}
# Which columns of which tables change which sets.
SOURCES = {
    "tasks": (("task", "service_code", "end"), ("task_names", "task_ends", "services")),
    "requests": (("service_code",), ("services",)),
    "outcomes": (("partner", "declared", "confirmed", "asked_at"), ("partners", "outcome_words")),
    "handovers": (("reason",), ("handover_reasons",)),
    "ratings": (("score",), ("rating",)),
}


def in_metadata(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Whether a table or index is one that the tables' description knows; for alembic's `include_object`."""
    return not (name or "").startswith(("message_words", "ix_conversations_glance", "ix_requests_reference_lower", "ix_messages_words"))


def set_up(connection: Connection) -> None:
    """Make the triggers and the index of words, in a database that has the columns."""
    made = _sqlite() if connection.dialect.name == "sqlite" else _postgresql()
    for statement in made:
        connection.exec_driver_sql(statement)


def take_down(connection: Connection) -> None:
    """Take the triggers and the index of words away."""
    if connection.dialect.name == "sqlite":
        for name in _names(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("DROP TABLE IF EXISTS message_words")
        connection.exec_driver_sql("DROP INDEX IF EXISTS ix_conversations_glance")
        return
    for table in ("messages", *SOURCES):
        for name in (f"{table}_added", f"{table}_changed", f"{table}_removed"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS glance_{name} ON {table}")
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS glance_{name}()")
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_messages_words")


def _names(connection: Connection) -> list[str]:
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'glance\\_%' ESCAPE '\\'")
    return [str(row[0]) for row in found]


def fill(connection: Connection) -> None:
    """Write what is known at a glance of every conversation, and every word that search finds, from what the log holds."""
    number = "coalesce(sum(CASE WHEN {} THEN 1 ELSE 0 END), 0)"
    counts = [
        "count(*)",
        *(number.format(one.format(row="messages")) for one in COUNTED.values()),
        *(f"min({one})" for one in LOWEST.values()),
    ]
    sqlite = connection.dialect.name == "sqlite"
    names = ["message_count", *COUNTED, *LOWEST]
    counted = f"SELECT {', '.join(counts)} FROM messages WHERE conversation_id = conversations.id"
    last = "SELECT intent FROM messages WHERE conversation_id = conversations.id AND intent IS NOT NULL ORDER BY id DESC LIMIT 1"
    sets = ", ".join(f"{name} = {_set(name, 'conversations.id', sqlite=sqlite)}" for name in (*SETS, "rating"))
    connection.exec_driver_sql(
        _driver(f"UPDATE conversations SET ({', '.join(names)}) = ({counted}), last_intent = ({last}), {sets}", sqlite)
    )
    if sqlite:
        connection.exec_driver_sql("INSERT INTO message_words(message_words) VALUES ('rebuild')")


def _driver(statement: str, sqlite: bool) -> str:
    """SQLite before 3.39 and other drivers differ in how they say that two values, or none, differ."""
    return statement.replace("IS DISTINCT FROM", "IS NOT") if sqlite else statement


def _set(name: str, of: str, *, sqlite: bool) -> str:
    if name == "rating":
        return f"(SELECT score FROM ratings WHERE conversation_id = {of})"
    words = f"SELECT DISTINCT word FROM ({SETS[name].format(id=of)}) AS found"
    joined = "group_concat(word, '|')" if sqlite else "string_agg(word, '|')"
    return f"coalesce((SELECT '|' || {joined} || '|' FROM ({words}) AS words), '')"


def _one(condition: str, row: str) -> str:
    return f"CASE WHEN {condition.format(row=row)} THEN 1 ELSE 0 END"


def _message(event: str, *, sqlite: bool) -> str:
    """The statement that takes in a message that was added, changed or removed."""
    if event == "removed":
        changes = ["message_count = message_count - 1", *(f"{name} = {name} - {_one(one, 'OLD')}" for name, one in COUNTED.items())]
    else:
        added = event == "added"
        changes = ["message_count = message_count + 1"] if added else []
        for name, one in COUNTED.items():
            changes.append(f"{name} = {name} + {_one(one, 'NEW')}" + ("" if added else f" - {_one(one, 'OLD')}"))
        for name, column in LOWEST.items():
            lower = f"coalesce(min({name}, NEW.{column}), {name}, NEW.{column})" if sqlite else f"least({name}, NEW.{column})"
            changes.append(f"{name} = {lower}")
        changes.append("last_intent = coalesce(NEW.intent, last_intent)")
    row = "OLD" if event == "removed" else "NEW"
    return _driver(f"UPDATE conversations SET {', '.join(changes)} WHERE id = {row}.conversation_id;", sqlite)


def _differs(*, sqlite: bool) -> str:
    """Whether a change of a message matters here: most only say that a text is on its way."""
    seen = [f"{_one(one, 'NEW')} <> {_one(one, 'OLD')}" for one in COUNTED.values()]
    seen += [f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in ("intent", "confidence", "margin")]
    return _driver(" OR ".join(seen), sqlite)


def _about(table: str, row: str, *, sqlite: bool) -> str:
    changes = ", ".join(f"{name} = {_set(name, f'{row}.conversation_id', sqlite=sqlite)}" for name in SOURCES[table][1])
    return f"UPDATE conversations SET {changes} WHERE id = {row}.conversation_id;"


def _events(table: str) -> Iterator[tuple[str, str, str]]:
    columns = ", ".join(f'"{name}"' for name in (READ if table == "messages" else SOURCES[table][0]))
    yield "added", "INSERT", "NEW"
    yield "changed", f"UPDATE OF {columns}", "NEW"
    yield "removed", "DELETE", "OLD"


def _sqlite() -> Iterator[str]:
    for table in ("messages", *SOURCES):
        for event, on, row in _events(table):
            body = _message(event, sqlite=True) if table == "messages" else _about(table, row, sqlite=True)
            when = f"WHEN {_differs(sqlite=True)} " if table == "messages" and event == "changed" else ""
            yield f"CREATE TRIGGER glance_{table}_{event} AFTER {on} ON {table} FOR EACH ROW {when}BEGIN {body} END"
    # Every filter of the list, in its order: one narrow walk answers any combination of them, without a look at the table.
    yield (
        "CREATE INDEX ix_conversations_glance ON conversations (updated_at, id, channel, state, language, rating, lowest_confidence,"
        " lowest_margin, fallbacks, corrections, unanswered, undelivered, looked_at, contact_id, task_names, task_ends, services, partners,"
        " outcome_words, handover_reasons)"
    )
    # https://www.sqlite.org/fts5.html#external_content_tables: the words stay in messages alone; the index must be told what goes.
    yield (
        "CREATE VIRTUAL TABLE message_words USING fts5(text, content='messages', content_rowid='id', columnsize=0,"
        " tokenize='unicode61 remove_diacritics 2', prefix='3')"
    )
    forget = "INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', OLD.id, OLD.text);"
    keep = "INSERT INTO message_words(rowid, text) VALUES (NEW.id, NEW.text);"
    yield f"CREATE TRIGGER glance_words_added AFTER INSERT ON messages BEGIN {keep} END"
    yield f"CREATE TRIGGER glance_words_changed AFTER UPDATE OF text ON messages WHEN NEW.text <> OLD.text BEGIN {forget} {keep} END"
    yield f"CREATE TRIGGER glance_words_removed AFTER DELETE ON messages BEGIN {forget} END"


def _postgresql() -> Iterator[str]:
    for table in ("messages", *SOURCES):
        for event, on, row in _events(table):
            body = _message(event, sqlite=False) if table == "messages" else _about(table, row, sqlite=False)
            when = f"WHEN ({_differs(sqlite=False)}) " if table == "messages" and event == "changed" else ""
            name = f"glance_{table}_{event}"
            yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
            yield f"CREATE TRIGGER {name} AFTER {on} ON {table} FOR EACH ROW {when}EXECUTE FUNCTION {name}()"
    yield "CREATE INDEX ix_messages_words ON messages USING gin (to_tsvector('simple', text))"
