"""Words that somebody types, found in messages and references. What is typed is only ever words, never the index's own language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from engagement.tables import contacts, handovers, messages, requests
from hearback.keys import Keys
from hearback.personal import CASE, find

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 12
LOOKED_AT = 2_000  # the newest messages with the words; where more fit, older ones are not seen
LOOKED_AT_NARROW = 6_000  # where other filters leave few of them
RECENT = 100_000  # messages in which PostgreSQL looks first


@dataclass(frozen=True, kw_only=True)
class Hits:
    """Conversations in which the words stand; `more` says that older ones were not looked at."""

    ids: frozenset[str]
    more: bool = False


def words_of(typed: str) -> list[str]:
    return WORD.findall(typed)[:MOST_WORDS]


def search(connection: Connection, typed: str, *, until: datetime | None = None, narrow: bool = False) -> Hits:
    """The conversations of the newest messages with all words typed, each as a beginning, and of references that begin so."""
    ids, words = set(_of_references(connection, typed)), words_of(typed)
    if not words:
        return Hits(ids=frozenset(ids))
    most = LOOKED_AT_NARROW if narrow else LOOKED_AT
    found = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    rows = found(connection, words, before=_first_after(connection, until) if until else None, most=most)
    return Hits(ids=frozenset(ids.union(rows)), more=len(rows) == most)


def _sqlite(connection: Connection, words: list[str], *, before: int | None, most: int) -> list[str]:
    query = " ".join(f'"{word}"*' for word in words)
    # The + keeps SQLite from looking up each message in turn; see https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms
    older = "AND rowid < :before" if before is not None else ""
    statement = text(
        f"SELECT conversation_id FROM messages WHERE id IN (SELECT rowid FROM message_words WHERE message_words MATCH :query {older}"  # noqa: S608
        " ORDER BY rowid DESC LIMIT :most)"
    )
    values = {"query": query, "most": most} | ({"before": before} if before is not None else {})
    return [row.conversation_id for row in connection.execute(statement, values)]


def _postgresql(connection: Connection, words: list[str], *, before: int | None, most: int) -> list[str]:
    """Common words are found among the newest messages alone: the index says no order, and all that fit would have to be sorted."""
    query = " & ".join(f"'{word}':*" for word in words)
    fits = func.to_tsvector(text("'simple'"), messages.c.text).bool_op("@@")(func.to_tsquery(text("'simple'"), query))
    newest = select(messages.c.id, messages.c.conversation_id).where(fits)
    if before is not None:
        newest = newest.where(messages.c.id < before)
    last = before or int(connection.execute(select(func.max(messages.c.id))).scalar_one() or 0)
    for since in (last - RECENT, None):
        some = newest if since is None else newest.where(messages.c.id > since)
        # Materialised: else the planner walks along the ids and takes every text apart.
        found = some.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
        rows = list(connection.execute(select(found.c.conversation_id).order_by(found.c.id.desc()).limit(most)).scalars())
        if len(rows) == most:
            break
    return rows


def _of_references(connection: Connection, typed: str) -> set[str]:
    """Requests whose reference begins so, whatever its case, and the hand-over "C-000123"."""
    found: set[str] = set()
    beginning = typed.strip().lower()
    if any(letter.isdigit() for letter in beginning):
        lower = func.lower(requests.c.reference)
        above = beginning[:-1] + chr(ord(beginning[-1]) + 1)
        between, begins = (lower >= beginning) & (lower < above), lower.startswith(beginning, autoescape=True)
        fits = between if connection.dialect.name == "sqlite" else begins
        found.update(connection.execute(select(requests.c.conversation_id).where(fits).limit(LOOKED_AT)).scalars())
    if case := CASE.fullmatch(typed.strip()):
        found.update(connection.execute(select(handovers.c.conversation_id).where(handovers.c.id == int(case[1]))).scalars())
    return found


def _first_after(connection: Connection, moment: datetime) -> int:
    """The id of a message since which nothing was written before `moment`: ids grow with time, so that twenty looks find it."""
    low, high = 0, int(connection.execute(select(func.max(messages.c.id))).scalar_one() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        look = select(messages.c.created_at).where(messages.c.id >= middle).order_by(messages.c.id).limit(1)
        at = connection.execute(look).scalar_one_or_none()
        if at is None or at >= moment:
            high = middle
        else:
            low = middle + 1
    return low


def citizen_in(connection: Connection, keys: Keys, typed: str) -> int | None:
    """The contact whose number or address was typed, 0 where we know no such; None where none was typed."""
    for one in find(typed):
        if one.kind in ("phone", "email"):
            known = select(contacts.c.id).where(contacts.c.kind == one.kind, contacts.c.pseudonym == keys.pseudonym(one.value))
            return int(connection.execute(known).scalar_one_or_none() or 0)
    return None
